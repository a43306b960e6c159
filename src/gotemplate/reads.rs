//! Which fields templates read of what they are given, in all their branches, without running them.
//!
//! ```text
//! {{- with .Values.image }}{{ .tag }}{{ end }}      reads `Values.image.tag`
//! {{ range $.Values.hosts }}{{ .name }}{{ end }}    reads `Values.hosts[].name`
//! {{ include "x" (dict "of" .Values.a) }}           what the template "x" reads of `.of`, it reads of `Values.a`
//! {{ toYaml .Values.resources }}                    reads all of `Values.resources`
//! ```
//!
//! Each expression stands for a set of things that it may give (`Thing`). What is printed, or handed to a function that is
//! not known to look at parts alone, is read as a whole; so a field may be said to be read that is not, and never the other
//! way round. What would take too long is given up.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{At, Command, Node, Operand, OperandKind, Pipe, Template, Variable};
use super::templates::Templates;
use crate::source::Span;

/// What a function does with what it is given, as far as it matters for what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// It looks at everything.
    Whole,
    /// It looks whether something is there, of which type it is, or how long.
    Test,
    /// It gives one of its arguments, or something with their parts.
    Any,
    /// It gives its first argument, or something with some of its parts.
    First,
    /// `index`: a part of its first argument by keys.
    Index,
    /// `get`: a part by a key.
    Get,
    /// `hasKey`: whether there is a part.
    HasKey,
    /// `dig`: a part of its last argument by keys.
    Dig,
    /// `pluck`: a list of parts of maps, all by the same key.
    Pluck,
    /// `dict`: a map of its arguments.
    Dict,
    /// `list`: a list of its arguments.
    List,
    /// `first`: an item of a list.
    Item,
    /// `rest`, `concat`: a list with items of lists.
    Items,
    /// `values`: a list of all parts of a map.
    Parts,
    /// `keys`: the names of the parts of maps.
    Keys,
    /// `set`: gives a part to a map.
    Set,
    /// `merge`: gives the parts of maps to the first one.
    Merge,
    /// `include`: runs a template.
    Include,
    /// `tpl`: runs a text as a template.
    Tpl,
}

/// What is known of functions, by their names.
pub type Functions = fn(&str) -> Handling;

/// Something that an expression may give.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Thing {
    /// Something that is no part of what was given.
    Other,
    /// A constant of the template.
    Constant(Rc<[u8]>),
    /// The field of that place in [`Reads`].
    Field(usize),
    /// A map that templates have made.
    Map(Rc<BTreeMap<Rc<str>, Things>>),
    /// A list that templates have made.
    List(Things),
}

/// All that an expression may give.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Things {
    things: Rc<BTreeSet<Thing>>,
    /// How many there are, with those inside them.
    size: usize,
    /// How many maps and lists stand inside each other.
    depth: usize,
}

impl Things {
    fn of(things: BTreeSet<Thing>) -> Things {
        let inside = |thing: &Thing| match thing {
            Thing::Map(entries) => entries.values().fold((1, 1), |(size, depth), part| {
                (part.size.saturating_add(size), depth.max(part.depth + 1))
            }),
            Thing::List(items) => (items.size.saturating_add(1), items.depth + 1),
            _ => (1, 0),
        };
        let (size, depth) = things.iter().map(inside).fold((0, 0), |(size, depth): (usize, usize), inner| {
            (size.saturating_add(inner.0), depth.max(inner.1))
        });
        Things { things: Rc::new(things), size, depth }
    }

    fn one(thing: Thing) -> Things {
        Things::of(BTreeSet::from([thing]))
    }

    fn other() -> Things {
        Things::one(Thing::Other)
    }

    fn with(self, more: &Things) -> Things {
        if self.things.is_empty() {
            return more.clone();
        }
        if more.things.is_subset(&self.things) {
            return self;
        }
        let mut things = Rc::unwrap_or_clone(self.things);
        things.extend(more.things.iter().cloned());
        Things::of(things)
    }

    fn all(sets: &[Things]) -> Things {
        sets.iter().fold(Things::default(), Things::with)
    }

