//! The `--set` grammar: paths, escapes, lists, JSON and files, as users of Helm know them.
//!
//! ```text
//! flag       = assignment { "," assignment }          or, with --set-json, one JSON map for the root
//! assignment = path "=" value
//! path       = key { "." key | "[" index "]" }
//! value      = "{" [ word { "," word } ] "}"          a list; with --set-json any JSON instead
//!            | word
//! ```
//!
//! A backslash takes the next character as it is, in keys and in values; with --set-literal it is a character like others,
//! and the value is all that stands behind the first equals sign. Every key and value keeps its span in the
//! flag, so a finding about a flag underlines it as one about a file does.
//!
//! | text | edits |
//! |---|---|
//! | `a.b=1,c=x` | `a.b` to 1, `c` to `x` |
//! | `hosts[0].name=web` | the name of the first item |
//! | `list={a,b}` | a list of two |
//! | `annotations.a\.b/c=d` | one key, `a.b/c` |
//! | `replicas=null` | `replicas` is removed |
//!
//! A text is read once from its first byte to its last, by a recursive descent without backtracking: one character
//! decides what comes next.

use std::sync::Arc;

use super::{Edit, PathStep};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::session::{Outcome, Reported, Session};
use crate::source::{Mapping, SourceId, SourceKind, SourceMap, Span};
use crate::yaml::{self, Kind, Node, Segment, Value};

/// Which flag an assignment was given with; the flag decides how its value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// `--set`: the wanted type decides; where none is known, YAML 1.2 core.
    Set,
    /// `--set-string`: always a string.
    String,
    /// `--set-json`: JSON, for one path or for the root.
    Json,
    /// `--set-literal`: a string, which is all behind the first `=`.
    Literal,
}

/// Reads the text of one flag: one assignment, or several with commas between them.
///
/// # Errors
/// What does not follow the grammar is reported as V002, at its place in the flag.
pub fn parse_set(session: &Session, kind: SetKind, flag: SourceId) -> Outcome<Vec<Edit>> {
    yaml::refuse_reserved(session, flag)?;
    let text = session.source(flag).text.clone();
    let mut reader = Reader { session, flag, text: &text, at: 0, escapes: kind != SetKind::Literal };
    // A map for the root: a key that begins with a brace would have to be escaped.
    if kind == SetKind::Json && text.trim_start().starts_with('{') {
        let node = reader.json(text.len()).inspect_err(|_| session.source(flag).is_unreadable())?;
        return Ok(vec![Edit { steps: Vec::new(), node }]);
    }
    let edits = reader.assignments(|reader| reader.value(kind));
    if edits.is_err() {
        session.source(flag).is_unreadable();
    }
    edits
}

/// Reads the text of a `--set-file` flag. `read` gets the path that the flag names, reads the file and registers it.
///
/// # Errors
/// What does not follow the grammar is reported as V002; what `read` reports comes through.
pub fn parse_set_file(
    session: &Session,
    flag: SourceId,
    mut read: impl FnMut(&str, Span) -> Outcome<SourceId>,
) -> Outcome<Vec<Edit>> {
    yaml::refuse_reserved(session, flag)?;
    let text = session.source(flag).text.clone();
    let mut reader = Reader { session, flag, text: &text, at: 0, escapes: true };
    reader.assignments(|reader| {
        let (path, span) = reader.word(&[',']);
        let file = read(&path, span)?;
        yaml::refuse_reserved(session, file)?;
        let content = session.source(file).text.clone();
        // The value is in the file, and so is its span: a finding about it shows the file, and not the flag.
        let span = Span::new(file, 0, content.len());
        Ok(Node::string(&*content, span))
    })
}

/// Reads a flag from its first byte to its last; what is wrong ends it, as what follows could mean anything.
struct Reader<'t> {
    session: &'t Session,
    flag: SourceId,
    text: &'t str,
    /// The byte that is read next.
    at: usize,
    /// Whether a backslash takes the next character as it is.
    escapes: bool,
}

