//! Patterns of names and paths: `*` stands for any text without `/`, `**` for any, `**/` for any folders or none.

/// Whether the whole text fits the pattern. Time is bounded by the product of both lengths.
pub fn matches(pattern: &str, text: &str) -> bool {
    let text = text.as_bytes();
    // Says of each place in the text whether the pattern so far can end there.
    let mut ends = vec![false; text.len() + 1];
    ends[0] = true;
    let mut rest = pattern.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = if let Some(after) = rest.strip_prefix(b"**/") {
            skip_folders(&mut ends, text);
            after
        } else if let Some(after) = rest.strip_prefix(b"**") {
            spread(&mut ends, |_| true);
            after
        } else if first == b'*' {
            spread(&mut ends, |at| text[at] != b'/');
            after
        } else {
            step(&mut ends, text, first);
            after
        };
    }
    ends[text.len()]
}

/// The pattern's next byte must be the text's.
fn step(ends: &mut [bool], text: &[u8], byte: u8) {
    for at in (0..text.len()).rev() {
        ends[at + 1] = ends[at] && text[at] == byte;
    }
    ends[0] = false;
}

/// The pattern may go on over every byte that may be passed.
fn spread(ends: &mut [bool], may_pass: impl Fn(usize) -> bool) {
    for at in 1..ends.len() {
        ends[at] |= ends[at - 1] && may_pass(at - 1);
    }
}

/// The pattern may go on where it is, or after any later `/`.
fn skip_folders(ends: &mut [bool], text: &[u8]) {
    let mut reached = false;
    for at in 0..ends.len() {
        let after_slash = at > 0 && text[at - 1] == b'/';
        let here = ends[at];
        ends[at] = here || (reached && after_slash);
        reached |= here;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_fit_text_and_folders() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("", "", true),
            ("a*", "abc", true),
            ("*-tls", "web-tls", true),
            ("*-tls", "web-key", false),
            ("envs/*.yaml", "envs/a.yaml", true),
            ("envs/*.yaml", "envs/b/a.yaml", false),
            ("envs/**", "envs/b/a.yaml", true),
            ("**/a.yaml", "a.yaml", true),
            ("**/a.yaml", "b/c/a.yaml", true),
            ("**/a.yaml", "ba.yaml", false),
            ("envs/**/a.yaml", "envs/a.yaml", true),
            ("é*", "école", true),
            ("é*", "ete", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        assert!(!matches(&"*a".repeat(200), &"b".repeat(20_000)));
    }
}
