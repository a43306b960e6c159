//! `.helmignore`: which files of a chart's folder are not part of the chart, by Helm's own grammar.
//!
//! It looks like `.gitignore` and is not: the first rule that matches decides, `!` means "everything but this", `**` is
//! refused, and a pattern is one of Go's `filepath.Match`.

use std::collections::BTreeSet;

/// The rules of a `.helmignore`.
#[derive(Debug)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    /// Of the name alone, and not of the path: the pattern has no slash.
    of_name: bool,
    only_folders: bool,
    negated: bool,
}

impl Rules {
    /// The rules of a text, one a line, and the one that every chart has: no dotfiles among the templates.
    ///
    /// # Errors
    /// The number of the first line that is wrong, from 1, and what is wrong there.
    pub(super) fn parse(text: &str) -> Result<Rules, (usize, String)> {
        let mut rules = Vec::new();
        for (index, line) in text.lines().enumerate() {
            rules.extend(Rule::parse(line).map_err(|wrong| (index + 1, wrong))?);
        }
        rules.extend(Rule::parse("templates/.?*").unwrap_or_default());
        Ok(Rules(rules))
    }

    /// Whether a file or folder is left out, by its path below the chart's folder.
    pub(super) fn ignore(&self, path: &str, is_folder: bool) -> bool {
        for rule in &self.0 {
            let of_kind = !rule.only_folders || is_folder;
            if rule.negated {
                if !of_kind || !rule.matches(path) {
                    return true;
                }
            } else if of_kind && rule.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Rule {
    /// The rule of a line; none of an empty line or a comment.
    fn parse(line: &str) -> Result<Option<Rule>, String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        if line.contains("**") {
            return Err("double-star (**) syntax is not supported".to_owned());
        }
        Pattern::parse(line)?;
        let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (only_folders, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let of_name = !line.contains('/');
        let pattern = Pattern::parse(line.strip_prefix('/').unwrap_or(line))?;
        Ok(Some(Rule { pattern, of_name, only_folders, negated }))
    }

    fn matches(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.pattern.matches(if self.of_name { name } else { path })
    }
}

/// A pattern of Go's `path.Match`: `*`, `?`, `[a-z]`, `[^a-z]` and `\`.
#[derive(Debug)]
struct Pattern(Vec<Item>);

#[derive(Debug)]
enum Item {
    /// Any number of characters that are no slash.
    Star,
    /// One character that is no slash.
    Any,
    One(char),
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    fn parse(text: &str) -> Result<Pattern, String> {
        let wrong = || format!("syntax error in pattern `{text}`");
        let mut items = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            items.push(match char {
                '*' => Item::Star,
                '?' => Item::Any,
                '\\' => Item::One(chars.next().ok_or_else(wrong)?),
                '[' => {
                    let negated = chars.next_if_eq(&'^').is_some();
                    let mut ranges = Vec::new();
                    while ranges.is_empty() || chars.next_if_eq(&']').is_none() {
                        let low = class_char(&mut chars).ok_or_else(wrong)?;
                        let has_high = chars.next_if_eq(&'-').is_some();
                        let high = if has_high { class_char(&mut chars).ok_or_else(wrong)? } else { low };
                        ranges.push((low, high));
                    }
                    Item::Class { negated, ranges }
                }
                char => Item::One(char),
            });
        }
        Ok(Pattern(items))
    }

    /// Whether the whole name fits. All places of the pattern that the name may have come to are carried along, so the
    /// time grows with the product of the two lengths and no faster.
    fn matches(&self, name: &str) -> bool {
        let mut places = BTreeSet::new();
        self.enter(0, &mut places);
        for char in name.chars() {
            let mut next = BTreeSet::new();
            for &place in &places {
                match self.0.get(place) {
                    Some(Item::Star) if char != '/' => self.enter(place, &mut next),
                    Some(item) if item.takes(char) => self.enter(place + 1, &mut next),
                    _ => {}
                }
            }
            places = next;
        }
        places.contains(&self.0.len())
    }

    /// Adds a place, and those behind the stars at it, which may stand for nothing.
    fn enter(&self, place: usize, places: &mut BTreeSet<usize>) {
        let stars = self.0.iter().skip(place).take_while(|item| matches!(item, Item::Star)).count();
        places.extend(place..=place + stars);
    }
}

impl Item {
    fn takes(&self, char: char) -> bool {
        match self {
            Item::Star => false,
            Item::Any => char != '/',
            Item::One(one) => *one == char,
            Item::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&char)) != *negated
            }
        }
    }
}

/// A character of a class: not the end of it, and not the sign of a range.
fn class_char(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match chars.next()? {
        '-' | ']' => None,
        '\\' => chars.next(),
        char => Some(char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_go() {
        let rows = [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "a\u{263a}b", true),
            ("a?b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[!a]", "!", true),
            ("", "", true),
        ];
        for (pattern, name, fits) in rows {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(name), fits, "{pattern} {name}");
        }
        for wrong in ["[", "[]a]", "[-]", "[x-]", "[-x]", "a[", "\\", "[^]", "[a-"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let rows = [
            ("helm.txt", "helm.txt", false, true),
            ("helm.txt", "mast/helm.txt", false, true),
            ("/helm.txt", "mast/helm.txt", false, false),
            ("cargo/*.txt", "cargo/a.txt", false, true),
            ("cargo/*.txt", "mast/cargo/a.txt", false, false),
            ("cargo/", "cargo", true, true),
            ("cargo/", "cargo", false, false),
            ("/cargo/", "mast/cargo", true, false),
            ("!*.yaml", "a.txt", false, true),
            ("!*.yaml", "a.yaml", false, false),
            ("!dir/", "a.yaml", false, true),
            ("# a comment\n\n  a.txt  ", "a.txt", false, true),
            ("", "templates/.dot", false, true),
            ("", "templates/.", false, false),
            ("", "templates/sub/.dot", false, false),
            ("", ".dot", false, false),
        ];
        for (rules, path, is_folder, ignored) in rows {
            assert_eq!(Rules::parse(rules).unwrap().ignore(path, is_folder), ignored, "{rules} {path}");
        }
        assert_eq!(Rules::parse("a\n**/b").unwrap_err().0, 2);
        assert_eq!(Rules::parse("[").unwrap_err().0, 1);
    }
}
