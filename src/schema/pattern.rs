//! The regular expressions of a schema (`pattern`, `patternProperties`), as far as other engines find exactly what
//! jsonschema finds.
//!
//! A schema's expressions are asked about a few short texts in most runs, so compiling them is what takes time.
//! `regex-lite` compiles one in a fraction of the time that `regex` takes, and searches ten times as long. So it comes
//! first, and [`regex`] takes over what is asked often: `render --each` asks the same of each customer.
//!
//! Neither has the language of JSON Schema (ECMA 262), nor has jsonschema's engine. So only a common part of all is
//! taken here, in which there is one meaning; every other expression is jsonschema's:
//!
//! | taken | left to jsonschema |
//! |---|---|
//! | characters, `.`, `^`, `$`, `\|`, `(…)`, `(?:…)` | look-around, back references, flags, names of groups |
//! | `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}`, lazy or not | repetitions that multiply to more than [`MAX_SIZE`] |
//! | `\d`, `\w`, `\s` and `\D`, `\W`, `\S`; `\n`, `\r`, `\t`; escaped punctuation | `\b`, `\p{…}`, `\x41`, `\u0041`, `\cA`, `\0` |
//! | `[a-z_\d]`, `[^…]` | `[[…]]`, `&&`, `--`, `~~`, `[\D]`, `[]` |
//!
//! `\s`, `\d` and `\w` are written out, as each engine has its own: in JSON Schema `\s` is many characters, and the
//! others are those of ASCII.

use std::iter::Peekable;
use std::str::Chars;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The largest expression, repetitions multiplied out, in units of some hundred bytes that it takes in jsonschema's
/// engine. That refuses what takes more than ten megabytes.
const MAX_SIZE: u64 = 30_000;
/// What a class takes besides, if it is negated or has a range beyond ASCII: one for each length of a character in
/// bytes, and more.
const RANGE_SIZE: u64 = 6;
/// The most repetitions in one place.
const MAX_REPETITIONS: u64 = 10_000;
/// Groups inside each other. Both engines take more.
const MAX_NESTING: usize = 20;
/// How many steps a search may take, which are at most the size of the expression times the bytes of the text. A
/// longer text is left to jsonschema's engine, which needs fewer.
const MAX_STEPS: u64 = 200_000_000;
/// How many searches `regex-lite` does before `regex` compiles the expression, which takes as long as some forty.
const FEW_SEARCHES: u32 = 32;
/// How many bytes an expression may take in `regex`. A larger one stays with `regex-lite`.
const MAX_COMPILED_SIZE: usize = 1 << 20;

/// Every character of `\s`: the white space and the line ends of ECMA 262.
const SPACES: &str =
    "\\t-\\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}";
/// The size of these ten ranges.
const SPACES_SIZE: u64 = 10 * RANGE_SIZE;
/// Every character of `\d`.
const DIGITS: &str = "0-9";
/// Every character of `\w`.
const WORD_CHARACTERS: &str = "0-9A-Za-z_";

/// An expression of a schema. It is compiled when it is first asked something: most are about settings that no values
/// file sets.
///
/// Threads share it. Which engine answers depends on their order, and the answer does not.
#[derive(Debug, Default)]
pub(super) struct LazyPattern {
    /// None inside if the expression is not in the common part.
    small: OnceLock<Option<SmallPattern>>,
    /// How often `small` searched.
    searches: AtomicU32,
    /// What takes over after [`FEW_SEARCHES`]. None inside if it would be too large.
    quick: OnceLock<Option<regex::Regex>>,
}

/// An expression as `regex-lite` compiles it.
#[derive(Debug)]
struct SmallPattern {
    regex: regex_lite::Regex,
    /// In the units of [`MAX_SIZE`].
    size: u64,
}

impl LazyPattern {
    /// Whether `expression`, which must be the same each time, finds something in a text. None if only jsonschema
    /// knows.
    pub(super) fn finds(&self, expression: &str, text: &str) -> Option<bool> {
        // Most settings that may be empty are. Tables have expressions of the common part alone, so this one is sure.
        if text.is_empty() && expression.starts_with("^$|") {
            return Some(true);
        }
        let small = self.small.get_or_init(|| SmallPattern::compile(expression)).as_ref()?;
        // Whatever engine it is, so that a text is not left to jsonschema in some runs and not in others.
        if small.size.saturating_mul(text.len() as u64) > MAX_STEPS {
            return None;
        }
        let quick = match self.quick.get() {
            None if self.searches.fetch_add(1, Ordering::Relaxed) < FEW_SEARCHES => None,
            None => self.quick.get_or_init(|| quick(small.regex.as_str())).as_ref(),
            Some(quick) => quick.as_ref(),
        };
        Some(match quick {
            Some(quick) => quick.is_match(text),
            None => small.regex.is_match(text),
        })
    }
}

