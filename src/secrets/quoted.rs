//! Secrets in the words of a finding: the texts that masking took out of the lines that it points at, found again where a
//! message quotes them.
//!
//! A message may have a value in another form than the file: without its quotes, with its escapes read, within a longer
//! text. So each hidden text is looked for as it is written and as YAML reads it.

use std::cmp::Reverse;

/// A text that must not be shown. The longest comes first in order: one may be a part of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HiddenText {
    length: Reverse<usize>,
    text: String,
}

/// Bytes of the shortest text that is looked for within others: shorter ones are found in any text, by accident.
const SHORTEST: usize = 4;

/// Bytes of a text that is long enough to stand nowhere by accident.
const SURE: usize = 12;

impl HiddenText {
    /// A text that must not be shown; none for one that is too short to be looked for.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        // Stars are what is shown.
        let says_something = text.len() >= SHORTEST && text.chars().any(char::is_alphanumeric);
        says_something.then(|| HiddenText { length: Reverse(text.len()), text: text.to_owned() })
    }

    /// A message with three stars in the place of the text: between backticks, where it stands as a word of its own, and anywhere
    /// if it is no word of any message.
    #[must_use]
    pub fn taken_out_of(&self, message: &str) -> String {
        if !message.contains(&self.text) {
            return message.to_owned();
        }
        let has_other = self.text.contains(|c: char| !c.is_alphabetic());
        if self.text.len() >= SURE || (has_other && self.text.len() >= SURE / 2) {
            return message.replace(&self.text, "***");
        }
        let mut shown = String::with_capacity(message.len());
        for (index, part) in message.split('`').enumerate() {
            if index > 0 {
                shown.push('`');
            }
            if index % 2 == 1 { self.push_without(part, &mut shown) } else { shown.push_str(part) }
        }
        shown
    }

    fn push_without(&self, part: &str, shown: &mut String) {
        let mut done = 0;
        for (at, found) in part.match_indices(&self.text) {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let end = at + found.len();
            if !part[..at].ends_with(is_word) && !part[end..].starts_with(is_word) {
                shown.push_str(&part[done..at]);
                shown.push_str("***");
                done = end;
            }
        }
        shown.push_str(&part[done..]);
    }
}

/// The texts that are stars in `shown`, which is `written` masked byte for byte; each as it is written, and as YAML reads it.
pub fn hidden_texts(written: &str, shown: &str) -> Vec<HiddenText> {
    let mut found = Vec::new();
    let mut start = 0;
    let bytes = shown.as_bytes();
    while let Some(begin) = memchr::memchr(b'*', &bytes[start..]).map(|at| start + at) {
        let end =
            bytes[begin..].iter().position(|byte| *byte != b'*').map_or(bytes.len(), |length| begin + length);
        start = end;
        // What is no boundary of characters, or has stars of its own, is left as it is.
        let Some(text) = written.get(begin..end).filter(|text| text.bytes().any(|byte| byte != b'*')) else {
            continue;
        };
        let text = text.trim().trim_end_matches(',');
        // The tags that YAML has itself.
        if text.strip_prefix("!!").is_some_and(|name| name.chars().all(char::is_alphabetic)) {
            continue;
        }
        let inside = text.trim_start_matches(['!', '&', '*']).trim_matches(['"', '\'']);
        found.extend([text, inside].into_iter().filter_map(HiddenText::of));
        if let Some(read) = unescaped(text) {
            found.extend(read.lines().filter_map(HiddenText::of));
        }
    }
    found
}

/// What a text in quotes says; none for one without quotes, or without anything that would be read in another way.
fn unescaped(text: &str) -> Option<String> {
    if text.starts_with('\'') {
        return text.contains("''").then(|| text.trim_matches('\'').replace("''", "'"));
    }
    if !text.starts_with('"') || !text.contains('\\') {
        return None;
    }
    // JSON's escapes are those that values have; what has others of YAML is left as it is written.
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(written: &str, shown: &str, message: &str) -> String {
        hidden_texts(written, shown)
            .iter()
            .fold(message.to_owned(), |message, hidden| hidden.taken_out_of(&message))
    }

    #[test]
    fn a_value_is_found_in_the_form_that_a_message_has() {
        for (written, message, clean) in [
            ("a: hunter2", "write it as `{name: hunter2}`", "write it as `{name: ***}`"),
            ("a: \"hunter2\"", "`hunter2` is odd", "`***` is odd"),
            ("a: \"\\\"hun\\ter2\"", "`\"hun\ter2` is odd", "`***` is odd"),
            ("a: 'it''s me'", "`it's me` is odd", "`***` is odd"),
            ("a: string", "this is a string, `string`", "this is a string, `***`"),
            ("a: main", "`domain` is `main`", "`domain` is `***`"),
        ] {
            let shown = format!("a: {}", "*".repeat(written.len() - 3));
            assert_eq!(cleaned(written, &shown, message), clean, "{written}");
        }
    }

    #[test]
    fn stars_of_the_text_itself_are_no_secret() {
        assert_eq!(hidden_texts("a: **** b", "a: **** b"), []);
    }
}
