//! Reading YAML as Helm does.

use std::collections::HashMap;
use std::ops::Range;

use super::notes::{Note, NoteKind, of_scalar};
use super::scalar::{Resolved, resolve};
use crate::diagnostic::{Code, Diagnostic};
use crate::gotemplate::text::Text;
use crate::gotemplate::value::{Entry, Map, MapType, Value};
use crate::helm::json::{self, Target};
use crate::helm::numbers;
use crate::helm::placed::Placed;
use crate::helm::strvals;
use crate::limits::{Limit, Limits};
use crate::session::Session;
use crate::source::{SourceId, Span};
use crate::yaml::{Marks, ParseLimits, Part, Parts, Style};

/// Any value: the first document of a text.
///
/// # Errors
/// What is wrong with the text.
pub fn parse(text: &Text) -> Result<Value, String> {
    parse_as(text, Target::Any)
}

/// `fromYaml`: a map; an empty text is an empty one.
///
/// # Errors
/// What is wrong with the text, also if it is no map.
pub fn parse_map(text: &Text) -> Result<Value, String> {
    parse_as(text, Target::Map)
}

/// `fromYamlArray`: a list; an empty text is an empty one.
///
/// # Errors
/// What is wrong with the text, also if it is no list.
pub fn parse_list(text: &Text) -> Result<Value, String> {
    parse_as(text, Target::List)
}

fn parse_as(text: &Text, target: Target) -> Result<Value, String> {
    let Ok(utf8) = std::str::from_utf8(text.as_bytes()) else {
        return Err(converting("yaml: invalid UTF-8"));
    };
    let limits = ParseLimits::from(&Limits::default());
    let value = document(utf8, Placed::String(text), limits, None).map_err(|error| error.message)?;
    target.take(value).map_err(|message| decoding(&message))
}

fn converting(message: &str) -> String {
    format!("error converting YAML to JSON: {message}")
}

fn decoding(message: &str) -> String {
    format!("error unmarshaling JSON: while decoding JSON: {message}")
}

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong, as Helm says it.
    pub message: String,
    /// The place.
    pub span: Span,
}

/// What to do about errors, by words in their messages.
const ADVICE: [(&str, &str); 12] = [
    ("cannot decode !!", "leave out the tag, or give it a value that fits"),
    ("invalid base64", "leave out the tag, or give it a value in Base64"),
    ("handle wasn't declared", "write quotes around a text that begins with `!`"),
    ("must be a map", "write `key: value`"),
    ("invalid map key", "write quotes around the key"),
    ("tab", "indent with spaces"),
    ("anchor", "set an anchor (`&name`) before, or write quotes around a text that begins with `*`"),
    ("mapping values", "write quotes around a text with `: ` in it, or mend the indentation"),
    ("unexpected character", "write quotes around it"),
    ("unsupported value", "write quotes around it"),
    ("control characters", "write quotes around it, with `\\x01` and the like for such characters"),
    ("map merge", "give `<<` a map, or a list of maps"),
];

impl ReadError {
    /// The finding (H009) about a file that cannot be read.
    pub fn finding(&self, session: &Session, source: SourceId) -> Diagnostic {
        // Nobody knows what of it is secret.
        session.source(source).is_unreadable();
        let source = session.source(source);
        // What Helm says around it tells of its libraries, and the line is shown.
        let mut said = self.message.as_str();
        for prefix in ["error converting YAML to JSON: ", "yaml: ", "json: "] {
            said = said.strip_prefix(prefix).unwrap_or(said);
        }
        if let Some((line, rest)) = said.strip_prefix("line ").and_then(|rest| rest.split_once(": "))
            && line.bytes().all(|byte| byte.is_ascii_digit())
        {
            said = rest;
        }
        let limit = said.contains("recursion limit") || said.contains("max depth");
        let said = if limit {
            format!("nested more than {} levels deep", session.limits().said(Limit::Nesting))
        } else {
            said.to_owned()
        };
        let line = source.text.get(..self.span.end as usize).unwrap_or_default().lines().last();
        let is_template = line.is_some_and(|line| line.contains("{{"));
        let known = || ADVICE.iter().find(|(words, _)| said.contains(words)).map(|(_, advice)| *advice);
        let help = if limit {
            session.limits().help(Limit::Nesting, "no values are like that; simplify them")
        } else if is_template {
            "values are not templates: write quotes around it, and have a template call `tpl`".to_owned()
        } else {
            known()
                .unwrap_or("check the indentation and the quotes on this line and the one before it")
                .to_owned()
        };
        let message = format!("`{}` cannot be read: {said}", source.name);
        Diagnostic::error(Code::H009, message).at(self.span, "here").help(help)
    }
}

/// A file of values.
#[derive(Clone, Debug)]
pub struct ValuesFile {
    /// Its values: a map.
    pub values: Value,
    /// What Helm's reading corrupts.
    pub notes: Vec<Note>,
}

