//! Words of templates: text between actions, and what stands in them.

use super::characters::{self, decode};
use super::quote;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    LeftDelimiter,
    RightDelimiter,
    End,
    /// Whitespace in an action; it tells `$x .y` from `$x.y`.
    Space,
    Bool,
    /// A comma, or another sign that means nothing.
    Sign,
    Character,
    Complex,
    Number,
    String,
    RawString,
    Assign,
    Declare,
    Dot,
    Field,
    Variable,
    Identifier,
    Nil,
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    Keyword(Keyword),
}

/// Words that begin an action of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

/// A word, by its bytes in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// What cannot be a word, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub message: String,
    pub start: usize,
    pub end: usize,
}

/// Reads words one by one.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    inside_action: bool,
    parentheses: usize,
    /// Where the action begins that is being read.
    action: usize,
}

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t [u8]) -> Lexer<'t> {
        Lexer { text, at: 0, inside_action: false, parentheses: 0, action: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Word, Wrong> {
        loop {
            let word = if self.inside_action { self.inside_action()? } else { self.outside_action()? };
            if let Some(word) = word {
                return Ok(word);
            }
        }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn word(&self, kind: Kind, start: usize) -> Option<Word> {
        Some(Word { kind, start, end: self.at })
    }

    /// Something is wrong from a place to where the lexer is now.
    fn wrong<T>(&self, start: usize, message: impl Into<String>) -> Result<T, Wrong> {
        let end = self.at.min(self.text.len()).max(start);
        Err(Wrong { message: message.into(), start, end })
    }

    /// Text up to the next action; none if there is no text, or only a comment.
    fn outside_action(&mut self) -> Result<Option<Word>, Wrong> {
        let start = self.at;
        let Some(to_action) = memchr::memmem::find(self.rest(), LEFT) else {
            self.at = self.text.len();
            let kind = if start == self.at { Kind::End } else { Kind::Text };
            return Ok(self.word(kind, start));
        };
        let action = start + to_action;
        let behind = self.text.get(action + LEFT.len()..).unwrap_or_default();
        let trims = matches!(behind, [b'-', space, ..] if is_space(*space));
        let text = self.text.get(start..action).unwrap_or_default();
        let text = if trims { text.trim_ascii_end_as_go() } else { text };
        self.at = action;
        if !text.is_empty() {
            // The action is met again.
            return Ok(Some(Word { kind: Kind::Text, start, end: start + text.len() }));
        }
        self.at = action + LEFT.len() + if trims { 2 } else { 0 };
        if self.rest().starts_with(b"/*") {
            self.comment(action)?;
            return Ok(None);
        }
        self.inside_action = true;
        self.parentheses = 0;
        self.action = action;
        Ok(Some(Word { kind: Kind::LeftDelimiter, start: action, end: action + LEFT.len() }))
    }

    fn comment(&mut self, action: usize) -> Result<(), Wrong> {
        self.at += 2;
        let Some(end) = memchr::memmem::find(self.rest(), b"*/") else {
            self.at = (action + LEFT.len()).min(self.text.len());
            return self.wrong(action, "unclosed comment");
        };
        self.at += end + 2;
        match self.right_delimiter() {
            Some(trims) => self.close(trims),
            None => return self.wrong(action, "comment ends before closing delimiter"),
        }
        Ok(())
    }

    /// Whether the action ends here, and whether it then trims.
    fn right_delimiter(&self) -> Option<bool> {
        match self.rest() {
            [space, b'-', rest @ ..] if is_space(*space) && rest.starts_with(RIGHT) => Some(true),
            rest if rest.starts_with(RIGHT) => Some(false),
            _ => None,
        }
    }

    /// Steps over the end of an action, and over the blanks behind it if it trims.
    fn close(&mut self, trims: bool) {
        self.at += RIGHT.len();
        if trims {
            self.at += 2;
            self.at += self.rest().iter().take_while(|byte| is_space(**byte)).count();
        }
    }

    fn inside_action(&mut self) -> Result<Option<Word>, Wrong> {
        let start = self.at;
        if let Some(trims) = self.right_delimiter() {
            if self.parentheses > 0 {
                return self.wrong(start, "unclosed left paren");
            }
            self.close(trims);
            self.inside_action = false;
            let begins = if trims { start + 2 } else { start };
            return Ok(Some(Word { kind: Kind::RightDelimiter, start: begins, end: begins + RIGHT.len() }));
        }
        let Some(first) = self.step() else {
            return self.wrong(self.action, "unclosed action");
        };
        let kind = match first {
            ' ' | '\t' | '\r' | '\n' => {
                self.spaces();
                Kind::Space
            }
            '=' => Kind::Assign,
            ':' if self.peek() == Some('=') => {
                self.step();
                Kind::Declare
            }
            ':' => return self.wrong(start, "expected :="),
            '|' => Kind::Pipe,
            '"' => {
                self.until_quote(start, '"', "unterminated quoted string")?;
                Kind::String
            }
            '\'' => {
                self.until_quote(start, '\'', "unterminated character constant")?;
                Kind::Character
            }
            '`' => {
                let Some(end) = memchr::memchr(b'`', self.rest()) else {
                    return self.wrong(start, "unterminated raw quoted string");
                };
                self.at += end + 1;
                Kind::RawString
            }
            '$' => self.name(start, Kind::Variable, Kind::Variable)?,
            '.' if !self.peek().is_some_and(|next| next.is_ascii_digit()) => {
                // A dot at the end of the text is no field.
                self.name(start, Kind::Field, Kind::Dot)?
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.at = start;
                self.number(start)?
            }
            '(' => {
                self.parentheses += 1;
                Kind::LeftParenthesis
            }
            ')' if self.parentheses == 0 => return self.wrong(start, "unexpected right paren"),
            ')' => {
                self.parentheses -= 1;
                Kind::RightParenthesis
            }
            other if is_alphanumeric(other) => self.identifier(start)?,
            ' '..='~' => Kind::Sign,
            other => {
                let shown = characters::code_point(other);
                return self.wrong(start, format!("unrecognized character in action: {shown}"));
            }
        };
        Ok(self.word(kind, start))
    }

    /// The rest of a run of spaces, of which one has been read. The one before ` -}}` belongs to that.
    fn spaces(&mut self) {
        while self.right_delimiter().is_none() && self.rest().first().is_some_and(|byte| is_space(*byte)) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        decode(self.rest()).map(|(character, _)| character)
    }

    fn step(&mut self) -> Option<char> {
        let (character, len) = decode(self.rest())?;
        self.at += len;
        Some(character)
    }

    /// Up to the quote that ends a string or character, of which the first quote has been read.
    fn until_quote(&mut self, start: usize, quote: char, unterminated: &str) -> Result<(), Wrong> {
        loop {
            match self.step() {
                Some('\\') if !matches!(self.step(), None | Some('\n')) => {}
                None | Some('\\' | '\n') => return self.wrong(start, unterminated),
                Some(character) if character == quote => return Ok(()),
                Some(_) => {}
            }
        }
    }

    /// A field or variable, of which the first sign has been read.
    fn name(&mut self, start: usize, named: Kind, alone: Kind) -> Result<Kind, Wrong> {
        if self.is_at_end_of_name() {
            return Ok(alone);
        }
        self.letters(start)?;
        Ok(named)
    }

    fn identifier(&mut self, start: usize) -> Result<Kind, Wrong> {
        self.letters(start)?;
        let word = self.text.get(start..self.at).unwrap_or_default();
        Ok(match word {
            b"block" => Kind::Keyword(Keyword::Block),
            b"break" => Kind::Keyword(Keyword::Break),
            b"continue" => Kind::Keyword(Keyword::Continue),
            b"define" => Kind::Keyword(Keyword::Define),
            b"else" => Kind::Keyword(Keyword::Else),
            b"end" => Kind::Keyword(Keyword::End),
            b"if" => Kind::Keyword(Keyword::If),
            b"range" => Kind::Keyword(Keyword::Range),
            b"template" => Kind::Keyword(Keyword::Template),
            b"with" => Kind::Keyword(Keyword::With),
            b"nil" => Kind::Nil,
            b"true" | b"false" => Kind::Bool,
            _ => Kind::Identifier,
        })
    }

    fn letters(&mut self, start: usize) -> Result<(), Wrong> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.step();
        }
        if self.is_at_end_of_name() {
            return Ok(());
        }
        let shown = self.step().map_or_else(|| "EOF".to_owned(), characters::code_point);
        self.wrong(start, format!("bad character {shown}"))
    }

    /// What may stand behind a name.
    fn is_at_end_of_name(&self) -> bool {
        match self.rest() {
            [] | [b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(', ..] => true,
            rest => rest.starts_with(RIGHT),
        }
    }

    fn number(&mut self, start: usize) -> Result<Kind, Wrong> {
        let mut kind = Kind::Number;
        let mut fine = self.scan_number();
        if fine && matches!(self.peek(), Some('+' | '-')) {
            kind = Kind::Complex;
            fine = self.scan_number() && self.text.get(self.at - 1) == Some(&b'i');
        }
        if fine {
            return Ok(kind);
        }
        let shown = quote::quoted(self.text.get(start..self.at).unwrap_or_default());
        self.wrong(start, format!("bad number syntax: {shown}"))
    }

    fn scan_number(&mut self) -> bool {
        self.accept(b"+-");
        let mut digits: &[u8] = b"0123456789_";
        let mut exponents: &[u8] = b"eE";
        if self.accept(b"0") {
            if self.accept(b"xX") {
                (digits, exponents) = (b"0123456789abcdefABCDEF_", b"pP");
            } else if self.accept(b"oO") {
                (digits, exponents) = (b"01234567_", b"");
            } else if self.accept(b"bB") {
                (digits, exponents) = (b"01_", b"");
            }
        }
        while self.accept(digits) {}
        if self.accept(b".") {
            while self.accept(digits) {}
        }
        if self.accept(exponents) {
            self.accept(b"+-");
            while self.accept(b"0123456789_") {}
        }
        self.accept(b"i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.step();
            return false;
        }
        true
    }

    fn accept(&mut self, signs: &[u8]) -> bool {
        let accepted = self.rest().first().is_some_and(|byte| signs.contains(byte));
        self.at += usize::from(accepted);
        accepted
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || characters::is_letter_or_digit(character)
}

/// Go's blanks are four, Rust's ASCII whitespace has the form feed as well.
trait TrimAsGo {
    fn trim_ascii_end_as_go(&self) -> &[u8];
}

impl TrimAsGo for [u8] {
    fn trim_ascii_end_as_go(&self) -> &[u8] {
        let blanks = self.iter().rev().take_while(|byte| is_space(**byte)).count();
        self.get(..self.len() - blanks).unwrap_or_default()
    }
}
