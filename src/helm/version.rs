//! Versions and the ranges of versions that Helm's constraints name, as Masterminds' semver has them.

use std::cmp::Ordering;
use std::fmt;

/// A version: `1.2.3-rc.1+build`, also `v1` and `1.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number, 0 if it was not written.
    pub minor: u64,
    /// The third number, 0 if it was not written.
    pub patch: u64,
    /// What stands behind `-`; empty for a release.
    pub pre: String,
    /// What stands behind `+`.
    pub metadata: String,
    /// As it was written.
    pub original: String,
}

/// A range of versions: alternatives, of each of which all conditions must hold.
#[derive(Clone, Debug)]
pub struct Constraint {
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug)]
struct Alternative {
    conditions: Vec<Condition>,
    /// Whether a version before a release can fit: if one of the conditions names one.
    includes_pre: bool,
}

#[derive(Clone, Debug)]
struct Condition {
    operator: Operator,
    version: Version,
    /// How many numbers of the version were written and are no `x`.
    written: Written,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    TildeOrEqual,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// The numbers that a condition names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Nothing,
    Major,
    Minor,
    Patch,
}

/// What stands behind the numbers of a version: `-pre` and `+metadata`.
fn suffix(text: &str) -> Option<(&str, &str, usize)> {
    let mut at = 0;
    let pre = match text.strip_prefix('-') {
        Some(rest) => {
            let pre = identifiers(rest)?;
            at = 1 + pre.len();
            pre
        }
        None => "",
    };
    let rest = text.get(at..)?;
    let metadata = match rest.strip_prefix('+') {
        Some(rest) => {
            let metadata = identifiers(rest)?;
            at += 1 + metadata.len();
            metadata
        }
        None => "",
    };
    Some((pre, metadata, at))
}

/// The longest run of identifiers of letters, digits and `-`, with points between them. `None` if there is none.
fn identifiers(text: &str) -> Option<&str> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let bytes = text.as_bytes();
    let run = |from: usize| bytes.iter().skip(from).take_while(|byte| is_part(**byte)).count();
    let mut end = run(0);
    if end == 0 {
        return None;
    }
    while bytes.get(end) == Some(&b'.') && run(end + 1) > 0 {
        end += 1 + run(end + 1);
    }
    text.get(..end)
}