/// Reads a file of values: a chart's `values.yaml`, or one of `--values`. Several documents are merged, later ones
/// over earlier ones.
///
/// # Errors
/// What is wrong with the text, also if a document is no map.
pub fn read_values(session: &Session, source: SourceId) -> Result<ValuesFile, ReadError> {
    let text = session.source(source).text.clone();
    let limits = ParseLimits::from(session.limits());
    let values = Map::new(MapType::Any);
    let mut notes = Vec::new();
    let ranges = documents(&text).map_err(|range| ReadError {
        message: format!(
            "error reading yaml document: invalid Yaml document separator: {}",
            text.get(range.clone()).unwrap_or_default()
        ),
        span: Span::new(source, range.start, range.end),
    })?;
    for range in ranges {
        let part = text.get(range.clone()).unwrap_or_default();
        let placed = Placed::Source(source, range.start);
        let value = document(part, placed, limits, Some(&mut notes))?;
        let whole = Span::new(source, range.start, range.end);
        let what = match &value {
            Value::List(_) => "a list",
            Value::String(_) => "a text",
            Value::Bool(..) => "a boolean",
            _ => "a number",
        };
        let value = Target::Map.take(value).map_err(|_| ReadError {
            message: format!("it must be a map, and this is {what}"),
            span: whole.first_byte(),
        })?;
        if let Value::Map(map) = value {
            strvals::merge(&values, &map);
        }
    }
    Ok(ValuesFile { values: Value::Map(values.into()), notes })
}

/// The documents of a text, as Helm tells those of a file of values apart: by lines that begin with `---`, wherever they
/// stand. At least one is given, which may be empty.
///
/// # Errors
/// What stands behind a `---`, if it is more than a comment.
fn documents(text: &str) -> Result<Vec<Range<usize>>, Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---") {
            let behind = rest.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                let begin = at + line.len() - rest.trim_start().len();
                return Err(begin..begin + behind.len());
            }
            if at > start {
                ranges.push(start..at);
                start = at;
            }
        }
        at += line.len();
    }
    ranges.push(start..text.len());
    Ok(ranges)
}

/// The first document of a text; nothing at all is `nil`.
fn document(
    text: &str,
    placed: Placed<'_>,
    limits: ParseLimits,
    notes: Option<&mut Vec<Note>>,
) -> Result<Value, ReadError> {
    let text = without_last_spaces(text);
    let mended = without_tabs_in_brackets(text, limits);
    let text = mended.as_deref().unwrap_or(text);
    let mut reader = Reader {
        text,
        parts: Parts::new(text, limits),
        placed,
        anchors: HashMap::new(),
        expanded: 0,
        limits,
        notes,
        end: 0,
        end_before: 0,
        has_tabs: text.contains('\t'),
        infinite: None,
        flow: 0,
        looked_at: 0,
    };
    reader.refuse_controls()?;
    loop {
        let (part, range) = reader.next()?;
        match part {
            Part::Document => {}
            Part::End => {
                if reader.has_tabs {
                    reader.refuse_tabs(0..text.len())?;
                }
                return Ok(Value::Nil);
            }
            _ if markers(text.get(..range.start).unwrap_or_default()) > 1 => return Ok(Value::Nil),
            part => {
                let node = reader.node(part, range, 0)?;
                reader.end_of_document(reader.end)?;
                reader.refuse_infinite(&node.value)?;
                return Ok(node.value);
            }
        }
    }
}

/// The text without spaces behind its last line break: they would count as a line of a block that keeps all of them.
fn without_last_spaces(text: &str) -> &str {
    let cut = text.trim_end_matches(' ');
    if cut.ends_with('\n') { cut } else { text }
}

/// The text with spaces for the tabs that lines in brackets begin with, where granit-parser takes none and libyaml any:
/// JSON is often indented so. Offsets stay the same. None if there is nothing to mend.
fn without_tabs_in_brackets(text: &str, limits: ParseLimits) -> Option<String> {
    let begins_with_tab = |line: &str| line.trim_start_matches(' ').starts_with('\t');
    if !text.contains('\t') || !text.lines().any(begins_with_tab) {
        return None;
    }
    let mut mended: Option<String> = None;
    // Each pass mends one value in brackets; a text with more of them in tabs is refused.
    for _ in 0..64 {
        let current = mended.as_deref().unwrap_or(text);
        let Some((message, at)) = first_error(current, limits) else { break };
        if !message.contains("tabs disallowed") {
            break;
        }
        let line = current.get(..at)?.rfind('\n')? + 1;
        // Cut before that line, the bracket is not closed, and that error is where it begins.
        let (message, open) = first_error(current.get(..line)?, limits)?;
        if !message.contains("unclosed bracket") {
            break;
        }
        let replaced = spaces_in_brackets(current, open);
        if replaced == current {
            break;
        }
        mended = Some(replaced);
    }
    mended
}