    /// The constants that they are, if they are nothing else.
    fn constants(&self) -> Option<Vec<String>> {
        let texts = self.things.iter().map(|thing| match thing {
            Thing::Constant(text) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        });
        texts.collect::<Option<Vec<_>>>().filter(|texts| !texts.is_empty())
    }

    /// A map that templates are given, by its keys.
    pub fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Things)>) -> Things {
        let entries = entries.into_iter().map(|(key, things)| (Rc::from(key), things));
        Things::one(Thing::Map(Rc::new(entries.collect())))
    }
}

/// What is read of a field.
#[derive(Debug, Default)]
struct Field {
    parts: BTreeMap<Arc<str>, usize>,
    /// All parts whose keys are not known, and the items of a list.
    any_part: Option<usize>,
    depth: usize,
    is_read: bool,
    is_whole: bool,
    has_keys_read: bool,
    places: BTreeSet<Span>,
}

/// The fields that templates read, as a tree.
#[derive(Debug)]
pub struct Reads {
    fields: Vec<Field>,
}

/// Fields inside each other; what lies deeper is read as a whole.
const MOST_DEPTH: usize = 24;

/// How much is looked at; more is given up.
const MOST_WORK: usize = 2_000_000;

/// The most things that one expression may give, with those inside them.
const MOST_THINGS: usize = 10_000;

impl Default for Reads {
    fn default() -> Self {
        Reads { fields: vec![Field::default()] }
    }
}

impl Reads {
    /// The field at a path of keys from the root, to be given to templates.
    pub fn field(&mut self, path: &[&str]) -> Things {
        let at = path.iter().fold(0, |at, key| self.part(at, Some(key)));
        Things::one(Thing::Field(at))
    }

    /// Notes that the field at a path is read, as a whole or not.
    pub fn note(&mut self, path: &[&str], is_whole: bool) {
        let at = path.iter().fold(0, |at, key| self.part(at, Some(key)));
        if let Some(field) = self.fields.get_mut(at) {
            field.is_read = true;
            field.is_whole |= is_whole;
        }
    }

    /// A part of a field; without a key, one whose key is not known.
    fn part(&mut self, of: usize, key: Option<&str>) -> usize {
        let next = self.fields.len();
        let Some(field) = self.fields.get_mut(of) else { return of };
        if field.depth >= MOST_DEPTH {
            field.is_whole = true;
            return of;
        }
        let depth = field.depth + 1;
        let found = match key {
            Some(key) => match field.parts.get(key) {
                Some(found) => *found,
                None => *field.parts.entry(Arc::from(key)).or_insert(next),
            },
            None => *field.any_part.get_or_insert(next),
        };
        if found == next {
            self.fields.push(Field { depth, ..Field::default() });
        }
        found
    }

    /// The root, as a set of fields that one part after the other is asked of.
    pub fn root(&self) -> ReadFields<'_> {
        ReadFields { reads: self, at: vec![0] }
    }

    /// The paths of all fields that are read, as far as their keys are known.
    pub fn paths(&self) -> Vec<Vec<&str>> {
        let mut paths = Vec::new();
        let mut waiting = vec![(0, Vec::new())];
        while let Some((at, path)) = waiting.pop() {
            let Some(field) = self.fields.get(at) else { continue };
            for (key, part) in &field.parts {
                let mut below: Vec<&str> = path.clone();
                below.push(key);
                waiting.push((*part, below));
            }
            if !path.is_empty() {
                paths.push(path);
            }
        }
        paths.sort();
        paths
    }
}

/// What is read of one field of the values: several in the tree, where templates ask for parts whose keys are not known.
#[derive(Clone, Debug)]
pub struct ReadFields<'r> {
    reads: &'r Reads,
    at: Vec<usize>,
}

impl<'r> ReadFields<'r> {
    fn fields(&self) -> impl Iterator<Item = &'r Field> + '_ {
        self.at.iter().filter_map(|at| self.reads.fields.get(*at))
    }

