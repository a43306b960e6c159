//! Lines of a bound template: where each part of a Helm template stands in the YAML that it prints.
//!
//! ```text
//! items ─► lines, with the blocks that they are in ─► pieces of YAML as values: `key: {{ … }}`, `<<: {{ … }}`, a loop ─► text
//! ```
//!
//! Helm's templates print text, so a piece of YAML is moved to its place by `nindent`. Here a value stands where it belongs, so
//! it matters what is around a piece: nothing, then it is the whole value; entries of a map, then it is merged into them;
//! items of a list, then a loop prints its own.

use std::rc::Rc;

use super::note::Note;
use super::symbols::{Expression, Form, Item, Layout, Shape, has_word};
use super::texts::concatenated;
use crate::template::go_syntax::{Binds, Translated, choice};

/// A file of a bound template.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) notes: Vec<Note>,
}

/// The text of these items.
pub(super) fn write(items: &[Item<'_>]) -> Written {
    let mut builder = Builder::default();
    builder.items(items, true);
    builder.finish();
    let mut lines = builder.lines;
    mark_texts(&mut lines);
    let lines = without_empty_blocks(place_pieces(lines));
    printed(&filled(compact(lines)))
}

/// Keys whose values are made by blocks alone: without any of them, the value would be null, which the API refuses where a
/// manifest of Helm may have it. A map is an empty one then, and a list is left out.
fn filled<'t>(mut lines: Vec<Line<'t>>) -> Vec<Line<'t>> {
    // From the last one on, so that inner ones come first.
    for at in (0..lines.len()).rev() {
        let Some(key) = lines.get(at) else { continue };
        let shown = key.shown();
        let is_key = key.kind == Kind::Content
            && key.text_base.is_none()
            && !key.is_comment()
            && shown.trim_end().ends_with(':')
            && matches!(&key.parts[..], [Part::Text(_)]);
        if !is_key {
            continue;
        }
        let (width, path) = (key.key_indent(), key.path.clone());
        let Some((end, is_list)) = children(&lines, at, width) else { continue };
        let Some(inner) = lines.get(at + 1..end) else { continue };
        if surely_prints(inner) {
            continue;
        }
        if !is_list {
            let child = inner.iter().find(|line| line.kind == Kind::Content).map_or(width + 2, Line::indent);
            let parts = vec![Part::Text(format!("{}<<: {{}}", " ".repeat(child)))];
            lines.insert(at + 1, Line { kind: Kind::Content, parts, path, text_base: None });
            continue;
        }
        let name = shown.trim().trim_start_matches("- ").trim_end_matches(':').to_owned();
        let name = block_name(&lines, &name);
        let other = |tag: String| Line {
            kind: Kind::Other(tag),
            parts: Vec::new(),
            path: path.clone(),
            text_base: None,
        };
        let mut key = lines.remove(at);
        if let Some(Part::Text(text)) = key.parts.last_mut() {
            text.truncate(text.trim_end().len());
            text.push(' ');
        }
        let value = Expression { form: Form::Yaml, ..Expression::value(&*name, Binds::Operand) };
        key.parts.push(Part::Print(value, Rc::default()));
        // The key stood before its value, so that the value now ends one line earlier.
        lines.insert(end - 1, other("{% endset %}".to_owned()));
        lines.insert(end, key);
        lines.insert(at, other(format!("{{% set {name} %}}")));
    }
    lines
}

/// The end of what stands below a key, and whether it is a list; none if there is nothing.
fn children(lines: &[Line<'_>], key: usize, width: usize) -> Option<(usize, bool)> {
    let is_line =
        |line: &&Line<'_>| line.kind == Kind::Content && line.text_base.is_none() && !line.is_comment();
    let mut from = key + 1;
    // The first key may have a set block before it.
    let is_next = |line: &Line<'_>| match &line.kind {
        Kind::Other(tag) => is_set_block(tag),
        kind => *kind == Kind::Content,
    };
    while let Some((at, next)) = lines.iter().enumerate().skip(from).find(|(_, line)| is_next(line)) {
        if next.kind == Kind::Content {
            break;
        }
        from = end_of_set_block(lines, at)? + 1;
    }
    let first = lines.iter().skip(from).find(is_line)?;
    let is_list = first.is_dash();
    if first.indent() < width || (first.indent() == width && !is_list) {
        return None;
    }
    let is_inside = |line: &Line<'_>| {
        line.indent() > width
            || (is_list && first.indent() == width && line.indent() == width && line.is_dash())
    };
    let depth = lines.get(key)?.path.len();
    let mut end = key + 1;
    // Up to there a set block of a key goes that was looked at before.
    let mut passed = 0;
    for (at, line) in lines.iter().enumerate().skip(key + 1) {
        if at < passed {
            continue;
        }
        match &line.kind {
            Kind::Other(tag) if is_set_block(tag) => {
                let close = end_of_set_block(lines, at)?;
                // Behind it stands its key.
                if !lines.get(close + 1).is_some_and(&is_inside) {
                    break;
                }
                passed = close + 1;
            }
            Kind::Content if line.text_base.is_none() && !line.is_comment() && !is_inside(line) => break,
            Kind::Content => end = at + 1,
            // What closes a block that the key is in ends its value as well.
            Kind::Close(_) | Kind::Middle(_) if line.path.len() < depth => break,
            Kind::Close(_) if end > key + 1 && line.path.len() >= depth => end = at + 1,
            _ => {}
        }
    }
    Some((end, is_list))
        .filter(|(end, _)| *end > key + 1 && is_balanced(lines.get(key + 1..*end).unwrap_or_default()))
}

/// `{% set name %}`, whose text comes behind it.
fn is_set_block(tag: &str) -> bool {
    tag.starts_with("{% set ") && !tag.contains('=')
}

