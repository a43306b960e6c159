//! Go's regular expressions, translated for the crate `regex`.
//!
//! Both match from left to right in linear time. They differ in what they read: a translation writes each class, escape and
//! repetition out in a form that means the same here, and refuses what Go refuses.

use regex::bytes::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take.
const SIZE: usize = 4 << 20;

/// Groups inside each other.
const DEPTH: usize = 100;

/// The most that repetitions of a pattern may come to, those inside others multiplied.
const REPETITIONS: u32 = 1000;

/// A compiled pattern.
#[derive(Debug)]
pub struct Compiled {
    /// The pattern for the crate `regex`.
    pub regex: Regex,
    /// The names of its groups, that of the whole first; empty for those without.
    pub names: Vec<String>,
    /// About how many steps it takes for 64 bytes.
    pub cost: usize,
}

impl Compiled {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(pattern: &[u8]) -> Result<Compiled, String> {
        let Ok(pattern) = std::str::from_utf8(pattern) else { return Err("invalid UTF-8".to_owned()) };
        let translated = Translation::of(pattern)?;
        let regex = RegexBuilder::new(&translated.out)
            .size_limit(SIZE)
            .dfa_size_limit(SIZE)
            .nest_limit(u32::try_from(DEPTH * 2 + 10).unwrap_or(u32::MAX))
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => "expression too large".to_owned(),
                _ => format!("invalid pattern `{pattern}`"),
            })?;
        Ok(Compiled { regex, names: translated.names, cost: translated.size / 64 + 1 })
    }
}

/// What a pattern reads as, written for the crate `regex`.
struct Translation<'p> {
    rest: &'p str,
    out: String,
    names: Vec<String>,
    /// What the last thing was that could be repeated.
    last: Last,
    /// The most repetitions inside each open group, that of the whole first.
    inside: Vec<u32>,
    /// About how many characters the pattern would have with its repetitions written out.
    size: usize,
}

/// What stands before a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// Nothing that can be repeated.
    Nothing,
    /// Something with so many repetitions inside.
    Atom(u32),
    /// A repetition, which cannot be repeated itself.
    Repeated,
}

