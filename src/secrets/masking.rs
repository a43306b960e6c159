//! Keeping secrets from being shown: in the sources' texts, in trees, and in messages of the template engine.
//!
//! Three things are done, by what is about to be shown:
//!
//! | what is shown | what is known | what is done |
//! |---|---|---|
//! | a piece of a source, in a finding | the span of the secret | it is *hidden*: the session notes the span, and [`masked_text`] overwrites it |
//! | a tree of values, as `plimsoll values` prints it | the schema, and what was hidden | [`ValueMask`] replaces each secret scalar by `***` |
//! | a text without spans, such as a message of the template engine | nothing of its parts | [`SecretTexts`] looks for the secrets themselves |
//!
//! Hiding comes first, when values are read and before anything is reported: code that reports a finding later need not
//! know that it points at a secret. And [`ValueMask`] asks what a finding would show, instead of judging a second time.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::by_schema::{at_path, each_secret, says_anything};
use super::judge::{Secrecy, each_scalar, is_secret_kind};
use super::slips::{hide_values_in_keys, secrets_in_keys, shown_key};
use super::texts::secret_ranges;
use super::unread::{
    flag_values, secrets_of_flag, values_of_secret, without_expressions, without_filled_in, written_values,
};
use crate::session::Session;
use crate::source::{Readability, Source, SourceKind, Span};
use crate::yaml::{self, Kind, Map, Node, Segment, Value, WantRef, Wants};

/// Hides every secret of a layer of values in the text that it was written in: what the schema calls `writeOnly`, and,
/// where the schema is silent, what a key's name gives away.
pub fn hide_values(session: &Session, root: &Node, want: WantRef<'_>) {
    hide_below(session, root, Some(want), false);
    hide_values_in_keys(session, root);
    // From here on nothing is guessed in this text. A guess reads lines, and would star what the schema calls harmless.
    if says_anything(want) {
        session.source(root.span.source).secrets_are_known();
    }
}

/// Hides the secrets of a value that is assigned to a path, as a flag does it. `root` is what is wanted of all values.
pub fn hide_assignment<'p>(
    session: &Session,
    root: WantRef<'_>,
    path: impl IntoIterator<Item = &'p Segment>,
    value: &Node,
) {
    let (want, secret) = at_path(root, path, value);
    hide_below(session, value, want, secret);
}

/// Hides the secrets of a tree where they were written. `secret` says that all of it is one.
fn hide_below(session: &Session, node: &Node, want: Option<WantRef<'_>>, secret: bool) {
    each_secret(node, want, secret, &mut |node, scalar| {
        // Nothing is told by an empty text, and a reader should see that it is empty.
        if !scalar.text.is_empty() && scalar.kind != Kind::Null {
            session.hide(node.span);
        }
    });
}

/// Hides a value and everything in it, wherever it was written: a node of a rendered document in the rendered text, and
/// in the values or the template that it was made of.
pub fn hide_tree(session: &Session, node: &Node) {
    match &node.value {
        Value::Map(map) => map.values().for_each(|entry| hide_tree(session, &entry.node)),
        Value::List(items) => items.iter().for_each(|item| hide_tree(session, item)),
        Value::Scalar(_) => hide_scalar(session, node),
    }
}

/// Hides a scalar in every text that it can be read in.
fn hide_scalar(session: &Session, node: &Node) {
    session.hide(node.span);
    match node.origin.and_then(|id| session.origin(id)) {
        Some(origin) => {
            for span in origin.inputs.iter().filter_map(|input| input.span) {
                session.hide(span);
            }
        }
        // Without an origin it is the template's own text: a password that its author wrote into it.
        None if matches!(session.source(node.span.source).kind, SourceKind::Derived(_)) => {
            session.hide(session.resolve(node.span));
        }
        None => {}
    }
}