impl Version {
    /// Reads a version as Helm does: a `v` before it, and missing numbers, are let through.
    ///
    /// # Errors
    /// In words, when it is none.
    pub fn parse(text: &str) -> Result<Version, String> {
        let invalid = || "invalid semantic version".to_owned();
        let rest = text.strip_prefix('v').unwrap_or(text);
        let mut numbers = Vec::new();
        let mut at = 0;
        while numbers.len() < 3 {
            let from = if numbers.is_empty() { 0 } else { at + 1 };
            if !numbers.is_empty() && rest.as_bytes().get(at) != Some(&b'.') {
                break;
            }
            let digits = rest.bytes().skip(from).take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                break;
            }
            numbers.push(rest.get(from..from + digits).unwrap_or_default());
            at = from + digits;
        }
        if numbers.is_empty() {
            return Err(invalid());
        }
        let (pre, metadata, length) = suffix(rest.get(at..).unwrap_or_default()).ok_or_else(invalid)?;
        if at + length != rest.len() {
            return Err(invalid());
        }
        let number = |index: usize| {
            let digits = numbers.get(index).copied().unwrap_or("0");
            digits.parse::<u64>().map_err(|_| {
                format!("error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range")
            })
        };
        let (major, minor, patch) = (number(0)?, number(1)?, number(2)?);
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if pre.split('.').any(|part| is_number(part) && part.len() > 1 && part.starts_with('0')) {
            return Err("version segment starts with 0".to_owned());
        }
        Ok(Version {
            major,
            minor,
            patch,
            pre: pre.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    /// Whether it is a release, and not a version before one.
    pub fn is_release(&self) -> bool {
        self.pre.is_empty()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(formatter, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// By precedence: metadata does not count. So two versions can be of one rank and not equal.
impl Version {
    /// Which of two comes first.
    pub fn rank(&self, other: &Version) -> Ordering {
        let numbers = |version: &Version| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| compare_pre(&self.pre, &other.pre))
    }
}

/// A release comes behind what is before it; identifiers that are numbers come before those that are none.
fn compare_pre(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut lefts, mut rights) = (left.split('.'), right.split('.'));
    loop {
        let order = match (lefts.next(), rights.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) if left == right => Ordering::Equal,
            (Some(left), Some(right)) => match (left.parse::<u64>(), right.parse::<u64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// A version as a condition writes it, at the beginning of a text: numbers may be `x`, `X` or `*`.
struct Pattern<'t> {
    numbers: [&'t str; 3],
    pre: &'t str,
    /// With what stands before it and behind it: `-rc.1+build`.
    length: usize,
    suffix_pre: bool,
}

fn pattern(text: &str) -> Option<Pattern<'_>> {
    let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'x' | b'X' | b'*' | b'|');
    let prefix = usize::from(text.starts_with('v'));
    let bytes = text.as_bytes();
    let run = |from: usize| bytes.iter().skip(from).take_while(|byte| is_part(**byte)).count();
    let mut numbers = [""; 3];
    let mut at = prefix;
    for (index, number) in numbers.iter_mut().enumerate() {
        let from = if index == 0 { at } else { at + 1 };
        if index > 0 && bytes.get(at) != Some(&b'.') {
            break;
        }
        let length = run(from);
        if length == 0 {
            break;
        }
        *number = text.get(from..from + length)?;
        at = from + length;
    }
    if numbers.first().is_none_or(|number| number.is_empty()) {
        return None;
    }
    let mut pre = "";
    if let Some(found) = text.get(at..)?.strip_prefix('-').and_then(identifiers) {
        pre = found;
        at += 1 + found.len();
    }
    if let Some(found) = text.get(at..)?.strip_prefix('+').and_then(identifiers) {
        at += 1 + found.len();
    }
    Some(Pattern { numbers, pre, length: at, suffix_pre: !pre.is_empty() })
}

/// The operator at the beginning of a text, and its length.
fn operator(text: &str) -> (Operator, usize) {
    const OPERATORS: [(&str, Operator); 11] = [
        ("!=", Operator::NotEqual),
        (">=", Operator::GreaterOrEqual),
        ("=>", Operator::GreaterOrEqual),
        ("<=", Operator::LessOrEqual),
        ("=<", Operator::LessOrEqual),
        ("~>", Operator::Tilde),
        ("=", Operator::TildeOrEqual),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("~", Operator::Tilde),
        ("^", Operator::Caret),
    ];
    let found = OPERATORS.iter().find(|(sign, _)| text.starts_with(sign));
    found.map_or((Operator::TildeOrEqual, 0), |(sign, operator)| (*operator, sign.len()))
}

impl Constraint {
    /// Reads a constraint: `>= 1.2, < 2 || 3.x`, `^1.2`, `~1.2.3`, `1.2 - 1.4`.
    ///
    /// # Errors
    /// In words, when it is none.
    pub fn parse(text: &str) -> Result<Constraint, String> {
        let text = without_hyphen_ranges(text);
        let alternatives = text.split("||").map(Alternative::parse).collect::<Result<_, _>>()?;
        Ok(Constraint { alternatives })
    }

    /// Whether a version fits.
    pub fn check(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| {
            alternative.conditions.iter().all(|condition| condition.check(version, alternative.includes_pre))
        })
    }
}

/// `1.2 - 1.4` as two conditions.
fn without_hyphen_ranges(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((range, length)) = hyphen_range(rest) {
            out.push_str(&range);
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        let next = rest.chars().next().map_or(1, char::len_utf8);
        out.push_str(rest.get(..next).unwrap_or_default());
        rest = rest.get(next..).unwrap_or_default();
    }
    out
}

fn hyphen_range(text: &str) -> Option<(String, usize)> {
    let spaces = |text: &str| text.len() - text.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']).len();
    let mut at = spaces(text);
    let lower = pattern(text.get(at..)?)?;
    let from = text.get(at..at + lower.length)?;
    at += lower.length;
    let before = spaces(text.get(at..)?);
    at += before;
    let behind = text.get(at..)?.strip_prefix('-')?;
    at += 1;
    let after = spaces(behind);
    at += after;
    if before == 0 || after == 0 {
        return None;
    }
    let upper = pattern(text.get(at..)?)?;
    let to = text.get(at..at + upper.length)?;
    at += upper.length;
    at += spaces(text.get(at..)?);
    Some((format!(">= {from}, <= {to} "), at))
}

impl Alternative {
    fn parse(text: &str) -> Result<Alternative, String> {
        let improper = || format!("improper constraint: {text:?}");
        let is_space = |char: char| matches!(char, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        let mut conditions = Vec::new();
        let mut rest = text.trim_start_matches(is_space);
        loop {
            let (sign, length) = operator(rest);
            rest = rest.get(length..).unwrap_or_default().trim_start_matches(is_space);
            let found = pattern(rest).ok_or_else(improper)?;
            conditions.push(Condition::new(sign, &found)?);
            let behind = rest.get(found.length..).unwrap_or_default();
            rest = behind.trim_start_matches(is_space);
            if rest.is_empty() {
                break;
            }
            match rest.strip_prefix(',') {
                Some(next) => rest = next.trim_start_matches(is_space),
                None if behind.len() > rest.len() => {}
                None => return Err(improper()),
            }
        }
        let includes_pre = conditions.iter().any(|condition: &Condition| !condition.version.pre.is_empty());
        Ok(Alternative { conditions, includes_pre })
    }
}

impl Condition {
    fn new(operator: Operator, pattern: &Pattern<'_>) -> Result<Condition, String> {
        let is_any = |number: &str| matches!(number, "" | "x" | "X" | "*");
        let [major, minor, patch] = pattern.numbers;
        let (written, numbers) = if is_any(major) {
            (Written::Nothing, "0.0.0".to_owned())
        } else if is_any(minor) {
            (Written::Major, format!("{major}.0.0"))
        } else if is_any(patch) {
            (Written::Minor, format!("{major}.{minor}.0"))
        } else {
            (Written::Patch, format!("{major}.{minor}.{patch}"))
        };
        let text = if pattern.suffix_pre { format!("{numbers}-{}", pattern.pre) } else { numbers };
        let version = Version::parse(&text).map_err(|_| "constraint parser error".to_owned())?;
        Ok(Condition { operator, version, written })
    }

    fn check(&self, version: &Version, includes_pre: bool) -> bool {
        if !version.is_release() && !includes_pre {
            return false;
        }
        let own = &self.version;
        let is_whole = self.written == Written::Patch;
        let order = version.rank(own);
        match self.operator {
            Operator::TildeOrEqual if is_whole => order == Ordering::Equal,
            Operator::TildeOrEqual | Operator::Tilde => self.within_tilde(version),
            Operator::NotEqual => match self.written {
                Written::Patch => order != Ordering::Equal,
                _ if own.major != version.major => true,
                Written::Major => false,
                _ if own.minor != version.minor => true,
                Written::Minor => {
                    !(version.is_release() && own.is_release())
                        && compare_pre(&version.pre, &own.pre) != Ordering::Equal
                }
                Written::Nothing => order != Ordering::Equal,
            },
            Operator::Greater => match self.written {
                Written::Patch => order == Ordering::Greater,
                _ if version.major != own.major => version.major > own.major,
                Written::Major => false,
                Written::Minor => version.minor > own.minor,
                Written::Nothing => order == Ordering::Greater,
            },
            Operator::Less => order == Ordering::Less,
            Operator::GreaterOrEqual => order != Ordering::Less,
            Operator::LessOrEqual if is_whole => order != Ordering::Greater,
            Operator::LessOrEqual => {
                version.major < own.major
                    || version.major == own.major
                        && (version.minor <= own.minor || self.written == Written::Major)
            }
            Operator::Caret => self.within_caret(version),
        }
    }

    /// `~1.2.3` is `>= 1.2.3, < 1.3`, `~1` is `>= 1, < 2`, and `*` is everything.
    fn within_tilde(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.rank(own) == Ordering::Less {
            return false;
        }
        let is_zero = (own.major, own.minor, own.patch) == (0, 0, 0);
        if is_zero && matches!(self.written, Written::Nothing | Written::Patch) {
            return true;
        }
        version.major == own.major && (version.minor == own.minor || self.written == Written::Major)
    }

    /// `^1.2.3` is `>= 1.2.3, < 2`, `^0.2.3` is `>= 0.2.3, < 0.3`, and `^0.0.3` is `0.0.3` alone.
    fn within_caret(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.rank(own) == Ordering::Less || version.major != own.major {
            return false;
        }
        if own.major > 0 || self.written == Written::Major {
            return true;
        }
        if own.minor > 0 || self.written == Written::Minor || version.minor > 0 {
            return version.minor == own.minor && (own.minor > 0 || self.written == Written::Minor);
        }
        version.patch == own.patch
    }
}
