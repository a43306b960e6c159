//! The tokens of CEL.

use super::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Ident(String),
    /// A name in backticks, which may have any characters.
    QuotedIdent(String),
    Int(u64),
    Uint(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// Longer ones first: `<=` is not `<` and `=`.
const SIGNS: &[&str] = &[
    "&&", "||", "<=", ">=", "==", "!=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "<", ">", "+", "-",
    "*", "/", "%", "!",
];

/// Splits a text into tokens, each with its offset. The last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Refusal> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let token = lexer.next()?;
        let ends = token == Token::End;
        tokens.push((start, token));
        if ends {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{c}']).len();
            self.at += blanks;
            if !self.rest().starts_with("//") {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn next(&mut self) -> Result<Token, Refusal> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        if let Some(literal) = self.string()? {
            return Ok(literal);
        }
        if first == '_' || first.is_ascii_alphabetic() {
            return Ok(Token::Ident(self.take_while(|c| c == '_' || c.is_ascii_alphanumeric()).to_owned()));
        }
        let second_is_digit = rest[first.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        if first.is_ascii_digit() || (first == '.' && second_is_digit) {
            return self.number();
        }
        if first == '`' {
            let name = rest[1..].split('`').next().unwrap_or("");
            if name.is_empty() || name.len() + 1 == rest.len() {
                return Err(Refusal::new(self.at, "a name in backticks has no end"));
            }
            self.at += name.len() + 2;
            return Ok(Token::QuotedIdent(name.to_owned()));
        }
        match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => {
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
            None => Err(Refusal::new(self.at, format!("`{first}` cannot stand here"))),
        }
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn number(&mut self) -> Result<Token, Refusal> {
        let start = self.at;
        let rest = self.rest();
        let refuse = |message: &str| Err(Refusal::new(start, message));
        if rest.starts_with("0x") || rest.starts_with("0X") {
            self.at += 2;
            let digits = self.take_while(|c| c.is_ascii_hexdigit());
            let Ok(value) = u64::from_str_radix(digits, 16) else { return refuse("the number is too large") };
            return Ok(self.integer(value));
        }
        self.take_while(|c| c.is_ascii_digit());
        let mut is_double = false;
        // `1.size()` is no number with a fraction.
        if self.rest().starts_with('.') && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            is_double = true;
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let exponent =
            self.rest().strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
        if let Some(digits) = exponent.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) {
            is_double = true;
            self.at = self.text.len() - digits.len();
            self.take_while(|c| c.is_ascii_digit());
        }
        let text = &self.text[start..self.at];
        if is_double {
            return text.parse().map(Token::Double).or_else(|_| refuse("this is not a number"));
        }
        match text.parse() {
            Ok(value) => Ok(self.integer(value)),
            Err(_) => refuse("the number is too large"),
        }
    }

    fn integer(&mut self, value: u64) -> Token {
        if self.rest().starts_with(['u', 'U']) {
            self.at += 1;
            return Token::Uint(value);
        }
        Token::Int(value)
    }

    /// A string or bytes: `'a'`, `"""a"""`, `r'a'`, `b"a"`.
    fn string(&mut self) -> Result<Option<Token>, Refusal> {
        let start = self.at;
        let rest = self.rest();
        let prefix = rest.len() - rest.trim_start_matches(['r', 'R', 'b', 'B']).len();
        let quoted = &rest[prefix..];
        if prefix > 2 || !quoted.starts_with(['"', '\'']) {
            return Ok(None);
        }
        let (mut raw, mut bytes) = (false, false);
        for letter in rest[..prefix].bytes() {
            let seen = if letter.eq_ignore_ascii_case(&b'r') { &mut raw } else { &mut bytes };
            if std::mem::replace(seen, true) {
                return Ok(None);
            }
        }
        let quote = &quoted[..1];
        let triple = quote.repeat(3);
        let close = if quoted.starts_with(&triple) { &triple[..] } else { quote };
        let mut at = start + prefix + close.len();
        let mut content = Vec::new();
        loop {
            let rest = &self.text[at..];
            if rest.starts_with(close) {
                self.at = at + close.len();
                break;
            }
            let Some(c) = rest.chars().next().filter(|c| close.len() == 3 || !matches!(c, '\n' | '\r'))
            else {
                return Err(Refusal::new(start, "a string has no end"));
            };
            if c == '\\' && !raw {
                at += escape(rest, bytes, &mut content).map_err(|message| Refusal::new(at, message))?;
            } else {
                content.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                at += c.len_utf8();
                // The character behind a backslash of a raw string is no quote.
                if c == '\\'
                    && let Some(next) = self.text[at..].chars().next().filter(|next| quote.starts_with(*next))
                {
                    content.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes());
                    at += next.len_utf8();
                }
            }
        }
        if bytes {
            return Ok(Some(Token::Bytes(content)));
        }
        match String::from_utf8(content) {
            Ok(text) => Ok(Some(Token::Text(text))),
            Err(_) => Err(Refusal::new(start, "a string has an escape that is not a character")),
        }
    }
}

/// Reads the escape at the start of a text; the result is its length.
fn escape(rest: &str, bytes: bool, content: &mut Vec<u8>) -> Result<usize, &'static str> {
    const UNKNOWN: &str = "there is no such escape";
    let letter = rest[1..].chars().next().ok_or("a string has no end")?;
    let simple = match letter {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' | '\'' | '"' | '`' | '?' => letter as u8,
        _ => 0,
    };
    if simple != 0 {
        content.push(simple);
        return Ok(2);
    }
    let (start, digits, radix) = match letter {
        'x' | 'X' => (2, 2, 16),
        'u' => (2, 4, 16),
        'U' => (2, 8, 16),
        '0'..='3' => (1, 3, 8),
        _ => return Err(UNKNOWN),
    };
    let code = rest.get(start..start + digits).ok_or(UNKNOWN)?;
    let code = u32::from_str_radix(code, radix).map_err(|_| UNKNOWN)?;
    if bytes && !matches!(letter, 'u' | 'U') {
        content.push(u8::try_from(code).map_err(|_| UNKNOWN)?);
    } else {
        let c = char::from_u32(code).ok_or(UNKNOWN)?;
        content.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(start + digits)
}
