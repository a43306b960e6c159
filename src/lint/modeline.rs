//! Modelines: comments in a values file that say which chart it belongs to.
//!
//! ```yaml
//! # plimsoll: chart=skyflo preset=production
//! # yaml-language-server: $schema=../schemas/skyflo.schema.json
//! ```

use std::ops::Range;

/// What the modelines of a file say.
#[derive(Debug, Default)]
pub(super) struct Modeline<'t> {
    pub(super) chart: Option<Word<'t>>,
    pub(super) presets: Vec<Word<'t>>,
    /// The path or URL of the schema that an editor uses.
    pub(super) schema: Option<&'t str>,
    /// Words that mean nothing.
    pub(super) unknown: Vec<Word<'t>>,
}

/// A word of a modeline, and where it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) place: Range<usize>,
}

const OURS: &str = "plimsoll:";
const EDITORS: &str = "yaml-language-server:";

impl<'t> Modeline<'t> {
    /// Reads the comments that stand alone on a line, without indentation.
    pub(super) fn read(text: &'t str) -> Self {
        let mut found = Modeline::default();
        let begins_line = |at: &usize| text[..*at].is_empty() || text[..*at].ends_with('\n');
        for start in memchr::memchr_iter(b'#', text.as_bytes()).filter(begins_line) {
            let comment = text[start + 1..].lines().next().unwrap_or_default();
            let body = comment.trim_start();
            let at = start + 1 + comment.len() - body.len();
            if let Some(words) = body.strip_prefix(OURS).filter(|words| !words.trim().starts_with("allow(")) {
                found.words(words, at + OURS.len());
            } else if let Some(words) = body.strip_prefix(EDITORS) {
                let schema = words.split_whitespace().find_map(|word| word.strip_prefix("$schema="));
                found.schema = found.schema.or(schema);
            }
        }
        found
    }

    /// The names of the presets.
    pub(super) fn presets(&self) -> Vec<String> {
        self.presets.iter().map(|preset| preset.text.to_owned()).collect()
    }

    fn words(&mut self, words: &'t str, base: usize) {
        let mut rest = words;
        while let Some(word) = rest.split_whitespace().next() {
            let at = words.len() - rest.len() + rest.find(word).unwrap_or(0);
            let whole = Word { text: word, place: base + at..base + at + word.len() };
            let value = |key: &str| {
                let text = word.strip_prefix(key).filter(|value| !value.is_empty())?;
                Some(Word { text, place: whole.place.end - text.len()..whole.place.end })
            };
            if let Some(chart) = value("chart=") {
                self.chart = Some(chart);
            } else if let Some(preset) = value("preset=") {
                self.presets.push(preset);
            } else {
                self.unknown.push(whole);
            }
            rest = &words[at + word.len()..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_their_places_are_found() {
        let text = "# plimsoll: chart=web preset=a  preset=b odd\n#yaml-language-server: $schema=x/web.schema.json\n\
                    a: 1\n  # plimsoll: chart=no\n# plimsoll: allow(latest-tag) why\n";
        let found = Modeline::read(text);
        assert_eq!(found.chart.as_ref().map(|chart| &text[chart.place.clone()]), Some("web"));
        assert_eq!(found.presets(), ["a", "b"]);
        assert_eq!(&text[found.presets[1].place.clone()], "b");
        assert_eq!(found.unknown.iter().map(|word| word.text).collect::<Vec<_>>(), ["odd"]);
        assert_eq!(found.schema, Some("x/web.schema.json"));
    }
}
