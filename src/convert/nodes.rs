//! Templates of Helm, node by node: variables, blocks and helpers. What is certain becomes an item, and what is not a note.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::expressions::{Evaluated, entry_of, item_of};
use super::note::Note;
use super::scope::{Declared, Scope, Variable, comments};
use super::symbols::{Expression, Form, Item, Layout, Shape, Symbol, Unsure, is_identifier};
use super::texts::{
    append, concatenated, either, has_loop, has_note, is_blank, is_one_line, shape_of_items, trimmed,
};
use super::translator::{DEPTH, LibraryPart, Translator};
use crate::gotemplate::ast::{self, At, Node, Pipe, Template};
use crate::helm::tree::Tree;
use crate::template::go_syntax::{Binds, Translated, macro_name};

impl<'t> Translator<'t> {
    /// The items of a file.
    pub(super) fn file(&mut self, template: &Template) -> Vec<Item<'t>> {
        self.template_name = template.name.to_string();
        let mut scope = Scope::new(Symbol::Root, &template.unit, false);
        scope.comments = comments(&template.unit.text);
        let mut items = self.body(&mut scope, &template.body);
        items.extend(scope.comments_before(usize::MAX));
        items
    }

    fn note(scope: &Scope<'t>, at: At, unsure: Unsure) -> Item<'t> {
        Item::Note(Self::place(scope, at, unsure))
    }

    fn line(scope: &Scope<'t>, at: At) -> usize {
        let before = scope.unit.text.get(..at.start as usize).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    fn place(scope: &Scope<'t>, at: At, unsure: Unsure) -> Note {
        let line = Self::line(scope, at);
        let name = &*scope.unit.name;
        // Without the name of the chart.
        let file = name.split_once('/').map_or(name, |(_, rest)| rest).to_owned();
        Note { file, line, action: Self::action_at(scope, at), why: unsure.why }
    }

    /// Says something of what is being translated, which goes on.
    pub(super) fn remark(&self, scope: &mut Scope<'t>, why: &str) {
        let item = Self::note(scope, scope.at, Unsure::new(why));
        scope.pending.push(item);
    }

    pub(super) fn body(&mut self, scope: &mut Scope<'t>, nodes: &[Node]) -> Vec<Item<'t>> {
        let declares = |(unit, at): &Declared, scope: &Scope<'t>| {
            *unit == scope.unit.name && nodes.iter().any(|node| declaration(node) == Some(*at))
        };
        let before = nodes.iter().any(|node| declaration(node).is_some()).then(|| scope.clone());
        loop {
            let items = self.body_once(scope, nodes);
            match (&before, self.found_late.take_if(|late| declares(late, scope))) {
                (Some(before), Some(_)) => *scope = before.clone(),
                _ => return items,
            }
        }
    }

    fn body_once(&mut self, scope: &mut Scope<'t>, nodes: &[Node]) -> Vec<Item<'t>> {
        let mut items = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let place = place_of(node).start as usize;
            scope.at = place_of(node);
            items.extend(scope.comments_before(place));
            let later = nodes.get(index + 1..).unwrap_or_default();
            let found = self.node(scope, node, later);
            items.append(&mut scope.pending);
            items.extend(found);
        }
        items
    }

    /// The items of a node; `later` are those behind it in the same block.
    fn node(&mut self, scope: &mut Scope<'t>, node: &Node, later: &[Node]) -> Vec<Item<'t>> {
        match node {
            Node::Text(at) => vec![Item::Text(scope.written(*at))],
            Node::Print(pipe) if !pipe.sets.is_empty() => match self.assign(scope, pipe, later) {
                Ok(items) => items,
                Err(unsure) => {
                    // What follows from something else leads back to that.
                    let here = || (Arc::clone(&scope.unit.name), Self::line(scope, pipe.at));
                    let cause = unsure.follows.clone().unwrap_or_else(here);
                    for variable in &pipe.sets {
                        if let ast::Variable::Slot(slot) = variable {
                            scope.lose_variable(*slot, cause.clone());
                        }
                    }
                    vec![Self::note(scope, pipe.at, unsure)]
                }
            },
            Node::Print(pipe) => {
                let printed = self.pipe(scope, pipe).and_then(|symbol| self.value(&symbol));
                self.print(scope, pipe.at, printed)
            }
            Node::Template(invocation) => {
                let dot = match &invocation.pipe {
                    Some(pipe) => self.pipe(scope, pipe),
                    None => Ok(Symbol::Value(Expression::none())),
                };
                let printed = dot
                    .and_then(|dot| self.include(scope, &invocation.name, dot))
                    .and_then(|symbol| self.value(&symbol));
                self.print(scope, invocation.at, printed)
            }
            Node::Condition(condition) => self.condition(scope, condition, later),
            Node::Range(range) => self.range(scope, range, later),
            Node::Break => vec![Item::Statement("break".to_owned())],
            Node::Continue => vec![Item::Statement("continue".to_owned())],
        }
    }

    fn print(&mut self, scope: &Scope<'t>, at: At, printed: Result<Expression<'t>, Unsure>) -> Vec<Item<'t>> {
        match printed {
            // Only what it does counts.
            Ok(value) if value.code.text.starts_with("fail(") => {
                vec![Item::Statement(format!("do {}", value.code.text))]
            }
            // Whatever it is, it is printed as a text is.
            Ok(Expression { of_string: Some(of), form, layout, .. }) => {
                let value = Expression { form, layout, ..Expression::clone(&of) };
                self.print(scope, at, Ok(value))
            }
            Ok(value) => match &value.lines {
                Some(lines) => vec![Item::Lines(lines.to_vec(), value.layout)],
                None => {
                    let why = Unsure::new("what a macro prints cannot stand inside of a text");
                    vec![Item::Print(value, Rc::new(Self::place(scope, at, why)))]
                }
            },
            Err(unsure) => {
                let note = Self::place(scope, at, unsure);
                let nothing = Expression { layout: written_layout(&note.action), ..Expression::none() };
                vec![Item::Note(note.clone()), Item::Print(nothing, Rc::new(note))]
            }
        }
    }

    // Variables.

    fn assign(
        &mut self,
        scope: &mut Scope<'t>,
        pipe: &Pipe,
        later: &[Node],
    ) -> Result<Vec<Item<'t>>, Unsure> {
        let (names, declares) = declared(&scope.written(pipe.at));
        let symbol = self.pipe(scope, pipe)?;
        let ([name], [ast::Variable::Slot(slot)]) = (&names[..], &pipe.sets[..]) else {
            return Err(Unsure::new("nobody declares the variable"));
        };
        if declares {
            return self.declare(scope, *slot, name, symbol, (pipe.at, later));
        }
        let Some(Some(variable)) = scope.variables.get(*slot) else {
            return Err(Unsure::of_variable(scope.lost.get(slot), &scope.unit.name));
        };
        let variable = variable.clone();
        let Some(known) = &variable.name else {
            // In the same block, it holds the other one from here on.
            if variable.depth == scope.depth && variable.loops == scope.loops {
                scope.set_variable(*slot, Some(Variable { symbol, ..variable }));
                return Ok(Vec::new());
            }
            return Err(self.hold(&variable.declared));
        };
        let value = self.value(&symbol)?;
        if variable.loops != scope.loops && !variable.in_namespace {
            return Err(Unsure::new("a loop sets a variable that is from outside of it"));
        }
        if matches!(value.form, Form::Fragment(_)) {
            return Err(Unsure::new("what a macro prints is not a value here"));
        }
        // In other branches it may be another one.
        let is_certain = variable.depth == scope.depth;
        let held = match is_certain {
            true => value.called(known.clone()),
            false => {
                let form = value.form;
                let is_text =
                    value.is_text && matches!(&variable.symbol, Symbol::Value(before) if before.is_text);
                Expression {
                    form,
                    is_text,
                    is_nullable: !is_text,
                    ..Expression::value(known.clone(), Binds::Operand)
                }
            }
        };
        let symbol = Symbol::Value(Expression { constant: None, ..held });
        let code = value.compared().text;
        let name = known.clone();
        scope.set_variable(*slot, Some(Variable { symbol, ..variable }));
        Ok(vec![Item::Set { name, value: code }])
    }

    /// Has a variable be one of the bound template, from its declaration on.
    pub(super) fn hold(&mut self, declared: &Declared) -> Unsure {
        if self.held.insert(declared.clone()) {
            self.found_late = Some(declared.clone());
        }
        Unsure::new("a block changes a variable that is from outside of it")
    }

    fn declare(
        &mut self,
        scope: &mut Scope<'t>,
        slot: usize,
        name: &str,
        symbol: Symbol<'t>,
        (at, later): (At, &[Node]),
    ) -> Result<Vec<Item<'t>>, Unsure> {
        let (loops, depth) = (scope.loops, scope.depth);
        let declared: Declared = (Arc::clone(&scope.unit.name), at.start);
        let is_held = self.held.contains(&declared);
        let is_set_anew = is_held || is_set(later, slot, false);
        let value = match &symbol {
            Symbol::Value(value) => Some(value.clone()),
            Symbol::Context(_) => self.value(&symbol).ok(),
            _ if is_held => Some(self.value(&symbol)?),
            _ => None,
        };
        let kept = Variable { symbol, name: None, in_namespace: false, loops, depth, declared };
        let Some(value) = value.filter(|value| !matches!(value.form, Form::Fragment(_))) else {
            // It is put where it is used.
            scope.set_variable(slot, Some(kept));
            return Ok(Vec::new());
        };
        // Only what it does counts: `$_ := set …`.
        if name == "_" {
            return Ok(Vec::new());
        }
        // What is short and never set anew is clearer where it is used.
        if !is_set_anew
            && value.code.binds == Binds::Operand
            && value.constant.is_none()
            && !value.code.text.contains('(')
        {
            scope.set_variable(slot, Some(Variable { symbol: Symbol::Value(value), ..kept }));
            return Ok(Vec::new());
        }
        let fresh = scope.fresh_name(name);
        let in_namespace = is_held || is_set(later, slot, true);
        let (known, code) = match in_namespace {
            true => (format!("{fresh}.value"), format!("namespace(value={})", value.compared().text)),
            false => (fresh.clone(), value.compared().text),
        };
        let mut held = value.called(known.clone());
        if is_set_anew {
            held = Expression { constant: None, known: None, is_nullable: !held.is_text, ..held };
        }
        let symbol = Symbol::Value(held);
        scope.set_variable(slot, Some(Variable { symbol, name: Some(known), in_namespace, ..kept }));
        Ok(vec![Item::Set { name: fresh, value: code }])
    }

    // Blocks.

    fn condition(
        &mut self,
        scope: &mut Scope<'t>,
        condition: &ast::Condition,
        later: &[Node],
    ) -> Vec<Item<'t>> {
        let mut items = Vec::new();
        let mut branches: Vec<(Translated, Vec<Item<'t>>)> = Vec::new();
        // A branch that is always taken ends it.
        let mut always = None;
        for (pipe, body) in &condition.branches {
            let outer = scope.dot.clone();
            scope.at = pipe.at;
            let found = self.tested(scope, pipe, condition.sets_dot, later);
            items.append(&mut scope.pending);
            let (test, dot, before) = match found {
                Ok(found) => found,
                Err(unsure) => {
                    items.push(Self::note(scope, pipe.at, unsure));
                    let unknown = Symbol::Value(Expression::none());
                    (Translated::new("false", Binds::Operand), unknown, Vec::new())
                }
            };
            items.extend(before);
            if test.text == "false" && !matches!(items.last(), Some(Item::Note(_))) {
                self.skip_comments(scope, body);
                continue;
            }
            if condition.sets_dot {
                scope.dot = dot;
            }
            // A choice needs parentheses there.
            let test = match test.binds {
                Binds::Choice => Translated::new(test.at_least(Binds::Or), Binds::Operand),
                _ => test,
            };
            let is_always = test.text == "true";
            scope.depth += usize::from(!is_always || !branches.is_empty());
            let asked = scope.present.len();
            scope.present.extend(test.text.split(" and ").map(str::to_owned));
            let body = self.body(scope, body);
            scope.present.truncate(asked);
            scope.depth -= usize::from(!is_always || !branches.is_empty());
            scope.dot = outer;
            if is_always {
                always = Some(body);
                break;
            }
            branches.push((test, body));
        }
        let otherwise = match always {
            Some(body) => body,
            None => {
                scope.depth += 1;
                let otherwise = self.body(scope, &condition.otherwise);
                scope.depth -= 1;
                otherwise
            }
        };
        match branches.is_empty() {
            true => items.extend(otherwise),
            false => items.push(Item::If { branches, otherwise }),
        }
        items
    }

    /// Comments of a branch that is left out are left out.
    fn skip_comments(&mut self, scope: &mut Scope<'t>, body: &[Node]) {
        if let (Some(first), Some(last)) = (body.first(), body.last()) {
            let _ = scope.comments_before(place_of(first).start as usize);
            let _ = scope.comments_before(place_of(last).end as usize);
        }
    }

    /// What a condition asks, what the dot is inside of it, and what has to be set before it.
    fn tested(
        &mut self,
        scope: &mut Scope<'t>,
        pipe: &Pipe,
        sets_dot: bool,
        later: &[Node],
    ) -> Result<(Translated, Symbol<'t>, Vec<Item<'t>>), Unsure> {
        let symbol = self.pipe(scope, pipe)?;
        let test = self.truth(&symbol)?;
        let mut before = Vec::new();
        let mut dot = symbol.clone();
        let mut code = test.code;
        if let [ast::Variable::Slot(slot)] = &pipe.sets[..] {
            let (names, _) = declared(&scope.written(pipe.at));
            let name = names.first().cloned().unwrap_or_default();
            before = self.declare(scope, *slot, &name, symbol, (pipe.at, later))?;
            if let Some(Some(variable)) = scope.variables.get(*slot) {
                dot = variable.symbol.clone();
                code = self.truth(&dot)?.code;
            }
        } else if !sets_dot {
            return Ok((code, dot, before));
        } else if let Symbol::Value(value) = &mut dot {
            if matches!(value.form, Form::Fragment(_)) {
                *value = value.plain()?;
                code = value.code.clone();
            }
            // What the block is for is there.
            value.is_nullable = false;
            if value.code.binds < Binds::Filter && !value.code.text.starts_with("values.") {
                let name = scope.fresh_name("item");
                before = vec![Item::Set { name: name.clone(), value: value.code.text.clone() }];
                code = Translated::new(&*name, Binds::Operand);
                *value = value.called(name);
            }
        }
        if let Symbol::Value(value) = &mut dot {
            value.layout = Layout::Inline;
            value.is_nullable = false;
        }
        Ok((code, dot, before))
    }

    fn range(&mut self, scope: &mut Scope<'t>, range: &ast::Range, later: &[Node]) -> Vec<Item<'t>> {
        let _ = later;
        let looped = self.pipe(scope, &range.pipe);
        let mut items = std::mem::take(&mut scope.pending);
        if let Ok(symbol) = &looped
            && let Some(known) = self.known_items(symbol)
            && !has_break(&range.body)
        {
            items.extend(self.each_known(scope, range, known));
            return items;
        }
        let looped = looped.and_then(|symbol| match &symbol {
            Symbol::Root => Err(Unsure::new("all that Helm gives has no items here")),
            other => self.value(other)?.plain(),
        });
        let value = match looped {
            Ok(value) => value,
            Err(unsure) => {
                items.push(Self::note(scope, range.pipe.at, unsure));
                self.skip_comments(scope, &range.body);
                return items;
            }
        };
        let (names, _) = declared(&scope.written(range.pipe.at));
        let slots: Vec<usize> = range.pipe.slots().collect();
        let taken = scope.names.clone();
        let outer = scope.dot.clone();
        let is_map =
            value.is_map() || (slots.len() == 2 && !value.is_list() && !value.code.text.starts_with('['));
        let is_filled =
            value.is_item || value.certain_shape().is_some() || scope.present.contains(&value.code.text);
        // A loop over a map would go over its keys.
        let is_unknown = matches!(value.known, None | Some(Tree::Nil))
            && value.code.text.starts_with("values.")
            && !value.code.text.contains(['(', '|', '[']);
        if !is_map && slots.len() < 2 && is_unknown {
            let note = "taken for a list, as the values have none: if it can be a map, write `for key, value in … | dictsort`";
            items.push(Self::note(scope, range.pipe.at, Unsure::new(note)));
        }
        let (mut heading, mut first) = (String::new(), Vec::new());
        let (key_name, item_name) = match &names[..] {
            [key, item] => (key.clone(), item.clone()),
            [item] => ("key".to_owned(), item.clone()),
            _ => ("key".to_owned(), "item".to_owned()),
        };
        let item;
        if is_map {
            let key = scope.fresh_name(if key_name == "_" { "key" } else { &key_name });
            let name = scope.fresh_name(&item_name);
            item = entry_of(&value, &name);
            // Go goes through maps in the order of their keys, which matters where a list is made.
            let items = match prints_entries(&range.body, scope) {
                true => "items",
                false => "dictsort(case_sensitive=true)",
            };
            let map = value.collection("{}").at_least(Binds::Filter);
            heading = format!("{key}, {name} in {map} | {items}");
            if let [slot, _] = slots[..] {
                let key = Expression { is_key: true, ..Expression::text(key, Binds::Operand) };
                scope.set_variable(slot, Some(variable(Symbol::Value(key), scope)));
            }
        } else {
            let name = scope.fresh_name(&item_name);
            let list = match value.is_number() {
                true => format!("range({})", value.code.text),
                false => value.collection("[]").at_least(Binds::Filter),
            };
            heading.push_str(&format!("{name} in {list}"));
            item = item_of(&value, &name);
            if let [slot, _] = slots[..]
                && key_name != "_"
            {
                let index = scope.fresh_name(&key_name);
                first.push(Item::Set { name: index.clone(), value: "loop.index0".to_owned() });
                let symbol = Symbol::Value(Expression::value(index, Binds::Operand));
                scope.set_variable(slot, Some(variable(symbol, scope)));
            }
        }
        let symbol = Symbol::Value(item);
        if let Some(slot) = slots.last() {
            scope.set_variable(*slot, Some(variable(symbol.clone(), scope)));
        }
        scope.dot = symbol;
        scope.loops += 1;
        scope.depth += 1;
        first.extend(self.body(scope, &range.body));
        scope.loops -= 1;
        scope.depth -= 1;
        scope.dot = outer;
        scope.names = taken;
        let otherwise = self.body(scope, &range.otherwise);
        items.push(Item::For { head: heading, is_filled, body: first, otherwise });
        items
    }

    /// The items of what the template itself makes, with their keys, if a loop of the bound template could not go through them;
    /// none for anything else.
    fn known_items(&self, symbol: &Symbol<'t>) -> Option<Vec<(Symbol<'t>, Symbol<'t>)>> {
        const MOST: usize = 24;
        const MOST_FILES: usize = 400;
        let is_fixed = |item: &Symbol<'t>| {
            matches!(item, Symbol::Value(value) if value.constant.is_some()
                || value.code.text.chars().all(|c| c.is_ascii_digit()))
        };
        let number = |index: usize| Symbol::Value(Expression::value(index.to_string(), Binds::Operand));
        let text = |text: &str| Symbol::Value(Expression::constant(text));
        match symbol {
            Symbol::List(all)
                if all.len() <= MOST && !all.iter().all(is_fixed)
                    || matches!(symbol, Symbol::List(all) if all.is_empty()) =>
            {
                let Symbol::List(all) = symbol else { return None };
                Some(all.iter().enumerate().map(|(index, item)| (number(index), item.clone())).collect())
            }
            Symbol::Dict(entries) if entries.len() <= MOST => {
                let mut entries: Vec<_> = entries.clone();
                entries.sort_by(|one, other| one.0.cmp(&other.0));
                Some(entries.into_iter().map(|(key, value)| (text(&key), value)).collect())
            }
            Symbol::Files(pattern) => {
                let files = self.files_of(pattern);
                (files.len() <= MOST_FILES)
                    .then(|| files.iter().map(|path| (text(path), Symbol::File(path.clone()))).collect())
            }
            _ => None,
        }
    }

    /// A loop over what is known, item by item.
    fn each_known(
        &mut self,
        scope: &mut Scope<'t>,
        range: &ast::Range,
        known: Vec<(Symbol<'t>, Symbol<'t>)>,
    ) -> Vec<Item<'t>> {
        if known.is_empty() {
            self.skip_comments(scope, &range.body);
            return self.body(scope, &range.otherwise);
        }
        let slots: Vec<usize> = range.pipe.slots().collect();
        let outer = scope.dot.clone();
        let mut items = Vec::new();
        for (key, item) in known {
            if let [slot, _] = slots[..] {
                scope.set_variable(slot, Some(variable(key, scope)));
            }
            if let Some(slot) = slots.last() {
                scope.set_variable(*slot, Some(variable(item.clone(), scope)));
            }
            scope.dot = item;
            items.extend(self.body(scope, &range.body));
        }
        scope.dot = outer;
        self.skip_comments(scope, &range.otherwise);
        items
    }

    // Helpers.

    pub(super) fn include_by_name(
        &mut self,
        scope: &mut Scope<'t>,
        template: &Symbol<'t>,
        dot: Symbol<'t>,
    ) -> Evaluated<'t> {
        match self.value(template)?.constant {
            Some(name) => self.include(scope, &name, dot),
            None => match self.file_of(template) {
                Some(name) => self.include(scope, &name, dot),
                None => Err(Unsure::new("which template is included is not known")),
            },
        }
    }

    /// A file of the chart, by an expression of constants.
    fn file_of(&self, template: &Symbol<'t>) -> Option<String> {
        let code = self.value(template).ok()?.code.text;
        // Texts that are joined: `"shop/templates" ~ "/config.yaml"`.
        let parts: Option<Vec<String>> = code
            .split(" ~ ")
            .map(|part| match part {
                "chart.name" => Some(self.chart.metadata.name.text.clone()),
                _ => Some(part.strip_prefix('"')?.strip_suffix('"')?.to_owned()),
            })
            .collect();
        Some(parts?.concat())
    }

    /// What a template prints that is included.
    fn include(&mut self, scope: &mut Scope<'t>, name: &str, dot: Symbol<'t>) -> Evaluated<'t> {
        self.step()?;
        let Some((name, template)) = self.defined.get_key_value(name) else {
            return Err(Unsure::new(format!("there is no template `{name}` in this chart")));
        };
        let name = Arc::clone(name);
        if name.ends_with(".yaml") || name.ends_with(".yml") {
            return self.whole_file(template);
        }
        if self.running.contains(&name) || self.running.len() >= DEPTH {
            return Err(Unsure::new("the template includes itself"));
        }
        let template = Arc::clone(template);
        self.running.push(Arc::clone(&name));
        let found = match &dot {
            Symbol::Root => self.shared_helper(scope, &name, &template),
            _ => self.helper_of(scope, &name, &template, &dot),
        };
        let found = match found {
            Ok(value) if value.form == Form::Fragment(Shape::List) => {
                let mut inner = Scope::new(dot, &template.unit, scope.in_library);
                inner.names = scope.names.clone();
                let items = self.body(&mut inner, &template.body);
                Ok(Expression { lines: Some(Rc::new(trimmed(items))), ..value })
            }
            other => other,
        };
        self.running.pop();
        found.map(Symbol::Value)
    }

    /// A file that is included is included for its checksum: what it reads takes its place.
    fn whole_file(&self, template: &Template) -> Evaluated<'t> {
        let text = String::from_utf8_lossy(&template.unit.text).into_owned();
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for (at, _) in text.match_indices(".Values.") {
            let rest = text.get(at + ".Values.".len()..).unwrap_or_default();
            let path: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')).collect();
            let path = path.trim_end_matches('.').to_owned();
            if path.split('.').all(is_identifier) {
                paths.insert(path);
            }
        }
        // A part of what is there as a whole adds nothing.
        let whole: Vec<&String> = paths
            .iter()
            .filter(|path| !paths.iter().any(|other| path.starts_with(&format!("{other}."))))
            .collect();
        // Of too many, or of none that stands in the file itself, all settings take their place: it changes more often then.
        if whole.is_empty() || whole.len() > 12 {
            return Ok(Symbol::Value(file("values")));
        }
        let listed: Vec<String> = whole.iter().map(|path| format!("values.{path}")).collect();
        Ok(Symbol::Value(file(&listed.join(", "))))
    }

    /// A helper that is given what every template is given: it is written once.
    fn shared_helper(
        &mut self,
        scope: &mut Scope<'t>,
        name: &Arc<str>,
        template: &Arc<Template>,
    ) -> Result<Expression<'t>, Unsure> {
        if !self.helpers.contains_key(&**name) {
            let failed_before = std::mem::take(&mut self.may_fail);
            let parts = self.library.len();
            let found = self.write_helper(name, template);
            // A variable of the library is made whether a template needs it or not.
            if self.may_fail && found.as_ref().is_ok_and(|found| !matches!(found.form, Form::Fragment(_))) {
                self.library.truncate(parts.max(self.library.len().saturating_sub(1)));
                self.failing.insert(Arc::clone(name));
            }
            self.may_fail |= failed_before;
            self.helpers.insert(name.to_string(), found);
        }
        if self.failing.contains(name) {
            self.may_fail = true;
            return self.helper_of(scope, name, template, &Symbol::Root);
        }
        let found = self.helpers.get(&**name).cloned();
        let found = found.unwrap_or_else(|| Err(Unsure::new("the template includes itself")))?;
        Ok(in_file(found, scope.in_library))
    }

    fn write_helper(&mut self, name: &Arc<str>, template: &Arc<Template>) -> Result<Expression<'t>, Unsure> {
        let word = self.library_name(name);
        let mut scope = Scope::new(Symbol::Root, &template.unit, true);
        scope.comments = doc_comment(template);
        let mut comments = scope.comments_before(usize::MAX);
        let items = self.body(&mut scope, &template.body);
        scope.names.insert(word.clone());
        if let Some((mut statements, value)) = self.as_value(&mut scope, items.clone(), &word) {
            // A name says more than what it stands for, where there is more than one word of it.
            let value = match statements.is_empty() {
                true if value.constant.is_some() && value.form == Form::Plain => {
                    statements.push(Item::Set { name: word.clone(), value: value.code.text.clone() });
                    Expression { code: Translated::new(&*word, Binds::Operand), ..value }
                }
                true => {
                    statements.push(Item::Set { name: word.clone(), value: value.compared().text });
                    value.called(&*word)
                }
                false => value,
            };
            comments.append(&mut statements);
            self.library.push(LibraryPart::Value(comments));
            return Ok(value);
        }
        if is_one_line(&items)
            && !has_note(&items)
            && let Some(mut statements) = Self::appended(&mut scope, &trimmed(items.clone()), &word)
        {
            comments.append(&mut statements);
            self.library.push(LibraryPart::Value(comments));
            return Ok(Expression::text(word, Binds::Operand));
        }
        let shape = shape_of_items(&items);
        let as_text = match self.may_fail {
            // As a variable of the library it would be made everywhere.
            true => None,
            false => self.as_text(&mut scope, &items, &word),
        };
        comments.extend(items);
        self.library.push(LibraryPart::Macro(format!("{word}()"), comments));
        let value = Expression::value(format!("{word}()"), Binds::Operand);
        Ok(Expression { form: Form::Fragment(shape), as_text, ..value })
    }

    /// The same as a text, for where a macro cannot stand. It is left out of the library if nobody needs it.
    fn as_text(
        &mut self,
        scope: &mut Scope<'t>,
        items: &[Item<'t>],
        word: &str,
    ) -> Option<Rc<Expression<'t>>> {
        let name = self.library_name(&format!("{word}_text"));
        let statements = Self::appended(scope, items, &name)?;
        self.library.push(LibraryPart::Value(statements));
        Some(Rc::new(Expression::text(name, Binds::Operand)))
    }

    /// Statements that put together what is printed, in the variable of this name.
    fn appended(scope: &mut Scope<'t>, items: &[Item<'t>], name: &str) -> Option<Vec<Item<'t>>> {
        let has_loop = has_loop(items);
        let place = match has_loop {
            true => scope.fresh_name("text"),
            false => name.to_owned(),
        };
        let (first, target) = match has_loop {
            true => ("namespace(value=\"\")", format!("{place}.value")),
            false => ("\"\"", place.clone()),
        };
        let mut statements = vec![Item::Set { name: place, value: first.to_owned() }];
        append(items, &target, &mut statements)?;
        // YAML does not read blanks around a value, and a condition may print one first.
        let has_margin = statements.iter().any(|item| {
            matches!(item, Item::If { branches, .. }
            if branches.iter().flat_map(|(_, body)| body).any(
                |item| matches!(item, Item::Set { value, .. } if value.contains(" ~ \" ") )))
        });
        match (has_loop, has_margin) {
            (_, true) => {
                statements.push(Item::Set { name: name.to_owned(), value: format!("{target} | trim") });
            }
            (true, false) => statements.push(Item::Set { name: name.to_owned(), value: target }),
            (false, false) => {}
        }
        Some(statements)
    }

    /// A helper that is given something of its own: it is put where it is used, or is a macro with parameters.
    fn helper_of(
        &mut self,
        scope: &mut Scope<'t>,
        name: &Arc<str>,
        template: &Arc<Template>,
        dot: &Symbol<'t>,
    ) -> Result<Expression<'t>, Unsure> {
        let mut inner = Scope::new(dot.clone(), &template.unit, scope.in_library);
        inner.names = scope.names.clone();
        let items = self.body(&mut inner, &template.body);
        let last = name.rsplit('.').next().unwrap_or(name);
        let wanted = inner.fresh_name(last);
        let prints_notes = has_note(&items);
        if !prints_notes
            && is_one_line(&items)
            && let Some(mut statements) = self
                .as_value(&mut inner, items.clone(), &wanted)
                .is_none()
                .then(|| Self::appended(&mut inner, &trimmed(items.clone()), &wanted))
                .flatten()
        {
            scope.names = inner.names;
            scope.pending.append(&mut statements);
            return Ok(Expression::text(wanted, Binds::Operand));
        }
        if !prints_notes && let Some((mut statements, value)) = self.as_value(&mut inner, items, &wanted) {
            if !statements.is_empty() || matches!(value.code.binds, Binds::Operand) {
                scope.names = inner.names;
            }
            scope.pending.append(&mut statements);
            return Ok(value);
        }
        self.macro_of(scope, name, template, dot)
    }

    fn macro_of(
        &mut self,
        scope: &Scope<'t>,
        name: &Arc<str>,
        template: &Arc<Template>,
        dot: &Symbol<'t>,
    ) -> Result<Expression<'t>, Unsure> {
        let mut parameters = Vec::new();
        let mut arguments = Vec::new();
        let mut library = Scope::new(Symbol::Root, &template.unit, true);
        let inner = self.parameters(&mut library, "it", dot, &mut parameters, &mut arguments)?;
        let key = format!("{name}({})", parameters.join(", "));
        if !self.helpers.contains_key(&key) {
            let word = self.library_name(name);
            let mut body_scope = Scope::new(inner, &template.unit, true);
            body_scope.names = library.names;
            body_scope.names.insert(word.clone());
            body_scope.comments = doc_comment(template);
            let mut items = body_scope.comments_before(usize::MAX);
            items.extend(self.body(&mut body_scope, &template.body));
            let shape = shape_of_items(&items);
            self.library.push(LibraryPart::Macro(format!("{word}({})", parameters.join(", ")), items));
            let value = Expression::value(word, Binds::Operand);
            self.helpers.insert(key.clone(), Ok(Expression { form: Form::Fragment(shape), ..value }));
        }
        let found = self.helpers.get(&key).cloned();
        let found = found.unwrap_or_else(|| Err(Unsure::new("the template includes itself")))?;
        let called = format!("{}({})", found.code.text, arguments.join(", "));
        Ok(in_file(Expression { code: Translated::new(called, Binds::Operand), ..found }, scope.in_library))
    }

    /// What a macro is given, as parameters of it.
    fn parameters(
        &self,
        library: &mut Scope<'t>,
        name: &str,
        symbol: &Symbol<'t>,
        parameters: &mut Vec<String>,
        arguments: &mut Vec<String>,
    ) -> Result<Symbol<'t>, Unsure> {
        match symbol {
            Symbol::Root | Symbol::Context(_) => Ok(symbol.clone()),
            Symbol::Dict(entries) => {
                let mut inner = Vec::new();
                for (key, value) in entries {
                    inner.push((key.clone(), self.parameters(library, key, value, parameters, arguments)?));
                }
                Ok(Symbol::Dict(inner))
            }
            Symbol::List(items) => {
                let mut inner = Vec::new();
                for item in items {
                    inner.push(self.parameters(library, "item", item, parameters, arguments)?);
                }
                Ok(Symbol::List(inner))
            }
            Symbol::Value(value) if value.code.text == "values" => Ok(symbol.clone()),
            Symbol::Value(value) if value.constant.is_some() && value.form == Form::Plain => {
                // Constants decide which branches there are, so each has a macro of its own.
                let parameter = library.fresh_name(name);
                arguments.push(value.code.text.clone());
                parameters.push(parameter.clone());
                Ok(Symbol::Value(Expression::text(parameter, Binds::Operand)))
            }
            other => {
                let parameter = library.fresh_name(name);
                arguments.push(self.value(other)?.plain()?.compared().text);
                parameters.push(parameter.clone());
                let mut value = Expression::unknown(parameter, Binds::Operand);
                value.is_item = true;
                Ok(Symbol::Value(value))
            }
        }
    }

    fn library_name(&mut self, name: &str) -> String {
        let word = macro_name(&format!("\"{name}\"")).unwrap_or_else(|| "helper".to_owned());
        let word = match Scope::new(Symbol::Root, &no_unit(), true).fresh_name(&word) == word {
            true => word,
            false => format!("{word}_value"),
        };
        let mut found = word.clone();
        let mut number = 2;
        while !self.library_names.insert(found.clone()) {
            found = format!("{word}_{number}");
            number += 1;
        }
        found
    }

    /// What a helper prints, as one value: with the statements that make it, in the variable of this name.
    fn as_value(
        &mut self,
        scope: &mut Scope<'t>,
        items: Vec<Item<'t>>,
        name: &str,
    ) -> Option<(Vec<Item<'t>>, Expression<'t>)> {
        let items = trimmed(items);
        if let Some(value) = concatenated(&items) {
            return Some((Vec::new(), value));
        }
        let mut statements = Vec::new();
        let mut rest = items.into_iter().peekable();
        while let Some(item) = rest.next_if(|item| {
            matches!(item, Item::Set { .. } | Item::Comment(_) | Item::Statement(_)) || is_blank(item)
        }) {
            if !is_blank(&item) {
                statements.push(item);
            }
        }
        let rest: Vec<Item<'t>> = trimmed(rest.collect());
        if let Some(value) = concatenated(&rest) {
            statements.push(Item::Set { name: name.to_owned(), value: value.compared().text });
            return Some((statements, value.called(name)));
        }
        let [Item::If { branches, otherwise }] = &rest[..] else { return None };
        let mut all: Option<Expression<'t>> = None;
        let mut set_in = |translator: &mut Self, scope: &mut Scope<'t>, body: Vec<Item<'t>>| {
            let body = match body.iter().all(|item| is_blank(item) || matches!(item, Item::Comment(_))) {
                true => vec![Item::Print(Expression::constant(""), Rc::default())],
                false => body,
            };
            let (mut statements, value) = translator.as_value(scope, body, name)?;
            if statements.is_empty() {
                statements.push(Item::Set { name: name.to_owned(), value: value.compared().text });
            }
            all = Some(match all.take() {
                None => value,
                Some(before) => either(&before, &value)?,
            });
            Some(statements)
        };
        let mut made = Vec::new();
        for (test, body) in branches {
            made.push((test.clone(), set_in(self, scope, body.clone())?));
        }
        let otherwise = set_in(self, scope, otherwise.clone())?;
        statements.push(Item::If { branches: made, otherwise });
        let value = all?;
        let choices = value.all_choices();
        Some((statements, Expression { constant: None, choices, ..value.called(name) }))
    }
}