impl SmallPattern {
    /// None if the expression is not in the common part.
    fn compile(expression: &str) -> Option<SmallPattern> {
        let (translated, size) = translated(expression)?;
        Some(SmallPattern { regex: regex_lite::Regex::new(&translated).ok()?, size })
    }
}

/// A translated expression as `regex` compiles it. None if it takes more than [`MAX_COMPILED_SIZE`].
fn quick(translated: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(translated).size_limit(MAX_COMPILED_SIZE).build().ok()
}

/// Whether an expression is in the common part, and so surely valid for jsonschema.
pub(super) fn is_common(expression: &str) -> bool {
    translated(expression).is_some()
}

/// The bytes that an expression takes when jsonschema has compiled it, as far as they are known: never too few, up to
/// `most`, which stands for any larger number as well. None at all for what is no expression.
pub(super) fn compiled_size(expression: &str, most: u64) -> u64 {
    if let Some((_, size)) = translated(expression) {
        return size.saturating_mul(BYTES_OF_UNIT);
    }
    // By trying, with a limit that becomes larger. What is beyond the last one jsonschema refuses as well.
    const LIMITS: [usize; 5] = [1 << 16, 1 << 18, 1 << 20, 1 << 22, 10 << 20];
    for limit in LIMITS {
        match regex::RegexBuilder::new(expression).size_limit(limit).build() {
            Err(regex::Error::CompiledTooBig(_)) if (limit as u64) < most => {}
            Err(regex::Error::CompiledTooBig(_)) => return u64::MAX,
            Err(_) => return 0,
            Ok(_) => return limit as u64,
        }
    }
    LIMITS[LIMITS.len() - 1] as u64
}

/// What a unit of [`MAX_SIZE`] takes.
const BYTES_OF_UNIT: u64 = 350;

/// An expression of the common part as the engines have to be given it, and its size. None for any other.
fn translated(expression: &str) -> Option<(String, u64)> {
    let mut translation = Translation { rest: expression.chars().peekable(), out: String::new() };
    let size = translation.alternatives(0)?;
    // What is left is a `)` that nothing opened.
    translation.rest.peek().is_none().then_some((translation.out, size))
}

/// The walk through an expression. Its methods give the size of what they read, and `None` for what is not in the
/// common part.
struct Translation<'e> {
    rest: Peekable<Chars<'e>>,
    out: String,
}