/// Keeps writers from showing what a Secret holds, wherever it was written: in the document, in a template, in a values
/// file. Objects of other kinds are left alone.
pub fn hide_secret_content(session: &Session, kind: &str, object: &Node) {
    // Only the top of the object is looked at: a Secret inside of another object, in a List for example, is a document
    // of its own by now.
    if is_secret_kind(kind) || object.get("stringData").is_some() {
        each_scalar(object, Secrecy::of_secret(), true, &mut |node, secrecy| {
            if secrecy.hides(session, node) {
                hide_scalar(session, node);
            }
        });
    }
}

/// A source's text with every secret replaced, byte for byte, so that spans still fit: what was hidden, and what the
/// judge finds in it. `password: hunter2` becomes `password: *******`.
///
/// The stars show how long the secret is. Three stars would not, but then no span behind them would be right.
///
/// It is a pass over the whole text, and is kept by the source until more is hidden. Comments, which belong to no value, are
/// left as they are: [`mask_comment`] masks that of a line that is to be shown.
pub fn masked_text(source: &Source) -> Arc<str> {
    source.masked(|| mask(source))
}

/// Masks the comment of a line in a [masked text](masked_text) if it may tell a secret: if it is behind a value that is
/// hidden, or has a secret in it. `line` is the range of the line, without its break.
pub fn mask_comment(source: &Source, masked: &mut String, line: Range<usize>) {
    // What is built in is no secret, and a text that could not be read is masked line by line.
    let has_comments = !matches!(source.kind, SourceKind::Flag | SourceKind::Bundled)
        && source.readability() != Readability::Unreadable;
    let (Some(written), Some(shown)) = (source.text.get(line.clone()), masked.get(line.clone())) else {
        return;
    };
    if !has_comments || !written.contains('#') {
        return;
    }
    let mut found = Vec::new();
    let hidden = written.bytes().zip(shown.bytes()).rposition(|(written, shown)| written != shown);
    let behind = hidden.map(|last| written.ceil_char_boundary(last + 1));
    if let Some(at) = behind.and_then(|behind| Some(behind + written[behind..].find(" #")?)) {
        found.push(at + 2..written.len());
    }
    let comment = if written.trim_start().starts_with('#') { Some(0) } else { written.find(" #") };
    if let Some(at) = comment {
        found.extend(secret_ranges(&written[at..]).into_iter().map(|range| range.start + at..range.end + at));
    }
    for range in found {
        masked.replace_range(range.start + line.start..range.end + line.start, &"*".repeat(range.len()));
    }
}

fn mask(source: &Source) -> String {
    let text: &str = &source.text;
    let mut ranges: Vec<Range<usize>> = source.hidden().into_iter().map(|(start, end)| start..end).collect();
    let is_flag = source.kind == SourceKind::Flag;
    match source.readability() {
        Readability::Unreadable if is_flag => ranges.extend(flag_values(text)),
        Readability::Unreadable => ranges.extend(written_values(text)),
        _ if is_flag => ranges.extend(secrets_of_flag(text)),
        // What is built in is no secret: anybody can read it.
        _ if source.kind == SourceKind::Bundled => {}
        readability => each_document(text, |document| {
            ranges.extend(guess(text, document, readability));
        }),
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in ranges {
        // The span of a block of text ends with the indentation of what follows.
        let shown = text.get(range.clone()).map_or(range.len(), |part| part.trim_end().len());
        blank(&mut bytes, range.start..range.start + shown);
    }
    // Spans begin and end between characters, so this is a text again; if one did not, what is left of a character is
    // no reason to show the others.
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Whether a value is a secret ([`Secrecy::hides`]), or one went into it that has not been hidden where it was written: what looks
/// like a secret in the file counts too. It costs a pass over each text that the value came from.
pub fn hides_shown(session: &Session, secrecy: Secrecy, node: &Node) -> bool {
    if secrecy.hides(session, node) {
        return true;
    }
    let says_something =
        node.as_scalar().is_some_and(|scalar| scalar.kind != Kind::Null && !scalar.text.is_empty());
    let origin = node.origin.filter(|_| says_something).and_then(|id| session.origin(id));
    let inputs = origin.into_iter().flat_map(|origin| origin.inputs).filter_map(|input| input.span);
    // What an alias stands for is where its anchor is, perhaps under the name of a secret.
    let own = Some(node.span).filter(|_| says_something).filter(|span| {
        let source = session.source(span.source);
        let before = source.text.get(..span.start as usize).unwrap_or_default();
        source.kind == SourceKind::File && before.rsplit('\n').next().is_some_and(|line| line.contains('&'))
    });
    inputs.chain(own).any(|span| {
        let source = session.source(span.source);
        masked_text(&source).get(span.range()) != source.text.get(span.range())
    })
}

/// The documents of a text as ranges of its bytes: lines that begin with `---` divide it.
fn each_document(text: &str, mut each: impl FnMut(Range<usize>)) {
    let mut start = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), "\n---") {
        each(start..at + 1);
        start = at + 1;
    }
    each(start..text.len());
}

