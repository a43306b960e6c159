//! The patterns of `.Files.Glob`: `*`, `**`, `?`, `[a-z]`, `[!a-z]` and `{a,b}`, with `/` between folders.

use regex::{Regex, RegexBuilder};

/// A pattern.
#[derive(Debug)]
pub(crate) struct Glob(Regex);

/// A compiled pattern takes no more than that.
const MOST: usize = 1 << 20;

impl Glob {
    /// None of what is no pattern.
    pub(crate) fn new(pattern: &str) -> Option<Glob> {
        let mut expression = String::from("^(?:");
        let mut chars = pattern.chars().peekable();
        let mut depth = 0_usize;
        while let Some(char) = chars.next() {
            match char {
                '*' if chars.next_if_eq(&'*').is_some() => expression.push_str(".*"),
                '*' => expression.push_str("[^/]*"),
                '?' => expression.push_str("[^/]"),
                '\\' => expression.push_str(&regex::escape(&chars.next()?.to_string())),
                '{' => {
                    depth += 1;
                    expression.push_str("(?:");
                }
                '}' if depth > 0 => {
                    depth -= 1;
                    expression.push(')');
                }
                ',' if depth > 0 => expression.push('|'),
                '[' => {
                    expression.push('[');
                    if chars.next_if_eq(&'!').is_some() {
                        expression.push('^');
                    }
                    let mut inside = String::new();
                    loop {
                        match chars.next()? {
                            ']' if !inside.is_empty() => break,
                            '-' => inside.push('-'),
                            '\\' => inside.push_str(&regex::escape(&chars.next()?.to_string())),
                            char => inside.push_str(&regex::escape(&char.to_string())),
                        }
                    }
                    expression.push_str(&inside);
                    expression.push(']');
                }
                char => expression.push_str(&regex::escape(&char.to_string())),
            }
        }
        if depth > 0 {
            return None;
        }
        expression.push_str(")$");
        let regex = RegexBuilder::new(&expression).dot_matches_new_line(true).size_limit(MOST).build();
        regex.ok().map(Glob)
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        let rows = [
            ("*.txt", "a.txt", true),
            ("*.txt", "d/a.txt", false),
            ("**.txt", "d/a.txt", true),
            ("**/*.txt", "a.txt", false),
            ("**/*.txt", "d/e/a.txt", true),
            ("d/**", "d/e/a.txt", true),
            ("d/*", "d/e/a.txt", false),
            ("d/?.txt", "d/a.txt", true),
            ("?", "/", false),
            ("{a,b}/*.{yml,yaml}", "b/x.yaml", true),
            ("{a,b}/*.{yml,yaml}", "c/x.yaml", false),
            ("[ab].txt", "b.txt", true),
            ("[!ab].txt", "b.txt", false),
            ("[a-c].txt", "b.txt", true),
            ("a\\*b", "a*b", true),
            ("a.b", "axb", false),
            ("", "a", false),
            ("", "", true),
        ];
        for (pattern, name, fits) in rows {
            assert_eq!(Glob::new(pattern).unwrap().matches(name), fits, "{pattern} {name}");
        }
        for wrong in ["{a", "[a", "a\\"] {
            assert!(Glob::new(wrong).is_none(), "{wrong}");
        }
    }
}