impl Translation<'_> {
    /// Everything up to the `)` that ends a group, or up to the end.
    fn alternatives(&mut self, nesting: usize) -> Option<u64> {
        if nesting > MAX_NESTING {
            return None;
        }
        let mut size: u64 = 1;
        while let Some(&next) = self.rest.peek() {
            if next == ')' {
                break;
            }
            self.take();
            size = size.saturating_add(match next {
                // No repetition may follow: there is nothing to repeat.
                '|' | '^' | '$' => 1,
                _ => {
                    let atom = self.atom(next, nesting)?;
                    atom.saturating_mul(self.repetition()?)
                }
            });
            if size > MAX_SIZE {
                return None;
            }
        }
        Some(size)
    }

    /// What a repetition may follow. Its first character is taken.
    fn atom(&mut self, first: char, nesting: usize) -> Option<u64> {
        match first {
            '(' => {
                if self.take_if('?') && !self.take_if(':') {
                    return None;
                }
                let size = self.alternatives(nesting + 1)?;
                self.take_if(')').then_some(size)
            }
            '[' => self.class(),
            '\\' => {
                let escaped = self.rest.next()?;
                match escaped {
                    's' => Some(self.written_out("[", SPACES)),
                    'S' => Some(self.written_out("[^", SPACES)),
                    'd' => Some(self.written_out("[", DIGITS)),
                    'D' => Some(self.written_out("[^", DIGITS)),
                    'w' => Some(self.written_out("[", WORD_CHARACTERS)),
                    'W' => Some(self.written_out("[^", WORD_CHARACTERS)),
                    _ => self.escaped_character(escaped).map(|_| 1),
                }
            }
            // Each has its own meaning, and none here; what ends something is refused as a character for itself, as
            // by ECMA 262.
            '*' | '+' | '?' | '{' | '}' | ']' => None,
            '.' => Some(RANGE_SIZE),
            _ => Some(1),
        }
    }

    /// Puts a class of these characters, which begins with `[` or `[^`, in the place of the last backslash.
    fn written_out(&mut self, beginning: &str, characters: &str) -> u64 {
        self.out.pop();
        self.out.push_str(beginning);
        self.out.push_str(characters);
        self.out.push(']');
        if characters == SPACES { SPACES_SIZE + RANGE_SIZE } else { RANGE_SIZE }
    }

    /// The factor of a repetition; 1 if there is none.
    fn repetition(&mut self) -> Option<u64> {
        let factor = match self.rest.peek() {
            Some('*' | '?') => {
                self.take();
                1
            }
            Some('+') => {
                self.take();
                2
            }
            Some('{') => {
                self.take();
                let least = self.number()?;
                let most = match self.take_if(',') {
                    true if self.rest.peek() == Some(&'}') => least + 1,
                    true => self.number()?,
                    false => least,
                };
                if !self.take_if('}') || most < least {
                    return None;
                }
                most.max(1)
            }
            _ => return Some(1),
        };
        // A lazy one finds the same. A second one is not valid, and meets `atom`.
        self.take_if('?');
        Some(factor)
    }

    /// A class; its `[` is taken.
    fn class(&mut self) -> Option<u64> {
        let mut size = if self.take_if('^') { 1 + RANGE_SIZE } else { 1 };
        // Items of ASCII are a few bytes each.
        let mut ascii_items: u64 = 0;
        // What a `-` would make a range of; none at the beginning, and behind a range or a class such as `\d`.
        let mut start: Option<char> = None;
        let mut is_first = true;
        loop {
            let next = self.take()?;
            if next.is_ascii() {
                ascii_items += 1;
            } else {
                size += RANGE_SIZE;
            }
            let character = match next {
                ']' if is_first => return None,
                ']' => return Some(size + ascii_items / 8),
                '-' if self.rest.peek() == Some(&']') => None,
                '-' if is_first => Some('-'),
                '-' => {
                    let end = match self.take()? {
                        '\\' => {
                            let escaped = self.rest.next()?;
                            self.escaped_character(escaped)?
                        }
                        '[' | ']' | '-' | '^' | '&' | '~' => return None,
                        end => end,
                    };
                    if start? > end {
                        return None;
                    }
                    if !end.is_ascii() {
                        size += RANGE_SIZE;
                    }
                    None
                }
                '\\' => match self.rest.next()? {
                    's' => {
                        self.out.pop();
                        self.out.push_str(SPACES);
                        size += SPACES_SIZE;
                        None
                    }
                    perl @ ('d' | 'w') => {
                        self.out.pop();
                        self.out.push_str(if perl == 'd' { DIGITS } else { WORD_CHARACTERS });
                        None
                    }
                    escaped => Some(self.escaped_character(escaped)?),
                },
                // Doubled they are operators in one of the engines.
                '[' => return None,
                '&' | '~' if self.rest.peek() == Some(&next) => return None,
                other => Some(other),
            };
            // A `-` at the beginning begins no range: `[--a]` is read in more than one way.
            start = character.filter(|character| *character != '-');
            is_first = false;
        }
    }

    /// The character that a backslash before another one stands for. The backslash is in the translation already.
    fn escaped_character(&mut self, escaped: char) -> Option<char> {
        self.out.push(escaped);
        match escaped {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            // These two are word boundaries in one of the engines.
            '<' | '>' => None,
            _ => escaped.is_ascii_punctuation().then_some(escaped),
        }
    }

    /// A number of repetitions.
    fn number(&mut self) -> Option<u64> {
        let mut number: Option<u64> = None;
        while let Some(digit) = self.rest.peek().and_then(|digit| digit.to_digit(10)) {
            self.take();
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
        }
        number.filter(|number| *number <= MAX_REPETITIONS)
    }

    /// The next character, which becomes a part of the translation.
    fn take(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.out.push(next);
        Some(next)
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let is_next = self.rest.peek() == Some(&wanted);
        if is_next {
            self.take();
        }
        is_next
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::compiled::CompiledValidator;
    use super::*;

    /// Expressions that are taken.
    const COMMON: &[&str] = &[
        "",
        "^",
        "$",
        "^$",
        "^$|^[a-z]+$",
        "a|",
        "|a",
        "()",
        "(|a)b",
        "a",
        "é",
        "日本",
        "^.$",
        "^.{2}$",
        "a.b",
        r"^\d+$",
        r"^\w+$",
        r"^\s*$",
        r"^\S+$",
        r"\D",
        r"\W",
        r"^[\s]$",
        r"^[^\s]+$",
        r"^[^\s,]+(,[^\s,]+)*$",
        r"^[\w.-]+$",
        r"^[\d\w]$",
        r"^[a\-z]$",
        r"^[-a]$",
        r"^[a-]$",
        r"^[^-a]$",
        r"^[a^]$",
        r"^[!-/]$",
        r"^[\n-\r]$",
        r"^[&~]$",
        r"^[a-f0-9]{64}$",
        r"^(\d{1,3}\.){3}\d{1,3}$",
        r"^(a|b|cd)$",
        r"^(?:a|b)*?c",
        r"^a{0}$",
        r"^a{2,}$",
        r"^a{0,2}?b$",
        r"^(a*)*$",
        r"^(a|a)*b$",
        r"^https?:\/\/",
        r"\.\*\+\?\(\)\[\]\{\}\|\^\$\\",
        r"^\-\_\@\#\%\:\;\=\!\,$",
        r"a\nb",
        "a\nb",
        "^a$",
        r"(^a|b$)+",
        r"^[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?(m|[kKMGTPE]i?)?$",
        r"^.{0,500}$",
        r"^[^a]{100}$",
        r"^\S{50}$",
    ];

    /// Expressions that are left to jsonschema, some of which it refuses.
    const LEFT: &[&str] = &[
        r"\bword\b",
        r"\Ba",
        r"\p{L}",
        r"^\P{Lu}+$",
        r"(?i)abc",
        r"(?i:abc)",
        r"(?=a)",
        r"(?!a)b",
        r"(?<=a)b",
        r"(?<name>a)",
        r"(?P<name>a)",
        r"(a)\1",
        r"\x41",
        r"\u0041",
        r"\u{41}",
        r"\cA",
        r"\0",
        r"\a",
        r"\A",
        r"\z",
        r"\<",
        r"\>",
        r"\é",
        r"\",
        "a**",
        "a*+",
        "a???",
        "*a",
        "^*",
        "$+",
        "|*",
        "a{2}{3}",
        "a{,3}",
        "a{3,2}",
        "a{",
        "a}",
        "a]",
        "{2}",
        "a{99999999999999999999}",
        "a{10001}",
        "(a{200}){200}",
        "((a{20}){40}){50}",
        "(a",
        "a)",
        "[",
        "[]",
        "[]a]",
        "[^]a]",
        "[^]",
        "[a",
        "[z-a]",
        "[a-",
        r"[\d-z]",
        r"[a-\d]",
        r"[\D]",
        r"[\b]",
        "[a-c-e]",
        "[--a]",
        "[a--b]",
        "[a&&b]",
        "[a~~b]",
        "[[a]]",
        "[[:alpha:]]",
        r"[\u0041-\u005a]",
        "(((((((((((((((((((((a)))))))))))))))))))))",
    ];

    /// What expressions are about, and what they are not.
    const PIECES: &[&str] = &[
        "",
        "a",
        "b",
        "c",
        "z",
        "A",
        "Z",
        "0",
        "7",
        "٣",
        "é",
        "É",
        "ſ",
        "K",
        "日",
        "😀",
        "_",
        "-",
        ".",
        ",",
        ":",
        "/",
        "\\",
        "^",
        "$",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "|",
        "*",
        "+",
        "?",
        "&",
        "&&",
        "~",
        "@",
        "#",
        "%",
        " ",
        "\t",
        "\n",
        "\r",
        "\u{b}",
        "\u{c}",
        "\u{1c}",
        "\u{85}",
        "\u{a0}",
        "\u{1680}",
        "\u{180e}",
        "\u{2003}",
        "\u{200b}",
        "\u{2028}",
        "\u{2029}",
        "\u{202f}",
        "\u{205f}",
        "\u{3000}",
        "\u{feff}",
        "\u{0}",
        "aa",
        "ab",
        "cd",
        "word",
        "http://",
        "10.0.0.1",
        "1.5e3",
        "100Mi",
        ".*+?()[]{}|^$\\",
        "-_@#%:;=!,",
        "日本",
    ];

    fn texts() -> Vec<String> {
        let mut texts: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
        for (at, first) in PIECES.iter().enumerate() {
            texts.extend(PIECES.iter().map(|second| format!("{first}{second}")));
            let second = PIECES[(at * 7 + 3) % PIECES.len()];
            texts.extend(PIECES.iter().map(|third| format!("{first}{second}{third}")));
        }
        for length in [49, 50, 51, 63, 64, 65, 99, 100, 101, 500, 501] {
            texts.extend(["a", "é", "F", "b"].map(|character| character.repeat(length)));
        }
        texts
    }

    /// Holds an expression, by each engine, against jsonschema, for every text; gives how many it finds something in.
    fn compare(expression: &str, texts: &[String]) -> usize {
        let checked = CompiledValidator::new(json!({ "pattern": expression }));
        let checked =
            checked.unwrap_or_else(|_| panic!("{expression:?} is taken, and jsonschema refuses it"));
        let rarely_asked = SmallPattern::compile(expression).expect("an expression of the common part");
        let often_asked = LazyPattern { searches: FEW_SEARCHES.into(), ..LazyPattern::default() };
        let mut found = 0;
        for text in texts {
            let expected = checked.validator.is_valid(&serde_json::Value::from(text.as_str()));
            assert_eq!(rarely_asked.regex.is_match(text), expected, "{expression:?}: {text:?}");
            assert_eq!(often_asked.finds(expression, text), Some(expected), "{expression:?}: {text:?}");
            found += usize::from(expected);
        }
        found
    }

    #[test]
    fn common_expressions_find_what_jsonschema_finds() {
        let texts = texts();
        let found: usize = COMMON.iter().map(|expression| compare(expression, &texts)).sum();
        // Texts of which no expression finds anything would prove nothing.
        assert!(found > 10_000, "{found}");
    }

    #[test]
    fn other_expressions_are_left_to_jsonschema() {
        for expression in LEFT {
            assert!(!is_common(expression), "{expression:?}");
            assert_eq!(LazyPattern::default().finds(expression, "a"), None, "{expression:?}");
        }
    }

    /// Expressions put together of all that has a meaning: what is taken is valid, and finds the same.
    #[test]
    fn expressions_put_together_at_random_find_what_jsonschema_finds() {
        const PARTS: &[&str] = &[
            "a", "b", "é", ".", "^", "$", "|", "(", "(?:", "(?i:", ")", "[", "[^", "]", "-", "&", "~", "*",
            "+", "?", "{2}", "{1,}", "{0,3}", "{", "}", ",", "\\d", "\\w", "\\s", "\\S", "\\W", "\\-", "\\.",
            "\\/", "\\b", "\\n", "\\", "0-9", "a-z", "A-Z_", "[a-c]", "[^\\s]", "(a|b)", "\n",
        ];
        let texts: Vec<String> = texts().into_iter().step_by(37).collect();
        // A linear congruential generator: the same expressions in every run.
        let mut state: u64 = 1;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % below
        };
        let mut taken = 0;
        for _ in 0..1_500 {
            let length = 1 + next(7);
            let expression: String = (0..length).map(|_| PARTS[next(PARTS.len())]).collect();
            if is_common(&expression) {
                compare(&expression, &texts);
                taken += 1;
            }
        }
        assert!(taken > 150, "{taken}");
    }

    /// The largest that are taken: jsonschema's engine has a limit of its own.
    #[test]
    fn large_expressions_are_valid() {
        for expression in [
            r"^[^\s]{440}$",
            r"^\S{450}$",
            "^.{4900}$",
            "^[^é]{2300}$",
            r"^\W{4900}$",
            "^(a{170}){170}$",
            "^[b-é日]{1300}$",
        ] {
            compare(expression, &["a".repeat(450), "é".repeat(440), "-".repeat(4900)]);
        }
    }

    #[test]
    fn the_quick_engine_takes_over_after_a_few_searches() {
        let pattern = LazyPattern::default();
        for searched in 0..FEW_SEARCHES {
            assert_eq!(pattern.finds("^a+$", "aa"), Some(true));
            assert!(pattern.quick.get().is_none(), "after {searched} searches");
        }
        assert_eq!(pattern.finds("^a+$", "ab"), Some(false));
        assert!(matches!(pattern.quick.get(), Some(Some(_))));
    }

    /// What the quick engine is not to compile finds what it found before.
    #[test]
    fn a_large_expression_stays_with_the_small_engine() {
        let expression = r"^\W{4000}$";
        let pattern = LazyPattern { searches: FEW_SEARCHES.into(), ..LazyPattern::default() };
        assert_eq!(pattern.finds(expression, &"-".repeat(4_000)), Some(true));
        assert!(matches!(pattern.quick.get(), Some(None)));
        assert_eq!(pattern.finds(expression, &"-".repeat(3_999)), Some(false));
    }

    /// A search is left to jsonschema's engine when it could take long.
    #[test]
    fn long_texts_are_left_to_jsonschema() {
        let expression = "(a*)*b|.{400}c";
        assert_eq!(LazyPattern::default().finds(expression, &"a".repeat(1_000)), Some(false));
        assert_eq!(LazyPattern::default().finds(expression, &"a".repeat(100_000)), None);
    }
}