/// What looks like a secret in a document of a text. A document that is YAML is judged as a tree, anything else by its
/// lines, and of one that could not be read nothing is known but what is written before its colons.
fn guess(text: &str, document: Range<usize>, readability: Readability) -> Vec<Range<usize>> {
    let moved = |ranges: Vec<Range<usize>>| {
        ranges.into_iter().map(|range| range.start + document.start..range.end + document.start).collect()
    };
    let part = &text[document.clone()];
    // A template is no YAML, though it may look like it. One of JSON is: what is filled in stands in its texts.
    if (part.contains("{{") || part.contains("{%")) && !is_json(part) {
        if readability == Readability::Known {
            return Vec::new();
        }
        let mut ranges = values_of_secret(part);
        // Most of them are YAML but for that.
        match judge(&without_expressions(part), readability) {
            Some(found) => ranges.extend(without_filled_in(part, found)),
            None if readability == Readability::SomeUnreadable => {
                ranges.extend(without_filled_in(part, written_values(part)));
            }
            None => {}
        }
        return moved(ranges);
    }
    match judge(part, readability) {
        Some(ranges) => moved(ranges),
        // JSON in one line says nothing by its lines.
        None if readability == Readability::SomeUnreadable || is_json(part) => moved(written_values(part)),
        None => moved(values_of_secret(part)),
    }
}

/// Whether a document is one map of JSON, or written like it.
fn is_json(document: &str) -> bool {
    let document = document.trim_start_matches("---").trim_start();
    document.starts_with('{') && !document.starts_with("{{") && !document.starts_with("{%")
}

/// The secrets of a text that is YAML, or none if it is not.
fn judge(text: &str, readability: Readability) -> Option<Vec<Range<usize>>> {
    // What is wrong in it was said before, if anybody wants to know.
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "", text);
    yaml::refuse_reserved(&session, source).ok()?;
    let documents = yaml::parse_documents(&session, source, &[], session.limits().into()).ok()?;
    // Of two keys that are the same, the tree has one. Helm takes that, and so nothing may have been said of it.
    let is_whole = session.clean_since(0).is_ok();
    if !is_whole && readability == Readability::SomeUnreadable {
        return None;
    }
    // A text that is one scalar is no file of values or objects.
    if documents.iter().any(|node| node.as_scalar().is_some()) {
        return None;
    }
    let mut ranges = if is_whole { Vec::new() } else { values_of_secret(text) };
    // Where the schema has named all secrets, the names of keys do not count.
    let has_own_keys = readability != Readability::Known;
    for document in &documents {
        ranges.extend(secrets_in_keys(&session, document).into_iter().map(Span::range));
        each_scalar(document, Secrecy::of_tree(document), has_own_keys, &mut |node, secrecy| {
            let span = node.span.range();
            if secrecy.hides(&session, node) {
                ranges.push(span);
                return;
            }
            let Some(scalar) = node.as_scalar().filter(|scalar| scalar.text.contains('\n')) else { return };
            if secret_ranges(&scalar.text).is_empty() {
                return;
            }
            let lines = text.get(span.clone()).unwrap_or_default();
            let found = secret_ranges(lines);
            // What is written in one line, with escapes, does not say where its lines are.
            if found.is_empty() || !lines.contains('\n') {
                ranges.push(span);
            } else {
                ranges
                    .extend(found.into_iter().map(|range| range.start + span.start..range.end + span.start));
            }
        });
    }
    Some(ranges)
}

