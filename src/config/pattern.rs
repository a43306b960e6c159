//! `Pattern`: patterns of names and paths in `plimsoll.yaml` and `chart.yaml`, compiled with globset.
//!
//! | pattern | stands for |
//! |---|---|
//! | `*` | any text without `/`, also none |
//! | `**/` | any folders, or none |
//! | `**` | any text |
//!
//! Everything else stands for itself. globset knows more (`?`, `[a-z]`, `{a,b}`, escapes with `\`), and file names such
//! as `values[1].yaml` exist, so its special characters are escaped before it sees them.

use std::fmt;
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet};

/// A pattern, compiled once and matched often: against each reference of a set of manifests, for example.
#[derive(Clone)]
pub struct Pattern {
    text: Arc<str>,
    /// A set of one, because only sets say that a pattern is too large: `Glob::compile_matcher` panics. Shared,
    /// because each clone of an automaton would have a cache of its own. None if no star is in the text:
    /// comparing it is all that is needed.
    glob: Option<Arc<GlobSet>>,
}

/// A pattern of some hundred thousand characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`TooLarge`], if its automaton would take more than the ten megabytes that globset allows.
    /// There is no other wrong pattern.
    pub fn new(pattern: &str) -> Result<Self, TooLarge> {
        if !pattern.contains('*') {
            return Ok(Pattern::exact(pattern));
        }
        // Set, because globset's defaults are others, and that of the escape depends on the platform. `to_glob` needs
        // all three: a star takes no slash, `\` escapes on Windows too, and `{,x}` may be nothing.
        let glob = GlobBuilder::new(&to_glob(pattern))
            .literal_separator(true)
            .backslash_escape(true)
            .empty_alternates(true)
            .build();
        let set = glob.and_then(|glob| GlobSet::builder().add(glob).build());
        let set = set.map_err(|_| TooLarge)?;
        Ok(Pattern { text: Arc::from(pattern), glob: Some(Arc::new(set)) })
    }

    /// A pattern that fits one text alone, whatever is in it.
    pub fn exact(text: &str) -> Self {
        Pattern { text: Arc::from(text), glob: None }
    }

    /// Whether the whole text fits the pattern. Takes time in proportion to the text.
    pub fn matches(&self, text: &str) -> bool {
        match &self.glob {
            None => *self.text == *text,
            Some(glob) => glob.is_match(text),
        }
    }
}

/// Its text alone: a compiled automaton is many pages long.
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

/// A pattern in the language of globset, with the same meaning.
///
/// globset takes two stars for any text only where they are a whole part of a path, between two slashes, and for one
/// star elsewhere. Here they stand for any text wherever they are, so elsewhere they are written as alternatives: any
/// text without a slash, or with some.
fn to_glob(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        // `**/` at the beginning of a part means folders, which globset knows; `a**/` means a text that ends in a
        // slash.
        let begins_part = rest.len() == pattern.len() || pattern[..pattern.len() - rest.len()].ends_with('/');
        if let Some(after) = rest.strip_prefix("**/") {
            glob.push_str(if begins_part { "**/" } else { "{,*/**/}" });
            rest = after;
        } else if let Some(after) = rest.strip_prefix("**") {
            glob.push_str(if begins_part && after.is_empty() { "**" } else { "{*,*/**/*}" });
            rest = after;
        } else {
            if matches!(character, '?' | '[' | ']' | '{' | '}' | '\\') {
                glob.push('\\');
            }
            glob.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    glob
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(text)
    }

    #[test]
    fn stars_fit_text_and_folders() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("", "", true),
            ("a*", "abc", true),
            ("a*", "a", true),
            ("*-tls", "web-tls", true),
            ("*-tls", "web-key", false),
            ("envs/*.yaml", "envs/a.yaml", true),
            ("envs/*.yaml", "envs/.yaml", true),
            ("envs/*.yaml", "envs/b/a.yaml", false),
            ("envs/**", "envs/b/a.yaml", true),
            ("envs/**", "envs/", true),
            ("envs/**", "envs", false),
            ("**", "", true),
            ("**", "a/b", true),
            ("**/a.yaml", "a.yaml", true),
            ("**/a.yaml", "b/c/a.yaml", true),
            ("**/a.yaml", "ba.yaml", false),
            ("envs/**/a.yaml", "envs/a.yaml", true),
            ("envs/**/a.yaml", "envs/b/c/a.yaml", true),
            ("envs/**/**/a.yaml", "envs/a.yaml", true),
            ("é*", "école", true),
            ("é*", "ete", false),
            ("*", "a\nb", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        assert!(!matches(&"*a".repeat(200), &"b".repeat(20_000)));
    }

    /// Two stars stand for any text wherever they are.
    #[test]
    fn two_stars_fit_inside_a_name() {
        for (pattern, text, fits) in [
            ("a**", "ab/c", true),
            ("a**", "a", true),
            ("a**z", "az", true),
            ("a**z", "ab/c/yz", true),
            ("a**z", "ab/c/y", false),
            ("**z", "a/bz", true),
            ("a/**z", "a/z", true),
            ("a/**z", "a/b/cz", true),
            ("a**/z", "az", true),
            ("a**/z", "ab/z", true),
            ("a**/z", "a/z", true),
            ("a**/z", "ab/c/z", true),
            ("a**/z", "abz", false),
            ("a***", "a/b", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn all_other_characters_stand_for_themselves() {
        for text in ["a?", "[ab]", "{a,b}", "a\\b", "a,b", "!a", "[!a]", "a]", "}", "(a|b)+", "^a$", "."] {
            for pattern in [text.to_owned(), format!("*{text}"), format!("{text}*"), format!("**{text}")] {
                assert!(matches(&pattern, text), "{pattern}");
                assert!(!matches(&pattern, "b"), "{pattern}");
            }
        }
        assert!(!matches("a?*", "ab"));
        assert!(!matches("[ab]*", "a"));
        assert!(!matches("{a,b}*", "a"));
    }

    #[test]
    fn a_pattern_beyond_all_measure_is_refused() {
        let pattern = format!("*{}", "a".repeat(700_000));
        assert_eq!(Pattern::new(&pattern).map(|_| ()), Err(TooLarge));
    }
}