    /// A part of it; without a key, an item of a list.
    #[must_use]
    pub fn part(&self, key: Option<&str>) -> ReadFields<'r> {
        let known = |field: &Field| key.and_then(|key| field.parts.get(key).copied());
        let at = self.fields().flat_map(|field| [known(field), field.any_part]).flatten().collect();
        ReadFields { reads: self.reads, at }
    }

    /// The same with what is read of other fields.
    #[must_use]
    pub fn with(mut self, other: ReadFields<'r>) -> ReadFields<'r> {
        self.at.extend(other.at);
        self
    }

    /// Whether nothing asks for it or for a part of it.
    pub fn is_unread(&self) -> bool {
        self.fields().all(|field| {
            !field.is_read && !field.is_whole && field.parts.is_empty() && field.any_part.is_none()
        })
    }

    /// Whether all of it is read.
    pub fn is_whole(&self) -> bool {
        self.fields().any(|field| field.is_whole)
    }

    /// Whether the names of its parts are read.
    pub fn has_keys_read(&self) -> bool {
        self.fields().any(|field| field.has_keys_read)
    }

    /// Where templates ask for it.
    pub fn places(&self) -> BTreeSet<Span> {
        self.fields().flat_map(|field| field.places.iter().copied()).collect()
    }

    /// Where templates ask for it, or for what lies in it.
    pub fn places_below(&self) -> BTreeSet<Span> {
        let mut places = BTreeSet::new();
        let mut waiting = self.at.clone();
        while let Some(at) = waiting.pop() {
            let Some(field) = self.reads.fields.get(at) else { continue };
            places.extend(field.places.iter().copied());
            waiting.extend(field.parts.values().copied());
            waiting.extend(field.any_part);
        }
        places
    }
}

/// It would take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp;

/// Finds out what templates read.
pub struct Search<'t> {
    templates: &'t Templates,
    functions: Functions,
    /// What `tpl` may be given.
    texts: Vec<Arc<Template>>,
    reads: Reads,
    waiting: Vec<(Arc<Template>, Things)>,
    seen: HashSet<(*const Template, Things)>,
    left: usize,
}

/// A template that is looked at.
struct Frame {
    template: Arc<Template>,
    variables: Vec<Things>,
}

impl Frame {
    fn place(&self, at: At) -> Option<Span> {
        let source = self.template.unit.source?;
        Some(Span { source, start: at.start, end: at.end })
    }
}

type Found = Result<Things, GivenUp>;