/// What is wrong with a text, and the byte that it is at.
fn first_error(text: &str, limits: ParseLimits) -> Option<(String, usize)> {
    let mut parts = Parts::new(text, limits);
    loop {
        match parts.next() {
            Ok((Part::End, _)) => return None,
            Ok(_) => {}
            Err(error) => return Some(error),
        }
    }
}

/// The text with spaces for tabs at the start of lines, from an open bracket up to the one that closes it.
fn spaces_in_brackets(text: &str, open: usize) -> String {
    let (before, inside) = text.split_at_checked(open).unwrap_or((text, ""));
    let mut out = String::with_capacity(text.len());
    out.push_str(before);
    let (mut depth, mut begins_line, mut escaped, mut closed) = (0_usize, false, false, false);
    let mut quote = None;
    for character in inside.chars() {
        let replaced = character == '\t' && begins_line && quote.is_none() && !closed;
        out.push(if replaced { ' ' } else { character });
        begins_line = character == '\n' || (begins_line && matches!(character, ' ' | '\t'));
        match (quote, character) {
            _ if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), character) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth = depth.saturating_sub(1);
                closed |= depth == 0;
            }
            _ => {}
        }
    }
    out
}

/// How many documents have been begun with a marker. The readers leave out those that have nothing in them.
fn markers(text: &str) -> usize {
    let is_marker = |line: &&str| {
        line.strip_prefix("---").is_some_and(|rest| rest.trim_start() != rest || rest.is_empty())
    };
    text.lines().filter(is_marker).count()
}

/// A value, with what a key or a merge has to know of it.
struct Read {
    value: Value,
    /// What it is as a key; a message if it can be none.
    key: Result<String, &'static str>,
    /// Whether it is the key `<<`.
    is_merge: bool,
    /// Whether it is a map, or an alias of one.
    is_map: bool,
    /// If it is a list: whether all items are maps.
    of_maps: bool,
    range: Range<usize>,
}

struct Anchor {
    /// None while the anchored node is still being read.
    value: Option<(Value, bool, bool)>,
    /// How many values it has.
    weight: usize,
}

struct Reader<'t, 'n> {
    text: &'t str,
    parts: Parts<'t>,
    placed: Placed<'t>,
    anchors: HashMap<usize, Anchor>,
    /// How many values aliases have added.
    expanded: usize,
    limits: ParseLimits,
    notes: Option<&'n mut Vec<Note>>,
    /// The end of the last value.
    end: usize,
    /// The end of the value before that.
    end_before: usize,
    /// Whether there is a tab in the text.
    has_tabs: bool,
    /// The first infinite number.
    infinite: Option<Range<usize>>,
    /// How many collections with brackets are open; counted only if there are tabs.
    flow: usize,
    /// Up to where tabs were looked for.
    looked_at: usize,
}