/// Where an action puts what it prints, by its last words.
fn written_layout(action: &str) -> Layout {
    let words: Vec<&str> = action.trim_end_matches(['}', '-', ' ', ')']).split_whitespace().collect();
    match &words[..] {
        [.., "nindent", width] => width.parse().map_or(Layout::Inline, Layout::NewLine),
        [.., "indent", width] => width.parse().map_or(Layout::Inline, Layout::Indented),
        _ => Layout::Inline,
    }
}

fn no_unit() -> Arc<ast::Unit> {
    Arc::new(ast::Unit { name: Arc::from(""), text: Arc::from(&b""[..]), source: None })
}

/// A helper as it is called: out of the library by the name that it is imported under.
fn in_file(mut value: Expression<'_>, in_library: bool) -> Expression<'_> {
    if !in_library {
        if let Some(text) = &value.as_text {
            let code = Translated { text: format!("lib.{}", text.code.text), ..text.code.clone() };
            value.as_text = Some(Rc::new(Expression { code, ..Expression::clone(text) }));
        }
        value.code = Translated { text: format!("lib.{}", value.code.text), ..value.code };
    }
    value
}

fn variable<'t>(symbol: Symbol<'t>, scope: &Scope<'t>) -> Variable<'t> {
    Variable {
        symbol,
        name: None,
        in_namespace: false,
        loops: scope.loops + 1,
        depth: scope.depth + 1,
        // A loop sets it anew each time: it is never held.
        declared: (Arc::clone(&scope.unit.name), u32::MAX),
    }
}

/// Where a node begins and ends, as far as it matters for comments.
fn place_of(node: &Node) -> At {
    match node {
        Node::Text(at) => *at,
        Node::Print(pipe) => pipe.at,
        Node::Condition(condition) => {
            condition.branches.first().map_or_else(At::default, |(pipe, _)| pipe.at)
        }
        Node::Range(range) => range.pipe.at,
        Node::Template(invocation) => invocation.at,
        Node::Break | Node::Continue => At::default(),
    }
}

/// What a file of the templates prints, by the settings that it reads.
fn file<'t>(settings: &str) -> Expression<'t> {
    Expression { is_file: true, ..Expression::text(settings, Binds::Operand) }
}

/// Where a node declares a variable, if it does.
fn declaration(node: &Node) -> Option<u32> {
    let pipe = match node {
        Node::Print(pipe) => pipe,
        Node::Condition(condition) => condition.branches.first().map(|(pipe, _)| pipe)?,
        _ => return None,
    };
    (!pipe.sets.is_empty()).then_some(pipe.at.start)
}

/// Whether a loop is left, or an item passed over.
fn has_break(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Break | Node::Continue => true,
        Node::Condition(condition) => {
            condition.branches.iter().any(|(_, body)| has_break(body)) || has_break(&condition.otherwise)
        }
        _ => false,
    })
}