impl<'t> Search<'t> {
    /// A search in templates. `texts` are all that `tpl` may be given besides constants; what is no template among them has
    /// no meaning for `tpl`.
    pub fn new<'x>(
        templates: &'t Templates,
        functions: Functions,
        reads: Reads,
        texts: impl IntoIterator<Item = &'x [u8]>,
    ) -> Search<'t> {
        let parsed = texts.into_iter().filter_map(|text| templates.parse_text("", text).ok());
        let texts = parsed.flatten().map(Arc::new).collect();
        Search {
            templates,
            functions,
            texts,
            reads,
            waiting: Vec::new(),
            seen: HashSet::new(),
            left: MOST_WORK,
        }
    }

    /// Looks at the template of a name that is given something, and at all that it runs.
    ///
    /// # Errors
    /// What would take too long.
    pub fn look(&mut self, name: &str, given: &Things) -> Result<(), GivenUp> {
        self.run(name, given);
        while let Some((template, dot)) = self.waiting.pop() {
            let mut variables = vec![Things::default(); template.variables.max(1)];
            if let Some(first) = variables.first_mut() {
                *first = dot.clone();
            }
            let mut frame = Frame { template: Arc::clone(&template), variables };
            self.list(&mut frame, &dot, &template.body)?;
        }
        Ok(())
    }

    /// What was found.
    pub fn finish(self) -> Reads {
        self.reads
    }

    fn run(&mut self, name: &str, given: &Things) {
        if let Some(template) = self.templates.get(name) {
            self.run_template(&Arc::clone(template), given);
        }
    }

    fn run_template(&mut self, template: &Arc<Template>, given: &Things) {
        if self.seen.insert((Arc::as_ptr(template), given.clone())) {
            self.waiting.push((Arc::clone(template), given.clone()));
        }
    }

    fn work(&mut self, things: &Things) -> Result<(), GivenUp> {
        if things.size > MOST_THINGS || things.depth > MOST_DEPTH {
            return Err(GivenUp);
        }
        self.left = self.left.checked_sub(1 + things.things.len() + things.size / 16).ok_or(GivenUp)?;
        Ok(())
    }

    fn list(&mut self, frame: &mut Frame, dot: &Things, nodes: &[Node]) -> Result<(), GivenUp> {
        for node in nodes {
            match node {
                Node::Text(_) | Node::Break | Node::Continue => {}
                Node::Print(pipe) => {
                    let printed = self.pipe(frame, dot, pipe)?;
                    if pipe.sets.is_empty() {
                        self.whole(&printed)?;
                    }
                }
                Node::Condition(condition) => {
                    for (pipe, body) in &condition.branches {
                        let things = self.pipe(frame, dot, pipe)?;
                        self.list(frame, if condition.sets_dot { &things } else { dot }, body)?;
                    }
                    self.list(frame, dot, &condition.otherwise)?;
                }
                Node::Range(range) => {
                    let things = self.pipe_value(frame, dot, &range.pipe)?;
                    let item = self.items(&things);
                    self.work(&item)?;
                    match &*range.pipe.sets {
                        [] => {}
                        [one] => assign(frame, one, &item),
                        [key, value, ..] => {
                            self.keys(&things);
                            assign(frame, key, &Things::other());
                            assign(frame, value, &item);
                        }
                    }
                    // A variable may be set at the end of it and read at its beginning.
                    let before = frame.variables.clone();
                    self.list(frame, &item, &range.body)?;
                    if frame.variables != before {
                        self.list(frame, &item, &range.body)?;
                    }
                    self.list(frame, dot, &range.otherwise)?;
                }
                Node::Template(invocation) => {
                    let given = match &invocation.pipe {
                        Some(pipe) => self.pipe(frame, dot, pipe)?,
                        None => Things::other(),
                    };
                    self.run(&invocation.name, &given);
                }
            }
        }
        Ok(())
    }

    fn pipe(&mut self, frame: &mut Frame, dot: &Things, pipe: &Pipe) -> Found {
        let things = self.pipe_value(frame, dot, pipe)?;
        pipe.sets.iter().for_each(|variable| assign(frame, variable, &things));
        Ok(things)
    }

    fn pipe_value(&mut self, frame: &mut Frame, dot: &Things, pipe: &Pipe) -> Found {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(frame, dot, command, last)?);
        }
        Ok(last.unwrap_or_else(Things::other))
    }

    fn command(&mut self, frame: &mut Frame, dot: &Things, command: &Command, last: Option<Things>) -> Found {
        if let OperandKind::Function(callee) = &command.word.kind {
            return self.call(frame, dot, callee.function.name, &command.word, &command.args, last);
        }
        let things = self.operand(frame, dot, &command.word)?;
        if command.args.is_empty() && last.is_none() {
            return Ok(things);
        }
        // A method.
        for arg in &command.args {
            let given = self.operand(frame, dot, arg)?;
            self.whole(&given)?;
        }
        self.whole(&last.unwrap_or_default())?;
        Ok(things.with(&Things::other()))
    }

    fn operand(&mut self, frame: &mut Frame, dot: &Things, operand: &Operand) -> Found {
        let place = frame.place(operand.at);
        let things = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil | OperandKind::Bool(_) | OperandKind::Number(_) => Things::other(),
            OperandKind::String { text, .. } => Things::one(Thing::Constant(Rc::from(&**text))),
            OperandKind::Field(names) => self.named(dot.clone(), names, place),
            OperandKind::Variable(variable, names) => {
                let things = match variable {
                    Variable::Slot(slot) => frame.variables.get(*slot).cloned().unwrap_or_default(),
                    Variable::Undefined(_) => Things::other(),
                };
                self.named(things, names, place)
            }
            OperandKind::Function(callee) => {
                self.call(frame, dot, callee.function.name, operand, &[], None)?
            }
            OperandKind::Chain(base, names) => {
                let things = self.operand(frame, dot, base)?;
                self.named(things, names, place)
            }
            OperandKind::Pipe(pipe) => self.pipe(frame, dot, pipe)?,
        };
        self.work(&things)?;
        Ok(things)
    }

    /// Parts of parts.
    fn named(&mut self, things: Things, names: &[Box<str>], place: Option<Span>) -> Things {
        let found = names.iter().fold(things, |things, name| self.part(&things, Some(name)));
        if !names.is_empty() {
            self.read(&found, place);
        }
        found
    }

    /// Notes that something was asked for.
    fn read(&mut self, things: &Things, place: Option<Span>) {
        for thing in &*things.things {
            if let Thing::Field(at) = thing
                && let Some(field) = self.reads.fields.get_mut(*at)
            {
                field.is_read = true;
                field.places.extend(place);
            }
        }
    }

    fn part(&mut self, things: &Things, key: Option<&str>) -> Things {
        let mut found = Things::default();
        for thing in &*things.things {
            let part = match thing {
                Thing::Other | Thing::Constant(_) => Things::other(),
                Thing::Field(at) => Things::one(Thing::Field(self.reads.part(*at, key))),
                Thing::Map(entries) => match key {
                    Some(key) => entries.get(key).cloned().unwrap_or_else(Things::other),
                    None => entries.values().fold(Things::default(), Things::with),
                },
                Thing::List(items) => items.clone(),
            };
            found = found.with(&part);
        }
        found
    }

    fn items(&mut self, things: &Things) -> Things {
        self.part(things, None)
    }

    fn keys(&mut self, things: &Things) {
        for thing in &*things.things {
            if let Thing::Field(at) = thing
                && let Some(field) = self.reads.fields.get_mut(*at)
            {
                field.is_read = true;
                field.has_keys_read = true;
            }
        }
    }

    /// Everything in something is read.
    fn whole(&mut self, things: &Things) -> Result<(), GivenUp> {
        self.work(things)?;
        for thing in &*things.things {
            match thing {
                Thing::Other | Thing::Constant(_) => {}
                Thing::Field(at) => {
                    if let Some(field) = self.reads.fields.get_mut(*at) {
                        field.is_whole = true;
                    }
                }
                Thing::Map(entries) => {
                    for part in entries.values() {
                        self.whole(part)?;
                    }
                }
                Thing::List(items) => self.whole(items)?,
            }
        }
        Ok(())
    }

    /// A part by the keys that an argument may be.
    fn part_by(&mut self, things: &Things, key: &Things, place: Option<Span>) -> Result<Things, GivenUp> {
        self.whole(key)?;
        let found = match key.constants() {
            Some(keys) => {
                keys.iter().fold(Things::default(), |found, key| found.with(&self.part(things, Some(key))))
            }
            None => self.part(things, None),
        };
        self.read(&found, place);
        Ok(found)
    }

    fn call(
        &mut self,
        frame: &mut Frame,
        dot: &Things,
        name: &str,
        word: &Operand,
        args: &[Operand],
        last: Option<Things>,
    ) -> Found {
        let mut given = Vec::with_capacity(args.len() + 1);
        for arg in args {
            given.push(self.operand(frame, dot, arg)?);
        }
        given.extend(last);
        let end = args.last().map_or(word.at.end, |last| last.at.end);
        let place = frame.place(At { start: word.at.start, end });
        let handling = (self.functions)(name);
        let (first, rest) = match given.split_first() {
            Some((first, rest)) => (first.clone(), rest),
            None => return Ok(Things::other()),
        };
        match handling {
            Handling::Test => Ok(Things::other()),
            Handling::Any => Ok(Things::all(&given)),
            Handling::First => {
                rest.iter().try_for_each(|more| self.whole(more))?;
                Ok(first)
            }
            Handling::Index | Handling::Get => {
                rest.iter().try_fold(first, |things, key| self.part_by(&things, key, place))
            }
            Handling::HasKey => {
                for key in rest {
                    self.part_by(&first, key, place)?;
                }
                Ok(Things::other())
            }
            Handling::Dig => {
                let [keys @ .., default, of] = given.as_slice() else { return self.all_whole(&given) };
                let part = keys.iter().try_fold(of.clone(), |part, key| self.part_by(&part, key, place))?;
                Ok(part.with(default))
            }
            Handling::Pluck => {
                let mut found = Things::default();
                for map in rest {
                    found = found.with(&self.part_by(map, &first, place)?);
                }
                Ok(Things::one(Thing::List(found)))
            }
            Handling::Dict => {
                let mut entries: BTreeMap<Rc<str>, Things> = BTreeMap::new();
                for pair in given.chunks(2) {
                    let [key, value] = pair else { continue };
                    let Some(keys) = key.constants() else { return self.all_whole(&given) };
                    for key in keys {
                        let entry = entries.entry(Rc::from(key)).or_default();
                        *entry = std::mem::take(entry).with(value);
                    }
                }
                Ok(Things::one(Thing::Map(Rc::new(entries))))
            }
            Handling::List => Ok(Things::one(Thing::List(Things::all(&given)))),
            Handling::Item => Ok(self.items(&first)),
            Handling::Items => {
                let items = self.items(&first);
                let mut found = items;
                for more in rest {
                    let items = self.items(more);
                    found = found.with(&items).with(more);
                }
                Ok(Things::one(Thing::List(found)))
            }
            Handling::Parts => Ok(Things::one(Thing::List(self.items(&first)))),
            Handling::Keys => {
                given.iter().for_each(|map| self.keys(map));
                Ok(Things::one(Thing::List(Things::other())))
            }
            Handling::Set => {
                let [map, key, value] = given.as_slice() else { return self.all_whole(&given) };
                // The map may have other names, and nobody knows who sees it under which.
                if value.things.iter().any(|thing| matches!(thing, Thing::Field(_))) {
                    self.whole(value)?;
                }
                match (own_map(args, map), key.constants()) {
                    (Some(variable), Some(keys)) => {
                        let entries = keys.iter().map(|key| (key.as_str(), value.clone()));
                        let grown = map.clone().with(&Things::map(entries));
                        assign(frame, variable, &grown);
                        Ok(grown)
                    }
                    _ => {
                        self.whole(key)?;
                        self.whole(value)?;
                        Ok(map.clone())
                    }
                }
            }
            Handling::Merge => {
                let merged = Things::all(&given);
                if let Some(variable) = own_map(args, &first) {
                    assign(frame, variable, &merged);
                } else if first.things.iter().any(|thing| matches!(thing, Thing::Field(_))) {
                    // What was a part of the others may be read as a part of the first from here on.
                    for more in rest {
                        self.whole(more)?;
                    }
                }
                Ok(merged)
            }
            Handling::Include => {
                let to = rest.first().cloned().unwrap_or_else(Things::other);
                match first.constants() {
                    Some(names) => names.iter().for_each(|name| self.run(name, &to)),
                    None => {
                        // Any of them.
                        self.whole(&first)?;
                        for template in self.templates.all() {
                            self.run_template(template, &to);
                        }
                    }
                }
                Ok(Things::other())
            }
            Handling::Tpl => {
                let to = rest.first().cloned().unwrap_or_else(Things::other);
                self.whole(&first)?;
                let texts = match first.constants() {
                    Some(texts) => {
                        let parsed = texts
                            .iter()
                            .filter_map(|text| self.templates.parse_text("", text.as_bytes()).ok());
                        parsed.flatten().map(Arc::new).collect()
                    }
                    None => self.texts.clone(),
                };
                for text in &texts {
                    self.run_template(text, &to);
                }
                Ok(Things::other())
            }
            Handling::Whole => self.all_whole(&given),
        }
    }

    fn all_whole(&mut self, given: &[Things]) -> Found {
        given.iter().try_for_each(|things| self.whole(things))?;
        Ok(Things::other())
    }
}

/// The variable that a map is changed through, if the map is one that the template has made.
fn own_map<'a>(args: &'a [Operand], map: &Things) -> Option<&'a Variable> {
    let is_made = map.things.iter().all(|thing| !matches!(thing, Thing::Field(_)));
    match args.first().map(|arg| &arg.kind) {
        Some(OperandKind::Variable(variable @ Variable::Slot(slot), names))
            if names.is_empty() && *slot > 0 && is_made =>
        {
            Some(variable)
        }
        _ => None,
    }
}

/// A variable may be what it was before as well: one number stands for several variables, and branches are not told apart.
fn assign(frame: &mut Frame, variable: &Variable, things: &Things) {
    if let Variable::Slot(slot) = variable
        && let Some(held) = frame.variables.get_mut(*slot)
    {
        *held = std::mem::take(held).with(things);
    }
}