/// Overwrites a range with stars; line breaks stay, so that lines keep their numbers.
fn blank(bytes: &mut [u8], range: Range<usize>) {
    // A span that does not fit its text is a bug, and no reason to stop in the middle of a report.
    let end = range.end.min(bytes.len());
    for byte in bytes.get_mut(range.start.min(end)..end).into_iter().flatten() {
        if *byte != b'\n' && *byte != b'\r' {
            *byte = b'*';
        }
    }
}

/// Puts stars in the place of every secret of a tree: what the schema says is one, and what findings would not show
/// either.
#[derive(Debug)]
pub struct ValueMask<'s> {
    session: &'s Session,
}

impl<'s> ValueMask<'s> {
    /// A mask for the values of a session.
    pub fn new(session: &'s Session) -> Self {
        ValueMask { session }
    }

    /// Masks a tree of which `want` is wanted. An empty secret shows that it is empty.
    pub fn apply(&self, node: &mut Node, want: Option<WantRef<'_>>) {
        let is_hidden = node.as_scalar().is_some() && self.hides(node.span);
        if want.is_some_and(|want| want.secret()) || is_hidden {
            return star_out(node);
        }
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::List(items) => {
                let want = want.and_then(WantRef::item);
                items.iter_mut().for_each(|item| self.apply(item, want));
            }
            Value::Map(map) => {
                for (key, entry) in &mut *map {
                    self.apply(&mut entry.node, want.and_then(|want| want.property(key)));
                }
                mask_keys(map);
            }
        }
    }

    /// Takes every secret out of a tree, with the whole of a list that has one in it.
    pub fn remove_secrets(&self, node: &mut Node) {
        let Value::Map(map) = &mut node.value else { return };
        map.retain(|_, entry| match &entry.node.value {
            Value::Map(_) => true,
            Value::List(_) | Value::Scalar(_) => !self.finds_secret(&entry.node, None),
        });
        map.values_mut().for_each(|entry| self.remove_secrets(&mut entry.node));
    }

    /// Whether a tree of which `want` is wanted has a secret in it that says something.
    pub fn finds_secret(&self, node: &Node, want: Option<WantRef<'_>>) -> bool {
        self.finds_secret_below(node, want, false)
    }

    /// The same; `secret` says that something above the tree is one.
    fn finds_secret_below(&self, node: &Node, want: Option<WantRef<'_>>, secret: bool) -> bool {
        let secret = secret || want.is_some_and(|want| want.secret());
        match &node.value {
            Value::Scalar(scalar) => {
                !scalar.text.is_empty() && scalar.kind != Kind::Null && (secret || self.hides(node.span))
            }
            Value::List(items) => {
                let want = want.and_then(WantRef::item);
                items.iter().any(|item| self.finds_secret_below(item, want, secret))
            }
            Value::Map(map) => map.iter().any(|(key, entry)| {
                self.finds_secret_below(&entry.node, want.and_then(|want| want.property(key)), secret)
            }),
        }
    }

    /// Whether findings would not show what stands there: masked and true text differ. So a guess counts here too.
    pub fn hides(&self, span: Span) -> bool {
        let source = self.session.source(span.source);
        if source.stands_for_secret(&span.range()) {
            return true;
        }
        masked_text(&source).get(span.range()) != source.text.get(span.range())
    }
}

