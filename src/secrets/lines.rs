//! Lines of YAML that nobody has read: where a key ends, and which quotes are open.

/// Where the value of a line begins: behind dashes, and behind a key and its colon.
pub(super) fn key_end(line: &str) -> usize {
    let words = line.trim_start_matches([' ', '\t', '-', '?']);
    let at = line.len() - words.len();
    // Markers of documents and directives have no value.
    if line.starts_with("---") && words.is_empty() {
        return line.len();
    }
    let quoted = words.chars().next().filter(|first| matches!(first, '"' | '\''));
    let end = match quoted {
        Some(quote) => words[1..]
            .find(quote)
            .map(|end| end + 2)
            .filter(|end| words[*end..].trim_start().starts_with(':')),
        None => words.find(':').filter(|end| words[..*end].chars().all(is_key)),
    };
    let Some(end) = end else { return at };
    let colon = end + words[end..].find(':').map_or(0, |colon| colon + 1);
    // `a:b` is no key with a value, but a text.
    let is_key = words[colon..].is_empty() || words[colon..].starts_with([' ', '\t']) || quoted.is_some();
    if is_key { at + colon } else { at }
}

/// The characters of a key that is not quoted.
fn is_key(c: char) -> bool {
    c.is_alphanumeric() || "_-./$<".contains(c)
}

/// The quote that a value opens and does not close in its line.
pub(super) fn open_quote(value: &str) -> Option<char> {
    let mut open = None;
    let mut escaped = false;
    let mut before = ' ';
    for character in value.chars() {
        match open {
            _ if escaped => escaped = false,
            Some('"') if character == '\\' => escaped = true,
            Some(quote) if character == quote => open = None,
            // In the middle of a word it is an apostrophe.
            None if matches!(character, '"' | '\'') && !before.is_alphanumeric() => open = Some(character),
            _ => {}
        }
        before = character;
    }
    open
}

/// Whether a line closes the quote that was open before it.
pub(super) fn closes(line: &str, quote: char) -> bool {
    line.matches(quote).count() % 2 == 1
}