impl<'p> Translation<'p> {
    fn of(pattern: &'p str) -> Result<Translation<'p>, String> {
        let mut translation = Translation {
            rest: pattern,
            out: String::with_capacity(pattern.len() * 2),
            names: vec![String::new()],
            last: Last::Nothing,
            inside: vec![1],
            size: 1,
        };
        while !translation.rest.is_empty() {
            translation.item()?;
        }
        if translation.inside.len() > 1 {
            return Err(format!("missing closing ): `{pattern}`"));
        }
        Ok(translation)
    }

    /// Takes a prefix off the rest.
    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next_char(&mut self) -> Option<char> {
        let char = self.rest.chars().next()?;
        self.rest = self.rest.get(char.len_utf8()..).unwrap_or_default();
        Some(char)
    }

    fn item(&mut self) -> Result<(), String> {
        let before = self.rest;
        if self.repetition(before)? {
            return Ok(());
        }
        let Some(char) = self.next_char() else { return Ok(()) };
        match char {
            '(' => return self.open_group(before),
            ')' => {
                if self.inside.len() == 1 {
                    return Err(format!("unexpected ): `{before}`"));
                }
                self.out.push(')');
                let inner = self.inside.pop().unwrap_or(1);
                self.atom(inner);
            }
            '|' => {
                self.out.push('|');
                self.last = Last::Nothing;
            }
            '[' => {
                self.class(before)?;
                self.atom(1);
            }
            '.' | '^' | '$' => {
                self.out.push(char);
                self.atom(1);
            }
            '\\' => {
                self.escape_outside(before)?;
            }
            literal => {
                self.literal(literal);
                self.atom(1);
            }
        }
        Ok(())
    }

    fn atom(&mut self, repetitions: u32) {
        self.size += 1;
        self.last = Last::Atom(repetitions);
    }

    fn literal(&mut self, char: char) {
        if char.is_ascii_alphanumeric() || !char.is_ascii() {
            self.out.push(char);
        } else {
            self.out.push_str(&format!("\\x{{{:x}}}", u32::from(char)));
        }
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`, each also with `?` behind it. What looks like the last three and is none is text.
    fn repetition(&mut self, before: &str) -> Result<bool, String> {
        let (sign, most) = match self.rest.as_bytes().first() {
            Some(b'*') => ("*".to_owned(), 1),
            Some(b'+') => ("+".to_owned(), 1),
            Some(b'?') => ("?".to_owned(), 1),
            Some(b'{') => match counted(self.rest) {
                Some((sign, least, most)) => {
                    let largest = most.unwrap_or(least);
                    if largest > REPETITIONS || most.is_some_and(|most| most < least) {
                        return Err(format!("invalid repeat count: `{sign}`"));
                    }
                    (sign.to_owned(), largest.max(1))
                }
                None => return Ok(false),
            },
            _ => return Ok(false),
        };
        let repetitions = match self.last {
            Last::Nothing => return Err(format!("missing argument to repetition operator: `{sign}`")),
            Last::Repeated => return Err(format!("invalid nested repetition operator: `{before}`")),
            Last::Atom(inner) => inner.saturating_mul(most),
        };
        if repetitions > REPETITIONS {
            return Err(format!("invalid repeat count: `{sign}`"));
        }
        self.take(&sign);
        self.out.push_str(&sign);
        if self.take("?") {
            self.out.push('?');
        }
        if let Some(inside) = self.inside.last_mut() {
            *inside = repetitions.max(*inside);
        }
        self.size = self.size.saturating_add(usize::try_from(most).unwrap_or(0) * self.size.min(64));
        self.last = Last::Repeated;
        Ok(true)
    }

    /// What stands behind `(`: a group, a named one, or flags.
    fn open_group(&mut self, before: &str) -> Result<(), String> {
        self.last = Last::Nothing;
        if self.inside.len() > DEPTH {
            return Err("expression nests too deeply".to_owned());
        }
        if !self.rest.starts_with('?') {
            self.out.push('(');
            self.names.push(String::new());
            self.inside.push(1);
            return Ok(());
        }
        if self.take("?P<") || self.take("?<") {
            let Some((name, rest)) = self.rest.split_once('>') else {
                return Err(format!("invalid named capture: `{before}`"));
            };
            let is_name =
                !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
            if !is_name || self.names.iter().any(|other| other == name) {
                return Err(format!("invalid or duplicate named capture: `{name}`"));
            }
            self.rest = rest;
            self.names.push(name.to_owned());
            self.out.push('(');
            self.inside.push(1);
            return Ok(());
        }
        self.next_char();
        let end = self.rest.find([':', ')']).unwrap_or(self.rest.len());
        let flags = self.rest.get(..end).unwrap_or_default();
        let negated = flags.split_once('-');
        let valid = |flags: &str| flags.chars().all(|char| "imsU".contains(char));
        let fits = match negated {
            Some((on, off)) => valid(on) && valid(off) && !off.is_empty(),
            None => valid(flags),
        };
        let closes = self.rest.get(end..).and_then(|rest| rest.chars().next());
        match closes {
            Some(':') if fits => {
                self.out.push_str(&format!("(?{flags}:"));
                self.inside.push(1);
            }
            Some(')') if fits => {
                if !flags.is_empty() {
                    self.out.push_str(&format!("(?{flags})"));
                }
            }
            _ => return Err(format!("invalid or unsupported Perl syntax: `{before}`")),
        }
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Ok(())
    }

    /// What stands behind `\` outside of a class.
    fn escape_outside(&mut self, before: &str) -> Result<(), String> {
        let written = match self.rest.as_bytes().first() {
            Some(b'A') => Some("\\A"),
            Some(b'z') => Some("\\z"),
            Some(b'b') => Some("(?-u:\\b)"),
            Some(b'B') => Some("(?-u:\\B)"),
            Some(b'C') => Some("(?s-u:.)"),
            Some(b'Q') => None,
            _ => {
                if let Some(class) = self.class_escape(before)? {
                    self.out.push_str(&class);
                } else {
                    let char = self.char_escape(before)?;
                    self.literal(char);
                }
                self.atom(1);
                return Ok(());
            }
        };
        self.next_char();
        if let Some(written) = written {
            self.out.push_str(written);
            self.atom(1);
            return Ok(());
        }
        // `\Q…\E`: text as it is.
        let (text, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
        self.rest = rest;
        for char in text.chars() {
            self.literal(char);
            self.atom(1);
        }
        Ok(())
    }

    /// `\d`, `\pL` and their like, behind the `\`.
    fn class_escape(&mut self, before: &str) -> Result<Option<String>, String> {
        let perl = match self.rest.as_bytes().first() {
            Some(b'd') => "[0-9]",
            Some(b'D') => "[^0-9]",
            Some(b's') => "[\\t\\n\\f\\r\\x20]",
            Some(b'S') => "[^\\t\\n\\f\\r\\x20]",
            Some(b'w') => "[0-9A-Za-z_]",
            Some(b'W') => "[^0-9A-Za-z_]",
            Some(b'p' | b'P') => {
                let negated = self.next_char() == Some('P');
                let name = if self.take("{") {
                    let Some((name, rest)) = self.rest.split_once('}') else {
                        return Err(format!("invalid character class range: `{before}`"));
                    };
                    self.rest = rest;
                    name.to_owned()
                } else {
                    self.next_char().map(String::from).unwrap_or_default()
                };
                let (name, caret) =
                    name.strip_prefix('^').map_or((name.as_str(), false), |name| (name, true));
                if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') {
                    return Err(format!("invalid character class range: `{before}`"));
                }
                return Ok(Some(format!("\\{}{{{name}}}", if negated == caret { 'p' } else { 'P' })));
            }
            _ => return Ok(None),
        };
        self.next_char();
        Ok(Some(perl.to_owned()))
    }

    /// A character as an escape writes it, behind the `\`.
    fn char_escape(&mut self, before: &str) -> Result<char, String> {
        let invalid = || format!("invalid escape sequence: `{before}`");
        let char = self.next_char().ok_or("trailing backslash at end of expression: ``")?;
        let code = match char {
            'a' => 7,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            'x' if self.take("{") => {
                let (digits, rest) = self.rest.split_once('}').ok_or_else(invalid)?;
                self.rest = rest;
                u32::from_str_radix(digits, 16).map_err(|_| invalid())?
            }
            'x' => {
                let digits = self.rest.get(..2).ok_or_else(invalid)?;
                self.rest = self.rest.get(2..).unwrap_or_default();
                u32::from_str_radix(digits, 16).map_err(|_| invalid())?
            }
            '0'..='7' => {
                let is_octal = |rest: &str| rest.starts_with(|char: char| char.is_digit(8));
                if char != '0' && !is_octal(self.rest) {
                    return Err(invalid());
                }
                let mut code = char.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    if !is_octal(self.rest) {
                        break;
                    }
                    code = code * 8 + self.next_char().and_then(|char| char.to_digit(8)).unwrap_or(0);
                }
                code
            }
            sign if sign.is_ascii() && !sign.is_ascii_alphanumeric() => return Ok(sign),
            _ => return Err(invalid()),
        };
        char::from_u32(code).ok_or_else(invalid)
    }

    /// A class, behind its `[`.
    fn class(&mut self, before: &str) -> Result<(), String> {
        let missing = || format!("missing closing ]: `{before}`");
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            if self.rest.is_empty() {
                return Err(missing());
            }
            if !first && self.take("]") {
                break;
            }
            first = false;
            if let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) {
                const NAMES: [&str; 14] = [
                    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
                    "space", "upper", "word", "xdigit",
                ];
                if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
                    return Err(format!("invalid character class range: `[:{name}:]`"));
                }
                self.rest = rest;
                self.out.push_str(&format!("[:{name}:]"));
                continue;
            }
            if let Some(escape) = self.rest.strip_prefix('\\') {
                let at_escape = self.rest;
                self.rest = escape;
                if let Some(class) = self.class_escape(at_escape)? {
                    self.out.push_str(&class);
                    continue;
                }
                self.rest = at_escape;
            }
            let at_range = self.rest;
            let low = self.class_char(before)?;
            let mut high = low;
            if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.next_char();
                high = self.class_char(before)?;
                if high < low {
                    return Err(format!("invalid character class range: `{at_range}`"));
                }
            }
            self.out.push_str(&format!("\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high)));
            self.size += 1;
        }
        self.out.push(']');
        Ok(())
    }

    fn class_char(&mut self, before: &str) -> Result<char, String> {
        let at = self.rest;
        match self.next_char() {
            None => Err(format!("missing closing ]: `{before}`")),
            Some('\\') => self.char_escape(at),
            Some(char) => Ok(char),
        }
    }
}

/// A repetition with counts at the beginning of a text: how it is written, the least, and the most if there is one.
fn counted(text: &str) -> Option<(&str, u32, Option<u32>)> {
    let end = text.find('}')?;
    let inner = text.get(1..end)?;
    let number = |digits: &str| {
        let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits.len() == 1 || !digits.starts_with('0');
        (fits && plain).then(|| digits.parse::<u32>().unwrap_or(u32::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => (number(inner)?, Some(number(inner)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((text.get(..=end)?, least, most))
}