/// Takes the secrets out of the keys of a tree.
pub fn mask_all_keys(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(mask_all_keys),
        Value::Map(map) => {
            map.values_mut().for_each(|entry| mask_all_keys(&mut entry.node));
            mask_keys(map);
        }
    }
}

/// Takes the secrets out of the keys of a map. Where two are the same then, one is left.
pub fn mask_keys(map: &mut Map) {
    if map.keys().any(|key| matches!(shown_key(key), Cow::Owned(_))) {
        let entries = std::mem::take(map).into_iter();
        *map = entries.map(|(key, entry)| (Arc::from(shown_key(&key)), entry)).collect();
    }
}

/// Puts stars in the place of every scalar of a tree that is not empty.
pub fn star_out(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(scalar) if scalar.kind == Kind::Null || scalar.text.is_empty() => {}
        // A number too becomes a text: its digits are what is secret.
        Value::Scalar(_) => node.value = Node::string("***", node.span).value,
        Value::List(items) => items.iter_mut().for_each(star_out),
        Value::Map(map) => map.values_mut().for_each(|entry| star_out(&mut entry.node)),
    }
}

/// The secrets of merged values as texts, to find them again in a message of the template engine, or in a field that
/// was computed from one.
#[derive(Clone, Debug, Default)]
pub struct SecretTexts {
    /// The longest first.
    texts: OnceLock<Vec<Arc<str>>>,
    /// What they are looked for in when they are first needed, and what is wanted of it.
    values: Option<(Arc<Node>, Arc<Wants>)>,
}

/// Bytes of the shortest secret that is looked for: shorter ones are found in any text, by accident. With a password
/// `a`, no message could be read.
const SHORTEST: usize = 4;

impl SecretTexts {
    /// The secrets of a tree of which `want` is wanted.
    pub fn of(values: &Node, want: WantRef<'_>) -> Self {
        SecretTexts { texts: secret_texts(values, want).into(), values: None }
    }

    /// The same of all values, found when the first message is redacted: most renders have none.
    pub fn when_needed(values: &Arc<Node>, wants: &Arc<Wants>) -> Self {
        SecretTexts { texts: OnceLock::new(), values: Some((Arc::clone(values), Arc::clone(wants))) }
    }

    fn texts(&self) -> &[Arc<str>] {
        self.texts.get_or_init(|| match &self.values {
            Some((values, wants)) => secret_texts(values, wants.root()),
            None => Vec::new(),
        })
    }

    /// With those scalars of a tree besides that were computed from secrets.
    #[must_use]
    pub fn and_computed(self, session: &Session, values: &Node) -> Self {
        let mut texts = self.texts().to_vec();
        let mut add = |node: &Node| {
            if let Some(scalar) = node.as_scalar()
                && scalar.text.len() >= SHORTEST
                && session.source(node.span.source).stands_for_secret(&node.span.range())
            {
                texts.push(Arc::clone(&scalar.text));
            }
        };
        each_node(values, &mut add);
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        SecretTexts { texts: texts.into(), values: None }
    }

    /// A text with three stars in the place of every secret, in the forms that functions of templates make of one. A pass over
    /// the text for each of them: there are a handful, and texts of this kind are short.
    pub fn redact(&self, text: &str) -> String {
        without_forms(text, &self.forms())
    }

    /// Takes the secrets out of the messages of all findings since `first`.
    pub fn redact_since(&self, session: &Session, first: usize) {
        if session.findings() <= first {
            return;
        }
        let forms = self.forms();
        session.reword_since(first, |mut finding| {
            // All else is about the names of settings.
            finding.message = without_forms(&finding.message, &forms);
            Some(finding)
        });
    }

    fn forms(&self) -> Vec<String> {
        self.texts().iter().flat_map(|secret| forms(secret)).collect()
    }

    /// Whether one of the secrets is in a text.
    pub fn occur_in(&self, text: &str) -> bool {
        self.texts().iter().any(|secret| text.contains(&**secret))
    }
}