impl Reader<'_> {
    /// Reads assignments with commas between them, up to the end of the text. `value` reads what stands behind an
    /// equals sign.
    fn assignments(&mut self, mut value: impl FnMut(&mut Self) -> Outcome<Node>) -> Outcome<Vec<Edit>> {
        let mut edits = Vec::new();
        loop {
            let steps = self.path()?;
            let node = value(self)?;
            edits.push(Edit { steps, node });
            match self.peek() {
                None => return Ok(edits),
                // Often a space that the shell has split at: `--set a=1, b=2`.
                Some(',') if self.at + 1 == self.text.len() => {
                    return Err(self.wrong(self.at, "a comma with nothing after it", "remove it"));
                }
                Some(',') => self.at += 1,
                Some(_) => {
                    let help = "put a comma before the next assignment, or escape the character with `\\`";
                    return Err(self.wrong(self.at, "there is more text after the value", help));
                }
            }
        }
    }

    /// Reads `a.b[0].c=`, the equals sign included.
    fn path(&mut self) -> Outcome<Vec<PathStep>> {
        let mut steps = vec![self.key()?];
        loop {
            // Each step may be a level of the tree that is made, and trees are walked by recursion.
            if steps.len() > self.session.limits().of(Limit::PathSteps) {
                let most = self.session.limits().said(Limit::PathSteps);
                let message = format!("the path has more than {most} steps");
                return Err(self.wrong(self.at, &message, "set a smaller part of the values, from a file"));
            }
            let here = self.at;
            match self.peek() {
                Some('[') => steps.push(self.index()?),
                Some('.') => {
                    self.at += 1;
                    steps.push(self.key()?);
                }
                Some('=') => {
                    self.at += 1;
                    return Ok(steps);
                }
                Some(',') | None => {
                    let help = "write `key=value`; `key=null` removes the key";
                    return Err(self.wrong(here, "this path has no value", help));
                }
                Some(_) => {
                    return Err(self.wrong(
                        here,
                        "this cannot follow an index",
                        "go on with `.`, `[` or `=`",
                    ));
                }
            }
        }
    }

    /// Reads a key, up to what ends it.
    fn key(&mut self) -> Outcome<PathStep> {
        let start = self.at;
        let stops: &[char] = if self.escapes { &['.', '[', '=', ','] } else { &['.', '[', '='] };
        let (key, span) = self.word(stops);
        if key.is_empty() {
            let help = "write the path as `key.key[0]=value`; a dot within a key is written `\\.`";
            return Err(self.wrong(start, "a key is missing here", help));
        }
        Ok(PathStep { segment: Segment::Key(key), span })
    }

    /// Reads `[0]`, the brackets included.
    fn index(&mut self) -> Outcome<PathStep> {
        let start = self.at;
        let inside = self.text[start + 1..].split_once(']').map(|(inside, _)| inside);
        // `parse` alone would take a sign.
        let digits = inside.filter(|inside| inside.bytes().all(|byte| byte.is_ascii_digit()));
        let (Some(digits), Some(index)) = (digits, digits.and_then(|digits| digits.parse().ok())) else {
            let help = "write a number from 0 between the brackets: `list[0]`";
            return Err(self.wrong(start, "this is not an index", help));
        };
        self.at = start + digits.len() + 2;
        Ok(PathStep { segment: Segment::Index(index), span: Span::new(self.flag, start, self.at) })
    }

    /// Reads what stands behind an equals sign.
    fn value(&mut self, kind: SetKind) -> Outcome<Node> {
        match kind {
            SetKind::Json => {
                let end = self.at + json_length(&self.text[self.at..]);
                self.json(end)
            }
            SetKind::Literal => Ok(self.scalar(kind, &[])),
            _ if self.peek() == Some('{') => self.list(kind),
            _ => Ok(self.scalar(kind, &[','])),
        }
    }

    /// Reads `{a,b}`, the braces included.
    fn list(&mut self, kind: SetKind) -> Outcome<Node> {
        let start = self.at;
        let mut items = Vec::new();
        self.at += 1;
        // Without an item; `{,}` has two, which are empty texts.
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Node::new(Value::List(items), Span::new(self.flag, start, self.at)));
        }
        loop {
            items.push(self.scalar(kind, &[',', '}']));
            match self.bump() {
                Some(',') => {}
                // The brace: a scalar ends at nothing else.
                Some(_) => break,
                None => {
                    let help = "close it with `}`, or write `\\{` if the brace belongs to the value";
                    return Err(self.wrong(start, "this list is not closed", help));
                }
            }
        }
        Ok(Node::new(Value::List(items), Span::new(self.flag, start, self.at)))
    }

    /// Reads a word as a value; what the schema wants is given to it when the flag is applied.
    fn scalar(&mut self, kind: SetKind, stops: &[char]) -> Node {
        let (text, span) = self.word(stops);
        if let SetKind::String | SetKind::Literal = kind {
            return Node::string(text, span);
        }
        let node = Node::plain(text, span);
        // Only the word `null` removes; an empty value or a tilde is text to those who type it into a shell.
        match node.as_scalar() {
            Some(scalar) if scalar.kind == Kind::Null && &*scalar.text != "null" => {
                Node::string(Arc::clone(&scalar.text), span)
            }
            _ => node,
        }
    }

    /// Reads up to one of `stops`, which stays; a backslash takes the next character as it is.
    fn word(&mut self, stops: &[char]) -> (String, Span) {
        let start = self.at;
        let mut word = String::new();
        while let Some(character) = self.peek() {
            if stops.contains(&character) {
                break;
            }
            self.at += character.len_utf8();
            // A backslash at the end of the text has nothing to take, and is left out.
            if character != '\\' || !self.escapes {
                word.push(character);
            } else if let Some(escaped) = self.bump() {
                word.push(escaped);
            }
        }
        (word, Span::new(self.flag, start, self.at))
    }

    /// Reads JSON up to byte `end`. serde_json says whether it is JSON; then it is YAML too, and the YAML reader gives
    /// nodes with spans. They are spans of a source of its own, and are resolved to the flag.
    fn json(&mut self, end: usize) -> Outcome<Node> {
        let start = self.at;
        let text = &self.text[start..end];
        // Asked first, because the YAML reader would take much that is no JSON: `{a: 1}`, or a word without quotes.
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            // Columns count bytes, from 1.
            let lines_before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
            let line: usize = lines_before.map(str::len).sum();
            let at = start + (line + error.column().saturating_sub(1)).min(text.len());
            // The schema cannot say whether it is a secret, so it is none that is shown.
            self.session.hide(Span::new(self.flag, start, end));
            let help = "write JSON after the `=`: strings in double quotes, `--set-json 'key={\"a\":1}'`";
            return Err(self.wrong(at, "this is not JSON", help));
        }
        self.at = end;
        let from = Span::new(self.flag, start, end);
        let derivation = SourceMap::from_iter([Mapping { at: 0, from, verbatim: true }]);
        let name = self.session.source(self.flag).name.clone();
        let part = self.session.add_source(SourceKind::Derived(Arc::new(derivation)), name, text);
        let before = self.session.errors();
        let node = yaml::parse_one(self.session, part);
        // A key that is there twice leaves a tree that lacks one of them.
        if self.session.errors() > before {
            self.session.source(self.flag).is_unreadable();
        }
        let node = node?.unwrap_or_else(|| Node::plain("null", from));
        Ok(resolve_spans(self.session, node))
    }

    /// The next character.
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Passes over the next character, and gives it.
    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Reports what does not follow the grammar, at the character at a byte (V002).
    fn wrong(&self, at: usize, message: &str, help: &str) -> Reported {
        // Nothing at the end of the text.
        let length = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let span = Span::new(self.flag, at, at + length);
        self.session.report(Diagnostic::error(Code::V002, message).at(span, "here").help(help))
    }
}

/// The length in bytes of a JSON text that may be followed by a comma and another assignment: up to the first comma
/// outside of its strings, lists and maps. Whether it is JSON at all is asked afterwards.
fn json_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The tree with its spans resolved to the flag that the JSON was a part of.
fn resolve_spans(session: &Session, mut node: Node) -> Node {
    node.span = session.resolve(node.span);
    node.value = match node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar),
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| resolve_spans(session, item)).collect())
        }
        Value::Map(mut map) => {
            for entry in map.values_mut() {
                entry.key_span = session.resolve(entry.key_span);
                // Something has to stand in the map while its node is taken apart.
                let hole = Node::plain("", entry.key_span);
                entry.node = resolve_spans(session, std::mem::replace(&mut entry.node, hole));
            }
            Value::Map(map)
        }
    };
    node
}