/// The names that a pipeline sets, and whether it declares them.
fn declared(written: &str) -> (Vec<String>, bool) {
    let mut names = Vec::new();
    let mut rest = written.trim_start();
    while let Some(after) = rest.strip_prefix('$') {
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        names.push(after.get(..end).unwrap_or_default().to_owned());
        rest = after.get(end..).unwrap_or_default().trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    (names, rest.starts_with(":="))
}

/// Whether a later node sets a variable anew; `in_loop`: inside of a loop alone.
fn is_set(nodes: &[Node], slot: usize, in_loop: bool) -> bool {
    let sets = |pipe: &Pipe| {
        !in_loop
            && pipe.sets.iter().any(|variable| matches!(variable, ast::Variable::Slot(set) if *set == slot))
    };
    nodes.iter().any(|node| match node {
        Node::Print(pipe) => sets(pipe),
        Node::Condition(condition) => {
            condition.branches.iter().any(|(_, body)| is_set(body, slot, in_loop))
                || is_set(&condition.otherwise, slot, in_loop)
        }
        Node::Range(range) => is_set(&range.body, slot, false) || is_set(&range.otherwise, slot, in_loop),
        _ => false,
    })
}

/// Whether a loop over a map prints entries of a map, in which no order counts.
fn prints_entries(body: &[Node], scope: &Scope<'_>) -> bool {
    for node in body {
        match node {
            Node::Text(at) => {
                let text = scope.written(*at);
                if let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty()) {
                    return !line.starts_with('-') && line.contains(':');
                }
            }
            // `{{ $key }}: …`
            Node::Print(pipe) if pipe.sets.is_empty() => return true,
            _ => {}
        }
    }
    false
}

/// The comment right before a `define`.
fn doc_comment(template: &Template) -> Vec<(usize, String)> {
    let Some(first) = template.body.first() else { return Vec::new() };
    let text = String::from_utf8_lossy(&template.unit.text).into_owned();
    let Some(before) = text.get(..place_of(first).start as usize) else { return Vec::new() };
    let Some(define) = before.rfind("define") else { return Vec::new() };
    let Some(open) = before.get(..define).and_then(|before| before.rfind("{{")) else { return Vec::new() };
    let above = before.get(..open).unwrap_or_default().trim_end();
    if !above.ends_with("}}") {
        return Vec::new();
    }
    let found = comments(above.as_bytes());
    let last = found.into_iter().next().filter(|(at, _)| {
        let rest = above.get(*at..).unwrap_or_default();
        rest.matches("{{").count() == 1
            || rest.ends_with("*/ -}}")
            || rest.ends_with("*/}}")
            || rest.ends_with("*/-}}")
    });
    last.into_iter().collect()
}