impl<'t> Reader<'t, '_> {
    fn fail(&self, message: &str, range: Range<usize>) -> ReadError {
        ReadError { message: converting(message), span: self.placed.span(range) }
    }

    fn fail_at_line(&self, message: &str, at: usize) -> ReadError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = 1 + before.matches('\n').count();
        self.fail(&format!("yaml: line {line}: {message}"), at..at)
    }

    fn next(&mut self) -> Result<(Part<'t>, Range<usize>), ReadError> {
        let (part, range) = self.parts.next().map_err(|(message, at)| self.fail_at_line(&message, at))?;
        if self.has_tabs {
            self.check_tabs(&part, &range)?;
        }
        let closes =
            |range: &Range<usize>| matches!(self.text.as_bytes().get(range.start), Some(b']' | b'}'));
        if let Part::Scalar(_, _, marks) | Part::List(marks) | Part::Map(marks) = &part
            && marks.anchor > 0
        {
            self.check_anchor(self.end.min(range.start)..range.start)?;
        }
        match part {
            Part::Scalar(..) | Part::Alias(_) => {
                self.end_before = self.end;
                self.end = range.end;
            }
            Part::ListEnd | Part::MapEnd if closes(&range) => self.end = range.end,
            _ => {}
        }
        Ok((part, range))
    }

    /// Names of anchors are letters, digits, `_` and `-` to libyaml. The name stands somewhere in what is before the node.
    fn check_anchor(&self, before: Range<usize>) -> Result<(), ReadError> {
        let Some(at) = self.text.get(before.clone()).and_then(|text| text.rfind('&')) else { return Ok(()) };
        let name = self.text.get(before.start + at + 1..before.end).unwrap_or_default();
        let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        let ends = rest.is_empty()
            || rest.starts_with([' ', '\t', '\r', '\n', '?', ':', ',', ']', '}', '%', '@', '`']);
        if rest.len() < name.len() && ends {
            return Ok(());
        }
        let message = "did not find expected alphabetic or numeric character";
        Err(self.fail_at_line(message, before.start + at))
    }

    /// libyaml takes no tab for indentation, where YAML 1.2 may.
    fn check_tabs(&mut self, part: &Part<'_>, range: &Range<usize>) -> Result<(), ReadError> {
        let is_flow = self.text.get(range.start..).is_some_and(|rest| rest.starts_with(['[', '{']));
        let begins = match part {
            Part::Scalar(..) | Part::Alias(_) => true,
            Part::List(_) | Part::Map(_) => is_flow,
            Part::ListEnd | Part::MapEnd => {
                if self.flow > 0 {
                    self.flow -= 1;
                    self.looked_at = range.end.max(self.looked_at);
                }
                return Ok(());
            }
            Part::Document | Part::End => return Ok(()),
        };
        if !begins {
            return Ok(());
        }
        if self.flow == 0 {
            self.refuse_tabs(self.looked_at..range.start)?;
        }
        match part {
            Part::List(_) | Part::Map(_) => self.flow += 1,
            _ => self.looked_at = range.end.max(self.looked_at),
        }
        Ok(())
    }

    /// Refuses tabs that begin a line, or stand behind a sign, in what is no value.
    fn refuse_tabs(&self, range: Range<usize>) -> Result<(), ReadError> {
        let Some(between) = self.text.get(range.clone()) else { return Ok(()) };
        let mut at = range.start;
        for (index, line) in between.split_inclusive('\n').enumerate() {
            let begins_line = index > 0 || range.start == 0;
            let bare = line.trim_start_matches(' ');
            let behind_signs = bare.trim_start_matches(['-', '?', ' ']);
            let has_sign = behind_signs.len() < bare.len();
            if (begins_line || has_sign) && behind_signs.starts_with('\t') {
                return Err(self.fail_at_line("found character that cannot start any token", at));
            }
            at += line.len();
        }
        Ok(())
    }

    /// libyaml reads no control characters.
    fn refuse_controls(&self) -> Result<(), ReadError> {
        let is_refused = |character: char| {
            matches!(
                character,
                '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
                | '\u{fffe}' | '\u{ffff}'
            )
        };
        match self.text.char_indices().find(|(_, character)| is_refused(*character)) {
            Some((at, _)) => Err(self.fail("yaml: control characters are not allowed", at..at)),
            None => Ok(()),
        }
    }

    /// Looks at what stands behind the document. Helm reads one, and drops the rest without a word; only what can be no
    /// part of any YAML is refused.
    fn end_of_document(&mut self, end: usize) -> Result<(), ReadError> {
        let next = self.parts.next();
        let rest = match &next {
            Ok((Part::End, _)) => self.text.len(),
            Ok((_, range)) => range.start,
            Err((_, at)) => *at,
        };
        if self.has_tabs {
            self.refuse_tabs(self.looked_at..rest)?;
        }
        if let Err((message, at)) = next {
            let before = self.text.get(..at).unwrap_or(self.text);
            let is_behind = before.contains("\n---") || before.contains("\n...");
            let is_of_parser = message.contains("document start") || message.contains("bracket");
            if !is_behind && !is_of_parser {
                return Err(self.fail_at_line(&message, at));
            }
        }
        self.note_dropped(end);
        Ok(())
    }

    /// Notes what stands behind the document, if it is more than comments.
    fn note_dropped(&mut self, end: usize) {
        let Some(rest) = self.text.get(end..) else { return };
        let mut at = end;
        for (index, line) in rest.split_inclusive('\n').enumerate() {
            let text = line.trim();
            // The line that the document ends in may go on with a comment.
            if index > 0 && !(text.is_empty() || text.starts_with('#') || text == "..." || text == "---") {
                self.note(
                    NoteKind::Dropped,
                    &(at..at + line.trim_end().len()),
                    text.to_owned(),
                    String::new(),
                );
                return;
            }
            at += line.len();
        }
    }

    fn node(&mut self, part: Part<'t>, range: Range<usize>, depth: usize) -> Result<Read, ReadError> {
        if depth > self.limits.depth {
            return Err(self.fail("yaml: exceeded max depth", range));
        }
        match part {
            Part::Scalar(text, style, marks) => {
                let read = self.scalar(&text, style, &marks, range)?;
                self.define(marks.anchor, &read, 1);
                Ok(read)
            }
            Part::List(marks) => self.list(marks.anchor, range, depth),
            Part::Map(marks) => self.map(marks.anchor, range, depth),
            Part::Alias(anchor) => self.alias(anchor, range),
            Part::Document | Part::ListEnd | Part::MapEnd | Part::End => {
                Err(self.fail("yaml: did not find expected node content", range))
            }
        }
    }

    fn begin(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, Anchor { value: None, weight: 0 });
        }
    }

    fn define(&mut self, anchor: usize, read: &Read, weight: usize) {
        if anchor > 0 {
            let value = Some((copy(&read.value), read.is_map, read.of_maps));
            self.anchors.insert(anchor, Anchor { value, weight });
        }
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<Read, ReadError> {
        let Some(found) = self.anchors.get(&anchor) else {
            return Err(self.fail("yaml: unknown anchor referenced", range));
        };
        let Some((value, is_map, _)) = &found.value else {
            return Err(self.fail("yaml: anchor value contains itself", range));
        };
        self.expanded += found.weight;
        if self.expanded > self.limits.expanded {
            return Err(self.fail("yaml: document contains excessive aliasing", range));
        }
        let (value, is_map) = (copy(value), *is_map);
        let key = key_of(&value);
        Ok(Read { value, key, is_merge: false, is_map, of_maps: false, range })
    }

    fn list(&mut self, anchor: usize, range: Range<usize>, depth: usize) -> Result<Read, ReadError> {
        self.begin(anchor);
        let mut items = Vec::new();
        let mut of_maps = true;
        loop {
            let (part, item_range) = self.next()?;
            if let Part::ListEnd = part {
                break;
            }
            let item = self.node(part, item_range, depth + 1)?;
            of_maps &= item.is_map;
            items.push(item.value);
        }
        let value = Value::list(items);
        let read = Read { value, key: Err("a list"), is_merge: false, is_map: false, of_maps, range };
        if anchor > 0 {
            self.define(anchor, &read, weight(&read.value));
        }
        Ok(read)
    }

    fn map(&mut self, anchor: usize, range: Range<usize>, depth: usize) -> Result<Read, ReadError> {
        self.begin(anchor);
        let map = Map::new(MapType::Any);
        loop {
            let (part, key_range) = self.next()?;
            if let Part::MapEnd = part {
                break;
            }
            let noted = self.notes.as_ref().map_or(0, |notes| notes.len());
            let key = self.node(part, key_range, depth + 1)?;
            self.note_key(noted, &key);
            let (part, value_range) = self.next()?;
            let value = self.node(part, value_range, depth + 1)?;
            if key.is_merge {
                self.merge(&map, &key, &value)?;
                continue;
            }
            let name = match &key.key {
                Ok(name) => name,
                Err(kind) => {
                    let message = format!("yaml: invalid map key: {kind}");
                    return Err(self.fail(&message, key.range));
                }
            };
            let origin = self.placed.origin(key.range.clone());
            let old = map
                .entries
                .borrow_mut()
                .insert(name.as_bytes().into(), Entry { key: origin, value: value.value });
            if old.is_some() {
                self.note(NoteKind::Duplicate, &key.range, name.clone(), "the last one".to_owned());
            }
        }
        let value = Value::Map(map.into());
        let read = Read { value, key: Err("a map"), is_merge: false, is_map: true, of_maps: false, range };
        if anchor > 0 {
            self.define(anchor, &read, weight(&read.value));
        }
        Ok(read)
    }

    /// `<<`: entries of other maps, in the place of those that stand before it.
    fn merge(&mut self, map: &Map, key: &Read, from: &Read) -> Result<(), ReadError> {
        let merged = match &from.value {
            Value::Map(_) => vec![from.value.clone()],
            // The first one wins.
            Value::List(list) if from.of_maps => list.items.iter().rev().cloned().collect(),
            _ => {
                let message = "yaml: map merge requires map or sequence of maps as the value";
                return Err(self.fail(message, from.range.clone()));
            }
        };
        for value in merged {
            let Value::Map(from) = value else { continue };
            for (name, entry) in from.entries.borrow().iter() {
                let old = map.entries.borrow_mut().insert(name.clone(), entry.clone());
                if old.is_some() {
                    let name = String::from_utf8_lossy(name).into_owned();
                    self.note(NoteKind::Merge, &key.range, name, "the merged one".to_owned());
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, kind: NoteKind, range: &Range<usize>, written: String, became: String) {
        let span = self.placed.span(range.clone());
        if let Some(notes) = &mut self.notes {
            notes.push(Note { kind, span, written, became });
        }
    }

    /// Makes one note of what was noted of a key: a key is a text in the end.
    fn note_key(&mut self, noted: usize, key: &Read) {
        let Some(notes) = &mut self.notes else { return };
        if notes.len() == noted {
            return;
        }
        notes.truncate(noted);
        let written = self.text.get(key.range.clone()).unwrap_or_default();
        if let Ok(name) = &key.key
            && name != written
        {
            let (written, became) = (written.to_owned(), name.clone());
            self.note(NoteKind::Key, &key.range, written, became);
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: Style,
        marks: &Marks,
        range: Range<usize>,
    ) -> Result<Read, ReadError> {
        let plain = style == Style::Plain;
        if style == Style::Quoted {
            self.check_escapes(&range)?;
        }
        let text = if style == Style::Block { self.without_missing_break(text, &range) } else { text };
        let tag = marks.tag.as_deref().map(|tag| tag.strip_prefix(CORE).unwrap_or(tag));
        let is_merge = text == "<<" && (plain && tag.is_none() || tag == Some("merge"));
        // Any other tag makes a string of anything, also `!` alone.
        let resolved = match tag {
            None if !plain => Resolved::Str,
            None => resolve(text),
            Some("bool" | "int" | "float" | "null" | "timestamp") => self.tagged(text, tag, &range)?,
            Some(_) => Resolved::Str,
        };
        if !matches!(tag, None | Some("!" | "str" | "binary" | "merge")) && resolved == Resolved::Str {
            self.note(NoteKind::Tag, &self.tag_before(&range), String::new(), text.to_owned());
        }
        let origin = self.placed.origin(range.clone());
        let value = match resolved {
            Resolved::Null => Value::Nil,
            Resolved::Bool(value) => Value::Bool(value, origin),
            #[expect(clippy::cast_precision_loss, reason = "JSON has no other numbers to Go")]
            Resolved::Int(value) => Value::Float(value as f64, origin),
            Resolved::Float(value) => {
                if !value.is_finite() {
                    self.infinite.get_or_insert(range.clone());
                }
                Value::Float(value, origin)
            }
            Resolved::Time | Resolved::Str if tag == Some("binary") => {
                use base64::Engine;
                let engine = base64::engine::general_purpose::STANDARD;
                let bare: String =
                    text.chars().filter(|character| !matches!(character, '\n' | '\r')).collect();
                let Ok(bytes) = engine.decode(bare) else {
                    return Err(self.fail("yaml: !!binary value contains invalid base64 data", range));
                };
                let mut replaced = Vec::new();
                json::push_replaced(&mut replaced, &bytes);
                Value::String(self.placed.made(replaced, range.clone()))
            }
            Resolved::Time | Resolved::Str => Value::String(self.string(text, range.clone())),
        };
        let key = match resolved {
            Resolved::Null => Err("null"),
            Resolved::Bool(value) => Ok(value.to_string()),
            Resolved::Int(value) if value > i128::from(i64::MAX) => Err("a number of more than 63 bits"),
            Resolved::Int(value) => Ok(value.to_string()),
            Resolved::Float(value) => Ok(float_key(value)),
            Resolved::Time | Resolved::Str => key_of(&value),
        };
        if let Some((kind, became)) = of_scalar(text, resolved) {
            self.note(kind, &range, text.to_owned(), became);
        }
        Ok(Read { value, key, is_merge, is_map: false, of_maps: false, range })
    }

    /// Where the tag of a value stands: between the value before it and the value itself, which it is given for if it is
    /// not found.
    fn tag_before(&self, value: &Range<usize>) -> Range<usize> {
        let start = self.end_before.min(value.start);
        let between = self.text.get(start..value.start).unwrap_or_default();
        let begins = |at: usize| {
            between.get(..at).is_some_and(|before| {
                before.is_empty() || before.ends_with([' ', '\t', '\r', '\n', '[', '{', ',', ':', '-', '?'])
            })
        };
        let Some((at, _)) = between.rmatch_indices('!').find(|(at, _)| begins(*at)) else {
            return value.clone();
        };
        let tag = between.get(at..).unwrap_or_default();
        let length = tag.find([' ', '\t', '\r', '\n']).unwrap_or(tag.len());
        start + at..start + at + length
    }

    /// JSON has no infinite numbers. Looked for when it is known what is left of the document: another key may have taken
    /// the place of one.
    fn refuse_infinite(&self, value: &Value) -> Result<(), ReadError> {
        let Some(range) = &self.infinite else { return Ok(()) };
        let Some(found) = infinite_in(value) else { return Ok(()) };
        let message = format!("json: unsupported value: {}", numbers::general(found));
        Err(self.fail(&message, range.clone()))
    }

    /// A block whose last line has no line break ends without one to libyaml, whatever its header says: `toYaml` cuts the
    /// last line break off, so what `fromYaml` reads of it is not always what was printed. Lines of files all have one, as
    /// Helm reads them line by line.
    fn without_missing_break<'s>(&self, text: &'s str, range: &Range<usize>) -> &'s str {
        let is_last = range.end >= self.text.len() && !self.text.ends_with(['\n', '\r']);
        match (self.placed, text.strip_suffix('\n')) {
            (Placed::String(_), Some(cut)) if is_last => cut,
            _ => text,
        }
    }

    /// libyaml knows neither YAML 1.2's `\\/` nor the halves of characters that JSON writes.
    fn check_escapes(&self, range: &Range<usize>) -> Result<(), ReadError> {
        let written = self.text.get(range.clone()).unwrap_or_default();
        if !written.starts_with('"') || !written.contains('\\') {
            return Ok(());
        }
        let mut rest = written;
        while let Some((_, behind)) = rest.split_once('\\') {
            let message = match behind.as_bytes() {
                [b'/', ..] => "found unknown escape character",
                [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => {
                    "found invalid Unicode character escape code"
                }
                _ => "",
            };
            if !message.is_empty() {
                return Err(self.fail_at_line(message, range.start + written.len() - behind.len()));
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        Ok(())
    }

    /// A scalar with a tag of a kind, which has to fit.
    fn tagged(&self, text: &str, tag: Option<&str>, range: &Range<usize>) -> Result<Resolved, ReadError> {
        let tag = tag.unwrap_or_default();
        let resolved = resolve(text);
        let kind = match resolved {
            Resolved::Null => "null",
            Resolved::Bool(_) => "bool",
            Resolved::Int(_) => "int",
            Resolved::Float(_) => "float",
            Resolved::Time => "timestamp",
            Resolved::Str => "str",
        };
        match resolved {
            #[expect(clippy::cast_precision_loss, reason = "what Go does")]
            Resolved::Int(value) if tag == "float" => Ok(Resolved::Float(value as f64)),
            // Times are looked for only where nothing or a time is asked for; then a string is left.
            _ if kind == tag => Ok(resolved),
            _ => {
                let kind = if kind == "timestamp" { "str" } else { kind };
                let message = format!("yaml: cannot decode !!{kind} `{text}` as a !!{tag}");
                Err(self.fail(&message, range.clone()))
            }
        }
    }

    /// A string, with the segments of what was read if that says the same.
    fn string(&self, text: &str, range: Range<usize>) -> Text {
        let written = self.text.get(range.clone()).unwrap_or_default();
        if written == text {
            return self.placed.verbatim(text.as_bytes(), range.clone(), range);
        }
        let content = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
        if self.text.get(content.clone()) == Some(text) {
            return self.placed.verbatim(text.as_bytes(), content, range);
        }
        self.placed.made(text, range)
    }
}

/// What the tags of YAML begin with.
const CORE: &str = "tag:yaml.org,2002:";

/// A number in a value that is none of JSON.
fn infinite_in(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value, _) => Some(*value).filter(|value| !value.is_finite()),
        Value::List(list) => list.items.iter().find_map(infinite_in),
        Value::Map(map) => map.entries.borrow().values().find_map(|entry| infinite_in(&entry.value)),
        _ => None,
    }
}

/// What becomes of a `float64` as a key.
fn float_key(value: f64) -> String {
    match value {
        _ if value.is_nan() => ".nan".to_owned(),
        f64::INFINITY => ".inf".to_owned(),
        f64::NEG_INFINITY => "-.inf".to_owned(),
        _ => numbers::general_of_32_bits(value),
    }
}

/// What a value that an alias repeats is as a key.
fn key_of(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text.to_str().into_owned()),
        Value::Bool(value, _) => Ok(value.to_string()),
        Value::Float(value, _) => Ok(float_key(*value)),
        Value::Nil => Err("null"),
        Value::List(_) => Err("a list"),
        _ => Err("a map"),
    }
}

/// A copy that shares no map: each alias is a value of its own.
fn copy(value: &Value) -> Value {
    match value {
        Value::List(list) => Value::list(list.items.iter().map(copy).collect()),
        Value::Map(map) => {
            let copied = Map::new(map.of);
            for (key, entry) in map.entries.borrow().iter() {
                let entry = Entry { key: entry.key, value: copy(&entry.value) };
                copied.entries.borrow_mut().insert(key.clone(), entry);
            }
            Value::Map(copied.into())
        }
        other => other.clone(),
    }
}

/// How much a value is to keep: the values in it, and one more for each 128 bytes of a text.
fn weight(value: &Value) -> usize {
    match value {
        Value::List(list) => 1 + list.items.iter().map(weight).sum::<usize>(),
        Value::Map(map) => {
            1 + map
                .entries
                .borrow()
                .iter()
                .map(|(key, entry)| key.len() / 128 + weight(&entry.value))
                .sum::<usize>()
        }
        Value::String(text) => 1 + text.len() / 128,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table was asked of Helm (`tests/helm/codecs/make.py`).
    #[test]
    fn from_yaml_reads_as_helm_does() {
        let table = include_str!("../../../tests/helm/codecs/from-yaml.json");
        let rows: Vec<(String, Option<String>)> = serde_json::from_str(table).unwrap();
        assert!(rows.len() > 150);
        for (given, expected) in rows {
            let read = parse_map(&Text::plain(given.as_str()));
            let found = read.as_ref().ok().map(|value| json::print(value).unwrap().to_str().into_owned());
            assert_eq!(found, expected, "{given:?}: {read:?}");
        }
    }

    fn values(text: &'static str) -> (Session, SourceId, Result<ValuesFile, ReadError>) {
        let session = Session::new();
        let source = session.add_bundled("values.yaml", text);
        let read = read_values(&session, source);
        (session, source, read)
    }

    #[test]
    fn values_know_where_they_were_written() {
        let text = "a: 1.10\nb:\n- 'x'\n- |\n  y\n---\nc: &c {d: true}\ne: *c\n";
        let (session, _, read) = values(text);
        let values = read.unwrap().values;
        let Value::Map(map) = &values else { panic!() };
        let written = |value: &Value| session.text(value.origin().value);
        assert_eq!(written(&map.get(b"a").unwrap()), "1.10");
        let Some(Value::List(list)) = map.get(b"b") else { panic!() };
        assert_eq!(written(&list.items[0]), "'x'");
        assert!(written(&list.items[1]).contains('y'));
        let Some(Value::Map(aliased)) = map.get(b"e") else { panic!() };
        assert_eq!(written(&aliased.get(b"d").unwrap()), "true");
        assert_eq!(session.text(map.entries.borrow()[&b"e"[..]].key.value), "e");
        // An alias is a value of its own.
        aliased.insert(b"d", crate::gotemplate::text::Origin::NOWHERE, Value::Nil);
        let Some(Value::Map(anchored)) = map.get(b"c") else { panic!() };
        assert!(matches!(anchored.get(b"d"), Some(Value::Bool(true, _))));
    }

    #[test]
    fn strings_of_templates_keep_their_segments() {
        use crate::gotemplate::text::{Origin, TextBuilder};
        let at = |start: usize| Origin::value(Span::new(SourceId(3), start, start + 1));
        let mut builder = TextBuilder::default();
        builder.push(b"a: ", Origin::NOWHERE);
        builder.push(b"one", at(1));
        builder.push(b"-two\nb: \"", Origin::NOWHERE);
        builder.push(b"x", at(2));
        builder.push(b"\\n\"\n", Origin::NOWHERE);
        let Value::Map(map) = parse_map(&builder.finish()).unwrap() else { panic!() };
        let Some(Value::String(a)) = map.get(b"a") else { panic!() };
        let starts = |text: &Text| {
            text.segments().map(|(range, origin)| (range.end, origin.value)).collect::<Vec<_>>()
        };
        assert_eq!(starts(&a), [(3, at(1).value), (7, Span::NOWHERE)]);
        assert_eq!(map.get(b"b").unwrap().origin().value, at(2).value);
    }

    #[test]
    fn what_reading_corrupts_is_noted() {
        let text = "a: 12345678901234567890\nb: 1.10\nc: 1e3\nd: 0777\ne: 1_000\nf: NO\ny: 1\ng: 1\ng: 2\nh: &h {a: 1}\n\
                    i:\n  a: 2\n  <<: *h\n1.0: 3\nok: 1\nalso: [1.5, true, 'NO', 0.1, 2001-01-01]\n8080: x\n";
        let (session, _, read) = values(text);
        let notes: Vec<(NoteKind, String, String, String)> = read
            .unwrap()
            .notes
            .into_iter()
            .map(|note| (note.kind, session.text(note.span), note.written, note.became))
            .collect();
        let notes: Vec<(NoteKind, &str, &str, &str)> = notes
            .iter()
            .map(|(kind, at, written, became)| (*kind, at.as_str(), written.as_str(), became.as_str()))
            .collect();
        assert_eq!(
            notes,
            [
                (
                    NoteKind::LostDigits,
                    "12345678901234567890",
                    "12345678901234567890",
                    "12345678901234567000"
                ),
                (NoteKind::Rewritten, "1.10", "1.10", "1.1"),
                (NoteKind::Rewritten, "1e3", "1e3", "1000"),
                (NoteKind::Radix, "0777", "0777", "511"),
                (NoteKind::Underscores, "1_000", "1_000", "1000"),
                (NoteKind::Word, "NO", "NO", "false"),
                (NoteKind::Key, "y", "y", "true"),
                (NoteKind::Duplicate, "g", "g", "the last one"),
                (NoteKind::Merge, "<<", "a", "the merged one"),
                (NoteKind::Key, "1.0", "1.0", "1"),
            ]
        );
        let (_, _, read) = values(" a: 1\n# c\nb: 2\n");
        assert_eq!(
            read.unwrap().notes.first().map(|note| (note.kind, note.written.clone())),
            Some((NoteKind::Dropped, "b: 2".to_owned()))
        );
    }

    #[test]
    fn documents_of_values_are_merged_and_errors_have_a_place() {
        let (_, _, read) = values("a: {x: 1, z: 1}\n--- # c\na: {z: 2}\n---\nb: 3\n");
        assert_eq!(json::print(&read.unwrap().values).unwrap().to_str(), r#"{"a":{"x":1,"z":2},"b":3}"#);
        for (text, place) in [("a: 1\n--- b\n", "b"), ("a: 1\n---\n- x\n", "-"), ("a: \"\\/\"\n", "")] {
            let (session, source, read) = values(text);
            let error = read.unwrap_err();
            assert_eq!(error.span.source, source, "{text}");
            let found = session.text(error.span);
            assert!(
                place.is_empty()
                    || found.trim_start_matches(['-', '\n']).starts_with(place)
                    || found == place,
                "{text} {found}"
            );
        }
    }

    #[test]
    fn aliases_and_depth_are_bounded() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(parse_map(&Text::plain(text)).unwrap_err().contains("excessive aliasing"));
        let deep = "[".repeat(100_000);
        assert!(parse_list(&Text::plain(deep)).is_err());
        let deep = format!("{}1", "- ".repeat(100_000));
        assert!(parse_list(&Text::plain(deep)).is_err());
        assert!(json::parse(&Text::plain("[".repeat(100_000))).is_err());
    }
}
