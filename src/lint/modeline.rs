//! Modelines: comments in a values file that say which chart it belongs to.
//!
//! ```yaml
//! # plimsoll: chart=skyflo preset=production
//! # yaml-language-server: $schema=../schemas/skyflo.schema.json
//! ```
//!
//! The second is what the YAML language server of editors reads: who has set it up need not say the same twice.
//!
//! | line | is read as |
//! |---|---|
//! | `# plimsoll: chart=skyflo preset=a preset=b` | the chart, and presets from low to high |
//! | `# plimsoll: chart` | an unknown word: L002 |
//! | `# plimsoll: allow(latest-tag) why` | nothing here: it suppresses a rule |
//! | `  # plimsoll: chart=skyflo` | nothing: it is indented, and may be a line of a block scalar |
//!
//! Words keep their places in the file, so that a finding can underline them.

use std::ops::Range;

/// What the modelines of a file say together.
#[derive(Debug, Default)]
pub(super) struct Modeline<'t> {
    /// After `chart=`; of several, the last.
    pub(super) chart: Option<Word<'t>>,
    /// After `preset=`, in their order.
    pub(super) presets: Vec<Word<'t>>,
    /// The path or URL of the schema that an editor uses; of several, the first.
    pub(super) schema: Option<&'t str>,
    /// Words that mean nothing.
    pub(super) unknown: Vec<Word<'t>>,
}

/// A word of a modeline.
#[derive(Clone, Debug)]
pub(super) struct Word<'t> {
    /// Without the key: `skyflo` of `chart=skyflo`.
    pub(super) text: &'t str,
    /// The bytes of the file that it is.
    pub(super) range: Range<usize>,
}

const OWN_PREFIX: &str = "plimsoll:";
const EDITOR_PREFIX: &str = "yaml-language-server:";

impl<'t> Modeline<'t> {
    /// Parses the comments that stand alone on a line, without indentation, anywhere in a text.
    pub(super) fn parse(text: &'t str) -> Self {
        let mut found = Modeline::default();
        // Every file is looked through, and few have a modeline: a search for `#` passes over most of a text at once.
        // A `#` further right may be text: `a: "# plimsoll: …"`, or a line of a block scalar.
        let begins_line = |at: &usize| text[..*at].is_empty() || text[..*at].ends_with('\n');
        for start in memchr::memchr_iter(b'#', text.as_bytes()).filter(begins_line) {
            // Nothing follows a `#` at the very end of a text.
            let comment = text[start + 1..].lines().next().unwrap_or_default();
            let body = comment.trim_start();
            let at = start + 1 + comment.len() - body.len();
            // `# plimsoll: allow(rule) why` suppresses a rule, and is none of ours.
            if let Some(words) =
                body.strip_prefix(OWN_PREFIX).filter(|words| !words.trim().starts_with("allow("))
            {
                found.parse_words(words, at + OWN_PREFIX.len());
            } else if let Some(words) = body.strip_prefix(EDITOR_PREFIX) {
                let schema = words.split_whitespace().find_map(|word| word.strip_prefix("$schema="));
                found.schema = found.schema.or(schema);
            }
        }
        found
    }

    /// The names of the presets.
    pub(super) fn preset_names(&self) -> Vec<String> {
        self.presets.iter().map(|preset| preset.text.to_owned()).collect()
    }

    /// Parses the words after the prefix; `base` is the byte of the file that they begin at.
    fn parse_words(&mut self, words: &'t str, base: usize) {
        // By hand, since `split_whitespace` does not say where a word stands.
        let mut rest = words;
        while let Some(word) = rest.split_whitespace().next() {
            let at = words.len() - rest.len() + rest.find(word).unwrap_or(0);
            let whole = Word { text: word, range: base + at..base + at + word.len() };
            let value = |key: &str| {
                let text = word.strip_prefix(key).filter(|value| !value.is_empty())?;
                Some(Word { text, range: whole.range.end - text.len()..whole.range.end })
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
        let found = Modeline::parse(text);
        assert_eq!(found.chart.as_ref().map(|chart| &text[chart.range.clone()]), Some("web"));
        assert_eq!(found.preset_names(), ["a", "b"]);
        assert_eq!(&text[found.presets[1].range.clone()], "b");
        assert_eq!(found.unknown.iter().map(|word| word.text).collect::<Vec<_>>(), ["odd"]);
        assert_eq!(found.schema, Some("x/web.schema.json"));
    }
}