/// The line that ends a set block.
fn end_of_set_block(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let mut open = 0_usize;
    for (index, line) in lines.iter().enumerate().skip(at) {
        match &line.kind {
            Kind::Other(tag) if is_set_block(tag) => open += 1,
            Kind::Other(tag) if tag == "{% endset %}" => {
                open -= 1;
                if open == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether each block that begins in these lines ends in them.
fn is_balanced(lines: &[Line<'_>]) -> bool {
    let mut open = 0_usize;
    for line in lines {
        match line.kind {
            Kind::Open(_) | Kind::OpenFilled(_) => open += 1,
            Kind::Close(_) if open == 0 => return false,
            Kind::Close(_) => open -= 1,
            Kind::Middle(_) if open == 0 => return false,
            _ => {}
        }
    }
    open == 0
}

/// Whether something is printed by these lines whatever the values are.
fn surely_prints(lines: &[Line<'_>]) -> bool {
    let mut rest = lines.iter().enumerate();
    while let Some((at, line)) = rest.next() {
        match &line.kind {
            // Its key stands behind it.
            Kind::Other(tag) if is_set_block(tag) => {
                let end = end_of_set_block(lines, at).unwrap_or(lines.len());
                while rest.next().is_some_and(|(at, _)| at < end) {}
            }
            Kind::Content if !line.is_comment() => return true,
            Kind::Open(tag) | Kind::OpenFilled(tag) => {
                let mut depth = 0_usize;
                let (mut starts, mut has_else, mut end) = (vec![at + 1], false, lines.len());
                for (other, line) in lines.iter().enumerate().skip(at + 1) {
                    match &line.kind {
                        Kind::Open(_) | Kind::OpenFilled(_) => depth += 1,
                        Kind::Close(_) if depth == 0 => {
                            end = other;
                            break;
                        }
                        Kind::Close(_) => depth -= 1,
                        Kind::Middle(tag) if depth == 0 => {
                            has_else |= tag == "{% else %}";
                            starts.push(other + 1);
                        }
                        _ => {}
                    }
                }
                let ends: Vec<usize> = starts.iter().skip(1).map(|start| start - 1).chain([end]).collect();
                let branches_print = starts
                    .iter()
                    .zip(&ends)
                    .all(|(start, end)| surely_prints(lines.get(*start..*end).unwrap_or_default()));
                let is_taken =
                    matches!(line.kind, Kind::OpenFilled(_)) || (has_else && tag.starts_with("{% if"));
                if is_taken && branches_print {
                    return true;
                }
                while rest.next().is_some_and(|(at, _)| at < end) {}
            }
            _ => {}
        }
    }
    false
}

/// A name for what stands below a key, that no expression of the file has.
fn block_name(lines: &[Line<'_>], key: &str) -> String {
    let word: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let is_used = |name: &str| {
        lines.iter().any(|line| {
            let in_tag = match &line.kind {
                Kind::Open(tag)
                | Kind::OpenFilled(tag)
                | Kind::Middle(tag)
                | Kind::Close(tag)
                | Kind::Other(tag) => has_word(tag, name),
                _ => false,
            };
            in_tag
                || line.parts.iter().any(|part| match part {
                    Part::Code(code) => has_word(code, name),
                    Part::Print(value, _) => has_word(&value.code.text, name),
                    _ => false,
                })
        })
    };
    let mut name = format!("{}_items", word.trim_matches('_'));
    let mut number = 2;
    while is_used(&name) {
        name = format!("{}_items{number}", word.trim_matches('_'));
        number += 1;
    }
    name
}

#[derive(Clone, Debug)]
enum Part<'t> {
    Text(String),
    Print(Expression<'t>, Rc<Note>),
    /// What is written as it is.
    Code(String),
    Note(Note),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Content,
    Blank,
    /// `{% if … %}`, `{% for … %}`
    Open(String),
    /// `{% for … %}` over what has items.
    OpenFilled(String),
    /// `{% elif … %}`, `{% else %}`
    Middle(String),
    Close(String),
    /// A statement or comment.
    Other(String),
    Note(Note),
}

#[derive(Clone, Debug)]
struct Line<'t> {
    kind: Kind,
    parts: Vec<Part<'t>>,
    /// The blocks that it is in: their numbers, and which branch; none of a loop.
    path: Vec<(usize, Option<usize>)>,
    /// Inside of a block of text (`|`): how far its first line is moved to the right.
    text_base: Option<usize>,
}

#[derive(Default)]
struct Builder<'t> {
    lines: Vec<Line<'t>>,
    current: Vec<Part<'t>>,
    /// Whether a block ended the line before, and its newline has not come yet.
    at_boundary: bool,
    path: Vec<(usize, Option<usize>)>,
    blocks: usize,
    /// How many blocks inside of a line it is in: what stands there must not go out of them.
    inline: usize,
}

impl<'t> Builder<'t> {
    /// A statement or a comment.
    fn other(&mut self, tag: String) {
        match self.inline {
            0 => self.push(Kind::Other(tag), Vec::new()),
            _ => self.current.push(Part::Code(tag)),
        }
    }

    fn push(&mut self, kind: Kind, parts: Vec<Part<'t>>) {
        self.lines.push(Line { kind, parts, path: self.path.clone(), text_base: None });
    }

    fn is_blank(&self) -> bool {
        self.current.iter().all(|part| matches!(part, Part::Text(text) if text.trim().is_empty()))
    }

    /// Whether the line so far is what parts documents: Helm does not mind what stands behind it.
    fn is_separator(&self) -> bool {
        matches!(&self.current[..], [Part::Text(text)] if text.trim_end() == "---")
    }

    fn newline(&mut self) {
        if self.is_blank() {
            match self.at_boundary {
                true => self.at_boundary = false,
                false => self.push(Kind::Blank, Vec::new()),
            }
            self.current.clear();
        } else {
            let parts = std::mem::take(&mut self.current);
            self.push(Kind::Content, parts);
            self.at_boundary = false;
        }
    }

    /// Ends the line for a block.
    fn finish(&mut self) {
        if self.is_blank() {
            self.at_boundary &= self.current.is_empty();
            self.current.clear();
        } else {
            let parts = std::mem::take(&mut self.current);
            self.push(Kind::Content, parts);
            self.at_boundary = true;
        }
    }

    fn text(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.newline();
            }
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.is_empty() {
                self.current.push(Part::Text(line.to_owned()));
            }
        }
    }

    fn items(&mut self, items: &[Item<'t>], ends_line: bool) {
        for (index, item) in items.iter().enumerate() {
            let rest = items.get(index + 1..).unwrap_or_default();
            // Of two blocks right behind each other, one alone is printed: both would share a line.
            let is_before_block =
                (self.is_blank() || self.is_separator()) && self.inline == 0 && is_control(rest);
            let is_line_end = is_before_block || starts_line(rest).unwrap_or(ends_line);
            match item {
                Item::Text(text) => self.text(text),
                Item::Print(value, note) => self.print(value, note),
                Item::Lines(lines, layout) => self.lines_of(lines, *layout),
                // What is asked for below belongs below what is written.
                Item::Set { .. } | Item::Statement(_) | Item::Comment(_) | Item::Note(_)
                    if self.inline == 0 && !self.is_blank() && begins_block(rest) =>
                {
                    self.finish();
                    self.items(std::slice::from_ref(item), true);
                }
                Item::Set { name, value } => self.other(format!("{{% set {name} = {value} %}}")),
                Item::Statement(text) if self.is_blank() || text.starts_with("do ") => {
                    self.other(format!("{{% {text} %}}"));
                }
                Item::Statement(text) => self.current.push(Part::Code(format!("{{% {text} %}}"))),
                Item::Comment(text) => self.other(format!("{{# {text} #}}")),
                Item::Note(note) if self.inline > 0 => self.current.push(Part::Note(note.clone())),
                Item::Note(note) => self.push(Kind::Note(note.clone()), Vec::new()),
                // What only sets something stands above the line.
                Item::If { .. } | Item::For { .. }
                    if self.inline == 0 && !self.is_blank() && !prints(std::slice::from_ref(item)) =>
                {
                    self.above(item);
                }
                Item::If { branches, otherwise } => self.choose(branches, otherwise, is_line_end),
                Item::For { head, is_filled, body, otherwise } => {
                    self.repeat((head, *is_filled), body, otherwise, is_line_end);
                }
            }
        }
    }

    fn print(&mut self, value: &Expression<'t>, note: &Rc<Note>) {
        if self.is_separator() && self.inline == 0 {
            self.finish();
        }
        match value.layout {
            Layout::Inline if self.inline == 0 && self.stands_behind_value(value) => {
                let width = Line {
                    kind: Kind::Content,
                    parts: self.current.clone(),
                    path: Vec::new(),
                    text_base: None,
                }
                .indent();
                self.newline_of_piece();
                self.current = vec![Part::Text(" ".repeat(width))];
            }
            Layout::Inline => {}
            Layout::Indented(width)
                if !self.is_blank() && matches!(value.form, Form::Yaml | Form::Fragment(_)) =>
            {
                self.newline_of_piece();
                self.current = vec![Part::Text(" ".repeat(width.min(200)))];
            }
            Layout::NewLine(width) => {
                self.newline_of_piece();
                self.current = vec![Part::Text(" ".repeat(width.min(200)))];
            }
            Layout::Indented(width) if self.is_blank() => {
                let before: usize = self
                    .current
                    .iter()
                    .map(|part| match part {
                        Part::Text(text) => text.len(),
                        _ => 0,
                    })
                    .sum();
                self.current = vec![Part::Text(" ".repeat((before + width).min(200)))];
            }
            Layout::Indented(_) => {}
        }
        self.current.push(Part::Print(value.clone(), Rc::clone(note)));
    }

    /// Whether a piece of YAML is printed behind a value: then it begins with a line break of its own.
    fn stands_behind_value(&self, value: &Expression<'t>) -> bool {
        let is_piece = matches!(value.form, Form::Yaml | Form::Fragment(_));
        let shown: String = self
            .current
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Print(..) => "x",
                _ => "",
            })
            .collect();
        is_piece && shown.contains(": ") && shown.ends_with(|c: char| c.is_alphanumeric())
    }

    /// The line before a piece ends there; that is no blank line.
    fn newline_of_piece(&mut self) {
        if self.is_blank() {
            self.current.clear();
            self.at_boundary = false;
        } else {
            self.newline();
        }
    }

    /// What a helper prints, moved to its place.
    fn lines_of(&mut self, items: &[Item<'t>], layout: Layout) {
        let width = match layout {
            Layout::Inline => {
                let before: usize = self
                    .current
                    .iter()
                    .map(|part| match part {
                        Part::Text(text) if text.trim().is_empty() => text.len(),
                        _ => 0,
                    })
                    .sum();
                before
            }
            Layout::NewLine(width) | Layout::Indented(width) => width.min(200),
        };
        self.newline_of_piece();
        let mut inner = Builder { blocks: self.blocks, path: self.path.clone(), ..Builder::default() };
        inner.items(items, true);
        inner.finish();
        self.blocks = inner.blocks;
        for mut line in inner.lines {
            if line.kind == Kind::Content {
                line.parts.insert(0, Part::Text(" ".repeat(width)));
            }
            if line.kind != Kind::Blank {
                self.lines.push(line);
            }
        }
        self.at_boundary = true;
    }

    /// Puts a block that prints nothing above the line that has begun.
    fn above(&mut self, item: &Item<'t>) {
        let mut inner = Builder { blocks: self.blocks, path: self.path.clone(), ..Builder::default() };
        inner.items(std::slice::from_ref(item), true);
        inner.finish();
        self.blocks = inner.blocks;
        self.lines.extend(inner.lines.into_iter().filter(|line| line.kind != Kind::Blank));
    }

    /// Whether a block can have lines of its own.
    fn is_block(&self, bodies: &[&[Item<'t>]], is_line_end: bool) -> bool {
        let filled: Vec<&&[Item<'t>]> = bodies.iter().filter(|body| prints(body)).collect();
        if self.inline > 0 {
            return false;
        }
        let begins = self.is_blank()
            || self.is_separator()
            || filled.iter().all(|body| starts_line(body) == Some(true));
        let ends = is_line_end || filled.iter().all(|body| ends_line(body));
        begins && ends
    }

    fn choose(
        &mut self,
        branches: &[(Translated, Vec<Item<'t>>)],
        otherwise: &[Item<'t>],
        is_line_end: bool,
    ) {
        let bodies: Vec<&[Item<'t>]> =
            branches.iter().map(|(_, body)| &body[..]).chain([otherwise]).collect();
        if self.is_block(&bodies, is_line_end) {
            let start = self.current.clone();
            self.finish();
            let start = if self.at_boundary { Vec::new() } else { start };
            let boundary = self.at_boundary;
            let number = self.next_block();
            for (index, (test, body)) in branches.iter().enumerate() {
                let word = if index == 0 { "if" } else { "elif" };
                let tag = format!("{{% {word} {} %}}", test.text);
                self.push(if index == 0 { Kind::Open(tag) } else { Kind::Middle(tag) }, Vec::new());
                self.branch(number, Some(index), &start, boundary, body);
            }
            if !is_nothing(otherwise) {
                self.push(Kind::Middle("{% else %}".to_owned()), Vec::new());
                self.branch(number, Some(branches.len()), &start, boundary, otherwise);
            }
            self.push(Kind::Close("{% endif %}".to_owned()), Vec::new());
            return;
        }
        if let Some(value) = self.chosen(branches, otherwise, is_line_end) {
            self.current.push(Part::Print(value, Rc::default()));
            return;
        }
        for (index, (test, body)) in branches.iter().enumerate() {
            let word = if index == 0 { "if" } else { "elif" };
            self.current.push(Part::Code(format!("{{%+ {word} {} %}}", test.text)));
            self.inline += 1;
            self.items(body, false);
            self.inline -= 1;
        }
        if !is_nothing(otherwise) {
            self.current.push(Part::Code("{% else %}".to_owned()));
            self.inline += 1;
            self.items(otherwise, false);
            self.inline -= 1;
        }
        self.current.push(Part::Code("{% endif +%}".to_owned()));
    }

    /// Branches inside of a line as one expression.
    fn chosen(
        &self,
        branches: &[(Translated, Vec<Item<'t>>)],
        otherwise: &[Item<'t>],
        is_line_end: bool,
    ) -> Option<Expression<'t>> {
        // A whole value may be no text: `true`, `80`.
        let is_whole =
            is_line_end && matches!(&self.current[..], [Part::Text(text)] if is_before_value(text));
        let literal = |body: &[Item<'t>]| match body {
            [Item::Text(text)] => {
                let text = text.trim();
                let is_literal = matches!(text, "true" | "false")
                    || (!text.is_empty()
                        && text.len() < 10
                        && text.chars().all(|c| c.is_ascii_digit())
                        && (text == "0" || !text.starts_with('0')));
                is_literal.then(|| Translated::new(text, Binds::Operand))
            }
            _ => None,
        };
        if is_whole {
            let mut code = literal(otherwise);
            for (test, body) in branches.iter().rev() {
                code = code.zip(literal(body)).map(|(other, body)| choice(test, &body, &other));
            }
            if let Some(code) = code {
                return Some(Expression { code, ..Expression::value("", Binds::Choice) });
            }
        }
        let item = Item::If { branches: branches.to_vec(), otherwise: otherwise.to_vec() };
        concatenated(&[item])
    }

    fn branch(
        &mut self,
        number: usize,
        branch: Option<usize>,
        start: &[Part<'t>],
        boundary: bool,
        body: &[Item<'t>],
    ) {
        self.path.push((number, branch));
        self.current = start.to_vec();
        self.at_boundary = boundary;
        self.items(body, true);
        self.finish();
        self.path.pop();
    }

    fn repeat(
        &mut self,
        (head, is_filled): (&str, bool),
        body: &[Item<'t>],
        otherwise: &[Item<'t>],
        is_line_end: bool,
    ) {
        if self.is_block(&[body, otherwise], is_line_end)
            || (self.inline == 0 && self.is_blank() && starts_line(body) == Some(true))
        {
            let start = self.current.clone();
            self.finish();
            let start = if self.at_boundary { Vec::new() } else { start };
            let boundary = self.at_boundary;
            let number = self.next_block();
            let tag = format!("{{% for {head} %}}");
            self.push(if is_filled { Kind::OpenFilled(tag) } else { Kind::Open(tag) }, Vec::new());
            self.branch(number, None, &start, boundary, body);
            if !is_nothing(otherwise) {
                self.push(Kind::Middle("{% else %}".to_owned()), Vec::new());
                self.branch(number, None, &start, boundary, otherwise);
            }
            self.push(Kind::Close("{% endfor %}".to_owned()), Vec::new());
            return;
        }
        self.current.push(Part::Code(format!("{{%+ for {head} %}}")));
        self.inline += 1;
        self.items(body, false);
        self.inline -= 1;
        self.current.push(Part::Code("{% endfor +%}".to_owned()));
    }

    fn next_block(&mut self) -> usize {
        self.blocks += 1;
        self.blocks
    }
}

/// Whether nothing is printed, set or said.
fn is_nothing(items: &[Item<'_>]) -> bool {
    items.iter().all(|item| matches!(item, Item::Text(text) if text.trim().is_empty()))
}

/// Whether the next that prints is a block.
fn is_control(items: &[Item<'_>]) -> bool {
    let next = items.iter().find(|item| match item {
        Item::Text(text) => !text.is_empty(),
        Item::Set { .. } | Item::Statement(_) | Item::Comment(_) | Item::Note(_) => false,
        _ => true,
    });
    matches!(next, Some(Item::If { .. } | Item::For { .. }))
}

/// Whether a block comes next that begins on a line of its own.
fn begins_block(items: &[Item<'_>]) -> bool {
    let is_other = |item: &&Item<'_>| {
        !matches!(item, Item::Set { .. } | Item::Statement(_) | Item::Comment(_) | Item::Note(_))
    };
    let next = items.iter().find(is_other);
    matches!(next, Some(Item::If { .. } | Item::For { .. })) && starts_line(items) == Some(true)
}

/// Whether something is printed.
fn prints(items: &[Item<'_>]) -> bool {
    items.iter().any(|item| match item {
        Item::Text(text) => !text.trim().is_empty(),
        Item::Print(..) | Item::Lines(..) => true,
        Item::If { branches, otherwise } => {
            branches.iter().any(|(_, body)| prints(body)) || prints(otherwise)
        }
        Item::For { body, otherwise, .. } => prints(body) || prints(otherwise),
        Item::Set { .. } | Item::Statement(_) | Item::Comment(_) | Item::Note(_) => false,
    })
}

/// Whether what is printed first begins a line of its own; none if nothing is printed.
fn starts_line(items: &[Item<'_>]) -> Option<bool> {
    for item in items {
        match item {
            Item::Text(text) => {
                let blank = text.trim_start_matches([' ', '\t', '\r']);
                if blank.starts_with('\n') {
                    return Some(true);
                }
                if !blank.is_empty() {
                    return Some(false);
                }
            }
            // A piece that is moved to the right gets a line of its own as well.
            Item::Print(value, _) => {
                return Some(match value.layout {
                    Layout::NewLine(_) => true,
                    Layout::Indented(_) => matches!(value.form, Form::Fragment(_)),
                    Layout::Inline => false,
                });
            }
            Item::Lines(..) => return Some(true),
            Item::If { branches, otherwise } => {
                let bodies = branches.iter().map(|(_, body)| body).chain([otherwise]);
                let mut found = bodies.filter_map(|body| starts_line(body)).peekable();
                if found.peek().is_some() {
                    return Some(found.all(|starts| starts));
                }
            }
            Item::For { body, .. } => {
                if let Some(starts) = starts_line(body) {
                    return Some(starts);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether what is printed last ends its line.
fn ends_line(items: &[Item<'_>]) -> bool {
    for item in items.iter().rev() {
        match item {
            Item::Text(text) => {
                let blank = text.trim_end_matches([' ', '\t']);
                // Helm parts documents at a separator, whatever stands behind it.
                if blank.ends_with('\n') || blank.lines().last() == Some("---") {
                    return true;
                }
                if !blank.is_empty() {
                    return false;
                }
            }
            Item::Print(..) | Item::Lines(..) => return false,
            Item::If { branches, otherwise } => {
                return branches
                    .iter()
                    .map(|(_, body)| body)
                    .chain([otherwise])
                    .all(|body| is_nothing(body) || ends_line(body));
            }
            Item::For { body, .. } => return ends_line(body),
            _ => {}
        }
    }
    false
}

/// Whether a text stands before a value: behind `key:` or `-`, or nothing.
fn is_before_value(text: &str) -> bool {
    let trimmed = text.trim_end();
    trimmed.is_empty() || (trimmed.len() < text.len() && (trimmed.ends_with(':') || trimmed.ends_with('-')))
}

impl<'t> Line<'t> {
    /// The text of it, with a word for each value.
    fn shown(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Print(..) => "x",
                Part::Code(_) | Part::Note(_) => "",
            })
            .collect()
    }

    /// How far it is moved to the right.
    fn indent(&self) -> usize {
        match self.parts.first() {
            Some(Part::Text(text)) => text.len() - text.trim_start_matches(' ').len(),
            _ => 0,
        }
    }

    /// How far the keys behind its dashes are.
    fn key_indent(&self) -> usize {
        let shown = self.shown();
        let mut at = self.indent();
        while let Some(rest) = shown.get(at..).and_then(|rest| rest.strip_prefix("- ")) {
            at = shown.len() - rest.trim_start().len();
        }
        at
    }

    fn is_dash(&self) -> bool {
        let shown = self.shown();
        let text = shown.trim();
        text == "-" || text.starts_with("- ")
    }

    fn is_comment(&self) -> bool {
        self.shown().trim_start().starts_with('#')
    }

    /// The value, if it is a piece of YAML that stands alone on its lines.
    fn piece(&self) -> Option<(&Expression<'t>, &Rc<Note>)> {
        if self.kind != Kind::Content || self.text_base.is_some() {
            return None;
        }
        let mut found = None;
        for part in &self.parts {
            match part {
                Part::Text(text) if text.trim().is_empty() => {}
                Part::Print(value, note) if found.is_none() => found = Some((value, note)),
                _ => return None,
            }
        }
        found.filter(|(value, _)| {
            matches!(value.form, Form::Yaml | Form::Fragment(_))
                || (value.form == Form::Json && value.layout != Layout::Inline)
                || (value.layout != Layout::Inline && value.form == Form::Plain)
                // A text alone may be a whole document, or an entry.
                || (value.form == Form::Plain && value.constant.is_none())
        })
    }
}

/// Whether the last word of a line begins a block of text.
fn begins_text(shown: &str) -> bool {
    let shown = shown.trim_end();
    if shown.trim_start().starts_with('#') {
        return false;
    }
    let Some((before, word)) = shown.rsplit_once(' ') else { return false };
    let before = before.trim_end();
    let is_header = word.starts_with(['|', '>'])
        && word.chars().skip(1).all(|c| c.is_ascii_digit() || matches!(c, '+' | '-'));
    is_header && (before.ends_with(':') || before.ends_with('-'))
}

/// Finds the blocks of text.
fn mark_texts(lines: &mut [Line<'_>]) {
    let mut parent: Option<usize> = None;
    let mut base: Option<usize> = None;
    for line in lines {
        if line.kind == Kind::Blank {
            if parent.is_some() {
                line.text_base = Some(base.unwrap_or(0));
            }
            continue;
        }
        if line.kind != Kind::Content {
            continue;
        }
        let indent = line.indent();
        if let Some(above) = parent {
            if indent > above || line.shown().trim().is_empty() {
                let first = *base.get_or_insert(indent);
                line.text_base = Some(first);
                continue;
            }
            parent = None;
            base = None;
        }
        if begins_text(&line.shown()) {
            parent = Some(line.key_indent());
            base = None;
        }
    }
}

/// Whether two lines are never printed both.
fn excludes(one: &Line<'_>, other: &Line<'_>) -> bool {
    one.path
        .iter()
        .any(|(number, branch)| other.path.iter().any(|(known, its)| number == known && branch != its))
}

/// Keys below which the API has lists.
const LISTS: &[&str] = &[
    "args",
    "command",
    "containers",
    "env",
    "envFrom",
    "from",
    "hostAliases",
    "hosts",
    "http",
    "imagePullSecrets",
    "ingress",
    "initContainers",
    "items",
    "loadBalancerSourceRanges",
    "matchExpressions",
    "metrics",
    "egress",
    "paths",
    "ports",
    "resources",
    "rules",
    "secrets",
    "sources",
    "subjects",
    "tls",
    "to",
    "tolerations",
    "topologySpreadConstraints",
    "volumeClaimTemplates",
    "volumeMounts",
    "volumes",
    "endpoints",
    "groups",
    "accessModes",
    "parentRefs",
    "hostnames",
    "extraVolumes",
    "sysctls",
    "externalIPs",
    "relabelings",
    "metricRelabelings",
];

/// What is said where nothing tells a list from a map: a loop over a map would go over its keys.
const TAKEN_FOR_LIST: &str = "taken for a list, as nothing says what it is: if it can be a map, write `for key, value in … | dictsort`";

/// What stands around a piece of YAML.
struct Around {
    /// The line that it is the value of.
    parent: Option<usize>,
    /// What others beside it are; none if there are none.
    beside: Option<Option<Shape>>,
}

fn around(lines: &[Line<'_>], at: usize) -> Around {
    let Some(line) = lines.get(at) else { return Around { parent: None, beside: None } };
    let width = line.indent();
    let is_map = line.piece().is_some_and(|(value, _)| {
        value.certain_shape() == Some(Shape::Map) || (value.is_map() && value.form != Form::Plain)
    });
    let mut beside: Option<Option<Shape>> = None;
    let note = |other: &Line<'_>, beside: &mut Option<Option<Shape>>| {
        let shape = match other.piece() {
            Some((value, _)) => value.certain_shape(),
            None if other.is_dash() && other.indent() == width => Some(Shape::List),
            None => Some(Shape::Map),
        };
        *beside = Some(beside.flatten().or(shape));
    };
    let is_line =
        |line: &Line<'_>| line.kind == Kind::Content && line.text_base.is_none() && !line.is_comment();
    let mut parent = None;
    // Whether the key above has a value that is further to the right.
    let mut has_deeper = false;
    for index in (0..at).rev() {
        let Some(other) = lines.get(index) else { break };
        if !is_line(other) || excludes(other, line) {
            continue;
        }
        let shown = other.shown();
        if shown.trim() == "---" {
            break;
        }
        let has_no_value = shown.trim_end().ends_with(':') || shown.trim() == "-";
        let is_key_of_list = other.indent() == width
            && !other.is_dash()
            && has_no_value
            && !has_deeper
            && !is_map
            && beside != Some(Some(Shape::Map));
        if other.key_indent() < width
            || (other.is_dash() && shown.trim() == "-" && other.indent() < width)
            || is_key_of_list
        {
            parent = has_no_value.then_some(index);
            break;
        }
        if other.indent() < width && other.key_indent() >= width {
            // The first key of an item whose further keys these are.
            beside = Some(Some(Shape::Map));
            break;
        }
        if other.indent() == width {
            note(other, &mut beside);
        }
        has_deeper = other.indent() > width;
    }
    let same_indent =
        parent.and_then(|parent| lines.get(parent)).is_some_and(|parent| parent.indent() == width);
    for other in lines.iter().skip(at + 1) {
        if !is_line(other) || excludes(other, line) {
            continue;
        }
        let ends = other.indent() < width
            || (same_indent && other.indent() == width && !other.is_dash() && other.piece().is_none());
        if ends || other.shown().trim() == "---" {
            break;
        }
        if other.indent() == width {
            note(other, &mut beside);
        }
    }
    // In a loop there are several of it.
    let above =
        parent.and_then(|parent| lines.get(parent)).map_or(0, |parent| common(&parent.path, &line.path));
    if parent.is_some()
        && beside.is_none()
        && line.path.iter().skip(above).any(|(_, branch)| branch.is_none())
    {
        beside = Some(None);
    }
    Around { parent, beside }
}

/// How many blocks two places share.
fn common(one: &[(usize, Option<usize>)], other: &[(usize, Option<usize>)]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Puts each piece of YAML where it belongs.
fn place_pieces<'t>(lines: Vec<Line<'t>>) -> Vec<Line<'t>> {
    let mut result: Vec<Line<'_>> = Vec::new();
    // Where a line of the input is now.
    let mut places: Vec<usize> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some((value, note)) = line.piece() else {
            places.push(result.len());
            result.push(line.clone());
            continue;
        };
        let (mut value, note) = (value.clone(), Rc::clone(note));
        let width = line.indent();
        let place = || Part::Text(" ".repeat(width));
        let unsure = |why: &str| Line {
            kind: Kind::Note(Note { why: why.to_owned(), ..Note::clone(&note) }),
            parts: Vec::new(),
            ..line.clone()
        };
        let Around { parent, beside } = around(&lines, index);
        // The value of a key on a line of its own.
        if value.form == Form::Plain && value.layout == Layout::Inline && beside.is_none() && width > 0 {
            places.push(result.len());
            result.push(line.clone());
            continue;
        }
        places.push(result.len());
        let is_known_text = matches!(value.known, Some(crate::helm::tree::Tree::String(..)));
        // What is printed as it is is a text, whatever the default is.
        let is_alone = value.form == Form::Plain && value.layout == Layout::Inline;
        let is_text = (value.form == Form::Plain && (width == 0 || value.layout != Layout::Inline))
            || (value.form == Form::Plain && !value.is_map() && !value.is_list())
            || (value.is_text_or_yaml && is_known_text);
        if is_text
            && value.code.text != "none"
            && (value.is_text || is_known_text || value.layout != Layout::Inline || is_alone)
        {
            // What is a text of YAML there is its value here.
            let call = format!("parse_yaml({})", value.in_text().text);
            value = Expression {
                layout: value.layout,
                form: Form::Yaml,
                is_nullable: true,
                ..Expression::value(call, Binds::Operand)
            };
        }
        let is_nothing = value.code.text == "none";
        let whole = Expression {
            form: if matches!(value.form, Form::Fragment(_)) { value.form } else { Form::Yaml },
            layout: Layout::Inline,
            ..value.clone()
        };
        let Some(shape) = beside else {
            let joined =
                parent.filter(|parent| lines.get(*parent).is_some_and(|above| above.path == line.path));
            match joined
                .and_then(|parent| places.get(parent).copied())
                .and_then(|place| result.get_mut(place))
            {
                Some(_) => {
                    let at = joined.and_then(|parent| places.get(parent).copied()).unwrap_or_default();
                    // What the value needs is set before the line that it is on now.
                    let is_between = |line: &Line<'_>| line.kind != Kind::Content && line.kind != Kind::Blank;
                    if result.get(at + 1..).is_some_and(|between| between.iter().any(is_between)) {
                        let key = result.remove(at);
                        result.push(key);
                        for place in places.iter_mut().filter(|place| **place >= at) {
                            *place = if *place == at { result.len() - 1 } else { *place - 1 };
                        }
                    }
                    let at = joined.and_then(|parent| places.get(parent).copied()).unwrap_or_default();
                    let Some(above) = result.get_mut(at) else { continue };
                    if let Some(Part::Text(text)) = above.parts.last_mut() {
                        let length = text.trim_end().len();
                        text.truncate(length);
                        text.push(' ');
                    }
                    above.parts.push(Part::Print(whole, note));
                }
                None => result.push(Line { parts: vec![place(), Part::Print(whole, note)], ..line.clone() }),
            }
            continue;
        };
        if is_nothing {
            // Of what is left to a person, nothing stands among others.
            continue;
        }
        // What is written beside it says more than an empty default, and that more than the name of the key.
        let by_default = match () {
            () if value.is_list() => Some(Shape::List),
            () if value.is_map() => Some(Shape::Map),
            () => None,
        };
        let key = parent.and_then(|parent| lines.get(parent)).map(Line::shown).unwrap_or_default();
        let key = key.trim().trim_start_matches("- ").trim_end_matches(':').to_owned();
        let by_key = LISTS.contains(&key.as_str()).then_some(Shape::List);
        let said = value.certain_shape().or(shape);
        let is_guess = said.is_none() && (by_default.is_none() || (by_key.is_some() && by_default != by_key));
        let shape = said.or(by_key).or(by_default).unwrap_or(Shape::Map);
        if is_guess && shape == Shape::List {
            result.push(unsure(TAKEN_FOR_LIST));
        }
        match (shape, value.form) {
            (Shape::List, Form::Fragment(_)) => {
                result.push(unsure("what a macro prints cannot be put among items of a list"));
            }
            (Shape::Map, _) => {
                let code = match value.is_nullable && !matches!(value.form, Form::Fragment(_)) {
                    true if value.code.text.starts_with("parse_yaml(") => {
                        Translated::new(format!("{} or {{}}", value.code.text), Binds::Or)
                    }
                    true => value.with_default("{}"),
                    false => whole.code.clone(),
                };
                let merged = Expression { code, ..whole };
                let parts = vec![Part::Text(format!("{}<<: ", " ".repeat(width))), Part::Print(merged, note)];
                result.push(Line { parts, ..line.clone() });
            }
            (Shape::List, _) => {
                let list = match value.code.text.starts_with("parse_yaml(") {
                    true => format!("({} or [])", value.code.text),
                    false => value.collection("[]").at_least(Binds::Filter),
                };
                let tag = |kind: Kind| Line { kind, parts: Vec::new(), ..line.clone() };
                let open = format!("{{% for entry in {list} %}}");
                let is_filled = value.certain_shape().is_some();
                result.push(tag(if is_filled { Kind::OpenFilled(open) } else { Kind::Open(open) }));
                let item = Expression { form: Form::Yaml, ..Expression::value("entry", Binds::Operand) };
                let parts = vec![Part::Text(format!("{}- ", " ".repeat(width))), Part::Print(item, note)];
                result.push(Line { parts, ..line.clone() });
                result.push(tag(Kind::Close("{% endfor %}".to_owned())));
            }
        }
    }
    result
}

/// Without blocks in which nothing is printed, and without blank lines that say nothing.
fn without_empty_blocks<'t>(mut lines: Vec<Line<'t>>) -> Vec<Line<'t>> {
    loop {
        let empty = lines.windows(2).position(|pair| {
            matches!(&pair[0].kind, Kind::Open(_) | Kind::OpenFilled(_))
                && matches!(&pair[1].kind, Kind::Close(_))
        });
        match empty {
            Some(at) => {
                lines.drain(at..at + 2);
            }
            None => break,
        }
    }
    let mut result: Vec<Line<'_>> = Vec::new();
    for line in lines {
        let is_said = line.kind != Kind::Blank || line.text_base.is_some();
        let after_blank = result.last().is_none_or(|last| {
            last.kind == Kind::Blank
                || matches!(last.kind, Kind::Open(_) | Kind::OpenFilled(_) | Kind::Middle(_))
        });
        if is_said || !after_blank {
            result.push(line);
        }
    }
    result
}

/// `{% if x %}key: {{ x }}{% endif %}` is `key: {{ x or none }}`.
fn compact<'t>(lines: Vec<Line<'t>>) -> Vec<Line<'t>> {
    let mut result: Vec<Line<'_>> = Vec::new();
    let mut rest = lines.into_iter().peekable();
    while let Some(line) = rest.next() {
        let is_close = line.kind == Kind::Close("{% endif %}".to_owned());
        if is_close
            && let [.., open, inner] = &result[..]
            && let Kind::Open(tag) = &open.kind
            && let Some(shorter) = shorter(tag, inner)
            && !is_only_key(&result, rest.peek())
        {
            result.truncate(result.len() - 2);
            result.push(shorter);
            continue;
        }
        // `key:` above a condition that has the value alone.
        if is_close
            && let [.., above, open, inner] = &result[..]
            && let Kind::Open(tag) = &open.kind
            && let Some(joined) = joined(above, tag, inner)
            && rest.peek().is_none_or(|next| {
                next.kind != Kind::Content || next.indent() <= above.indent() && !next.is_dash()
            })
        {
            result.truncate(result.len() - 3);
            result.push(joined);
            continue;
        }
        result.push(line);
    }
    result
}

/// Whether the key would leave a map behind that has nothing else in it: that is another thing than none.
fn is_only_key(before: &[Line<'_>], after: Option<&Line<'_>>) -> bool {
    let Some((inner, above)) = before.split_last() else { return true };
    let indent = inner.indent();
    let above = above.iter().rev().find(|line| line.kind == Kind::Content);
    let has_above = above.is_some_and(|line| line.indent() >= indent || line.key_indent() >= indent);
    let has_below = after.is_some_and(|line| line.kind == Kind::Content && line.indent() == indent);
    !has_above && !has_below
}

/// `key:` with `{{ x }}` below it in `{% if x %}`.
fn joined<'t>(above: &Line<'t>, tag: &str, inner: &Line<'t>) -> Option<Line<'t>> {
    let test = tag.strip_prefix("{% if ")?.strip_suffix(" %}")?;
    let [Part::Text(margin), Part::Print(value, note)] = &inner.parts[..] else { return None };
    let [Part::Text(key)] = &above.parts[..] else { return None };
    let is_key = key.trim_end().ends_with(':') && above.kind == Kind::Content && above.text_base.is_none();
    let is_same = value.code.text == test && value.code.binds == Binds::Operand && value.form == Form::Yaml;
    if !is_key || !is_same || !margin.trim().is_empty() || margin.len() <= above.indent() {
        return None;
    }
    let code = Translated::new(format!("{test} or none"), Binds::Or);
    let value = Expression { code, ..value.clone() };
    let parts = vec![Part::Text(format!("{} ", key.trim_end())), Part::Print(value, Rc::clone(note))];
    Some(Line { parts, ..above.clone() })
}

fn shorter<'t>(tag: &str, inner: &Line<'t>) -> Option<Line<'t>> {
    let test = tag.strip_prefix("{% if ")?.strip_suffix(" %}")?;
    let [Part::Text(key), Part::Print(value, note)] = &inner.parts[..] else { return None };
    let is_key = key.trim_end().ends_with(':')
        && !key.trim_start().starts_with('-')
        && !key.trim_start().starts_with('#');
    let is_same = value.code.text == test && value.code.binds == Binds::Operand;
    let is_whole = matches!(value.form, Form::Plain | Form::Yaml) && value.layout == Layout::Inline;
    if !is_key
        || !is_same
        || !is_whole
        || inner.text_base.is_some()
        || inner.kind != Kind::Content
        || test.contains('(')
    {
        return None;
    }
    let other = if key.trim() == "<<:" { "{}" } else { "none" };
    let code = Translated::new(format!("{test} or {other}"), Binds::Or);
    let value = Expression { code, form: Form::Yaml, ..value.clone() };
    let mut path = inner.path.clone();
    path.pop();
    Some(Line {
        parts: vec![Part::Text(key.clone()), Part::Print(value, Rc::clone(note))],
        path,
        ..inner.clone()
    })
}

/// The text, with what has to be said.
fn printed(lines: &[Line<'_>]) -> Written {
    let mut written = Written::default();
    let mut opened: Vec<usize> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let next = || {
            let content = lines.iter().skip(index).find(|line| line.kind == Kind::Content);
            content.map_or(0, Line::indent)
        };
        let (indent, tag) = match &line.kind {
            Kind::Blank => {
                written.text.push('\n');
                continue;
            }
            Kind::Content => {
                let mut text = String::new();
                write_content(line, &mut text, &mut written);
                written.text.push_str(text.trim_end());
                written.text.push('\n');
                continue;
            }
            Kind::Note(note) => {
                written.notes.push(note.clone());
                (next(), format!("{{# {} #}}", note.comment()))
            }
            Kind::Open(tag) | Kind::OpenFilled(tag) => {
                opened.push(next());
                (next(), tag.clone())
            }
            Kind::Middle(tag) => (opened.last().copied().unwrap_or(0), tag.clone()),
            Kind::Close(tag) => (opened.pop().unwrap_or(0), tag.clone()),
            Kind::Other(tag) => (next(), tag.clone()),
        };
        written.text.push_str(&" ".repeat(indent));
        written.text.push_str(&tag);
        written.text.push('\n');
    }
    let start = written.text.len() - written.text.trim_start_matches('\n').len();
    written.text.drain(..start);
    written
}

fn write_content(line: &Line<'_>, text: &mut String, written: &mut Written) {
    for (index, part) in line.parts.iter().enumerate() {
        match part {
            Part::Text(words) if line.parts.len() == 1 && line.text_base.is_none() => {
                let words = as_yaml_1_2(words);
                // A null that Helm's manifests may have leaves its key out here.
                match words.trim_end().strip_suffix(": null") {
                    Some(key) => text.push_str(&format!("{}: {{{{ none }}}}", escaped(key))),
                    None => text.push_str(&escaped(&words)),
                }
            }
            Part::Text(words) => text.push_str(&escaped(words)),
            Part::Code(code) => {
                apart(text);
                text.push_str(code);
            }
            Part::Note(note) => {
                written.notes.push(note.clone());
                text.push_str(&format!("{{# {} #}}", note.comment()));
            }
            Part::Print(value, note) => {
                let after: String = line
                    .parts
                    .iter()
                    .skip(index + 1)
                    .map(|part| match part {
                        Part::Text(words) => words.as_str(),
                        _ => "x",
                    })
                    .collect();
                match code_of(value, line, text, &after) {
                    Ok(code) => {
                        if code.starts_with('{') {
                            apart(text);
                        }
                        text.push_str(&code);
                    }
                    Err(()) => {
                        // The note stands above the line.
                        written.notes.push(Note::clone(note));
                        let indent = " ".repeat(line.indent());
                        written.text.push_str(&format!("{indent}{{# {} #}}\n", note.comment()));
                        if is_before_value(text) && after.trim().is_empty() {
                            text.push_str("{{ none }}");
                        }
                    }
                }
            }
        }
    }
}

/// A brace right before a tag would be a part of it.
fn apart(text: &mut String) {
    if text.ends_with('{') {
        text.pop();
        text.push_str("{{ \"{\" }}");
    }
}

/// A line of the template itself, whose value Helm's YAML reads otherwise: `0644`, `yes`.
fn as_yaml_1_2(line: &str) -> String {
    let Some((key, value)) = line.split_once(": ") else { return line.to_owned() };
    let (word, comment) =
        value.trim_start().split_once(" #").map_or((value.trim(), ""), |(word, rest)| (word.trim(), rest));
    let is_octal = word.len() > 1 && word.starts_with('0') && word.chars().all(|c| ('0'..='7').contains(&c));
    let other = match word {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => "true".to_owned(),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => "false".to_owned(),
        _ if is_octal => match i64::from_str_radix(word, 8) {
            Ok(number) => number.to_string(),
            Err(_) => return line.to_owned(),
        },
        _ => return line.to_owned(),
    };
    if key.trim_start().starts_with('#') {
        return line.to_owned();
    }
    let comment = if comment.is_empty() { String::new() } else { format!(" #{comment}") };
    format!("{key}: {other}{comment}")
}

/// Signs of Jinja in a text that has none.
fn escaped(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = ["{%", "{#", "{{"].iter().filter_map(|sign| rest.find(sign)).min() {
        result.push_str(rest.get(..at).unwrap_or_default());
        let sign = rest.get(at..at + 2).unwrap_or_default();
        result.push_str(&format!("{{{{ \"{sign}\" }}}}"));
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    result.push_str(rest);
    result
}

/// A printed value, as it is written behind a text and before another.
///
/// # Errors
/// A macro inside of a text.
fn code_of(value: &Expression<'_>, line: &Line<'_>, before: &str, after: &str) -> Result<String, ()> {
    let tag = |code: &str| match code.starts_with('{') {
        true => format!("{{{{ {code} }}}}"),
        false => format!("{{{{ {code} }}}}"),
    };
    let is_comment = line.is_comment();
    let rest = after.trim_start();
    let is_end = rest.is_empty() || rest.starts_with('#');
    let is_whole = line.text_base.is_none() && !is_comment && is_end && is_before_value(before);
    if is_whole {
        return Ok(match (value.form, &value.constant) {
            (Form::Plain, Some(constant)) if is_plain_word(constant) => constant.clone(),
            (Form::Plain, Some(constant)) if constant.is_empty() => tag("none"),
            (Form::Quoted(quote), Some(constant)) if is_plain_word(constant) => {
                format!("{quote}{constant}{quote}")
            }
            (Form::Quoted(quote), None) if is_literal(&value.code.text) => {
                format!("{quote}{}{quote}", value.code.text)
            }
            (Form::Quoted(quote), _) => format!("{quote}{}{quote}", tag(&value.in_text().text)),
            (Form::Plain, _)
                if is_all(value, |text| {
                    text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
                }) =>
            {
                tag(&format!("{} | int", value.code.at_least(Binds::Filter)))
            }
            (Form::Plain, _) if is_all(value, |text| matches!(text, "true" | "false")) => {
                tag(&format!("{} == \"true\"", value.code.at_least(Binds::Sum)))
            }
            // A text that is a number for Helm: `port: {{ $port }}`.
            (Form::Plain, _) if (value.is_key || value.is_text) && is_port(before) => {
                tag(&format!("parse_yaml({})", value.code.text))
            }
            (Form::Plain, _) => tag(&with_plain_default(&value.code.text)),
            _ => tag(&value.code.text),
        });
    }
    if let Form::Fragment(_) = value.form {
        let text = value.as_text.as_ref().ok_or(())?;
        return code_of(&Expression { layout: value.layout, ..Expression::clone(text) }, line, before, after);
    }
    if let (Form::Plain, Some(constant)) = (value.form, &value.constant) {
        return Ok(escaped(constant));
    }
    // A key.
    if value.form == Form::Plain && before.trim().trim_start_matches("- ").is_empty() && rest.starts_with(':')
    {
        return Ok(tag(&value.code.text));
    }
    let mut code = match value.form {
        Form::Plain | Form::Quoted(_) => value.in_text(),
        Form::Yaml => {
            Translated::new(format!("{} | to_yaml", value.compared().at_least(Binds::Filter)), Binds::Filter)
        }
        Form::Json => {
            Translated::new(format!("{} | to_json", value.compared().at_least(Binds::Filter)), Binds::Filter)
        }
        Form::Fragment(_) => return Err(()),
    };
    if let Some(base) = line.text_base
        && value.layout != Layout::Inline
    {
        // The block ends in one newline, whatever the text ends in.
        code = Translated::new(format!("{} | trim(\"\\n\")", code.at_least(Binds::Filter)), Binds::Filter);
        let more = line.indent().saturating_sub(base);
        if more > 0 {
            let moved = format!("{} | replace(\"\\n\", \"\\n{}\")", code.text, " ".repeat(more));
            code = Translated::new(moved, Binds::Filter);
        }
    }
    let code = tag(&code.text);
    Ok(match value.form {
        Form::Quoted(quote) => format!("{quote}{code}{quote}"),
        _ => code,
    })
}

/// Whether a port stands behind this: a number, or a name.
fn is_port(before: &str) -> bool {
    before.trim().trim_start_matches("- ").strip_suffix(':').is_some_and(|key| key.ends_with("ort"))
}

/// `values.x or "5"` as `values.x or 5`: as a whole value, Helm prints a number.
fn with_plain_default(code: &str) -> String {
    let plain = || {
        let (value, quoted) = code.rsplit_once(" or \"")?;
        let word = quoted.strip_suffix('"')?;
        is_literal(word).then(|| format!("{value} or {word}"))
    };
    plain().unwrap_or_else(|| code.to_owned())
}

/// Whether an expression is a number or a boolean.
fn is_literal(code: &str) -> bool {
    matches!(code, "true" | "false") || code.parse::<i64>().is_ok_and(|number| number.to_string() == code)
}

/// Whether all texts that a value can be are of a kind.
fn is_all(value: &Expression<'_>, kind: impl Fn(&str) -> bool) -> bool {
    !value.choices.is_empty() && value.choices.iter().all(|text| kind(text))
}

/// Whether a text is the same in YAML without quotes.
fn is_plain_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'))
}