/// A secret as functions of templates print it: as it is, line by line, with escapes, in Base64.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    if secret.contains('\n') {
        let lines = secret.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
        forms.extend(lines.map(str::to_owned));
    }
    if let Ok(quoted) = serde_json::to_string(secret) {
        forms.push(quoted.trim_matches('"').to_owned());
    }
    for engine in [&STANDARD, &URL_SAFE] {
        forms.push(engine.encode(secret).trim_end_matches('=').to_owned());
    }
    forms.dedup();
    forms
}

/// Bytes of the shortest line of a secret that is looked for by itself.
const SHORTEST_LINE: usize = 8;

/// A text with three stars in the place of others, in whatever case if they are long enough to stand nowhere by accident.
fn without_forms(text: &str, forms: &[String]) -> String {
    let mut shown = text.to_owned();
    // Bytes of ASCII alone change, so places are the same in both.
    let mut lower = text.to_ascii_lowercase();
    for form in forms {
        let (found, long) = (form.to_ascii_lowercase(), form.len() >= SHORTEST_LINE);
        if !lower.contains(&found) {
            continue;
        }
        if long {
            let mut rest = String::with_capacity(shown.len());
            let mut done = 0;
            for (at, found) in lower.match_indices(&found) {
                rest.push_str(&shown[done..at]);
                rest.push_str("***");
                done = at + found.len();
            }
            rest.push_str(&shown[done..]);
            shown = rest;
        } else {
            shown = shown.replace(form, "***");
        }
        lower = shown.to_ascii_lowercase();
    }
    shown
}

/// The secrets of a tree, the longest first: where one is the beginning of another, the shorter one would leave the other's end to
/// be read.
fn secret_texts(values: &Node, want: WantRef<'_>) -> Vec<Arc<str>> {
    let mut texts = Vec::new();
    each_secret(values, Some(want), false, &mut |_, scalar| {
        if scalar.text.len() >= SHORTEST {
            texts.push(Arc::clone(&scalar.text));
        }
    });
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

/// Shows every node of a tree.
fn each_node(node: &Node, see: &mut impl FnMut(&Node)) {
    see(node);
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| each_node(item, see)),
        Value::Map(map) => map.values().for_each(|entry| each_node(&entry.node, see)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Wants, parse_one};

    #[test]
    fn no_end_of_a_longer_secret_is_left_over() {
        let session = Session::new();
        let text = "password: hunter2\ntoken: hunter2-and-more\n";
        let source = session.add_source(SourceKind::File, "values.yaml", text);
        let values = parse_one(&session, source).unwrap().unwrap();
        let secrets = SecretTexts::of(&values, Wants::anything().root());
        assert_eq!(secrets.redact("neither hunter2 nor hunter2-and-more"), "neither *** nor ***");
        assert!(secrets.occur_in("x hunter2 y") && !secrets.occur_in("hunter"));
        assert_eq!(secrets.redact("aHVudGVyMg==, HUNTER2-AND-MORE, hunter"), "***==, ***, hunter");
    }
    #[test]
    fn a_secret_of_json_is_hidden_though_something_is_filled_in() {
        for text in [
            "{\"kind\": \"Secret\", \"stringData\": {\"a\": \"hunter2\"}, \"metadata\": \"{{ values.a }}\"}",
            "a: 1\n---\n{kind: Secret, x: hunter2, metadata: {name: '{% if a %}'}}\n",
            "{\"kind\": \"ConfigMap\", \"data\": {\"password\": \"hunter2\", \"b\": \"{{ values.a }}\"}}",
            "{\"kind\": \"Pod\", \"args\": \"--password hunter2\", \"b\": \"{{ values.a }}\"}} [",
        ] {
            let session = Session::new();
            let source = session.source(session.add_source(SourceKind::File, "a.yaml", text));
            assert!(!masked_text(&source).contains("hunter2"), "{text}");
        }
    }
}
