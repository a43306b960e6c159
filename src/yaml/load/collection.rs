//! Lists and maps: keys, duplicates and merges.

use std::collections::HashSet;
use std::sync::Arc;

use super::events::{Event, Properties};
use super::{Filled, Loader, Located};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported};
use crate::source::Span;
use crate::yaml::{Entry, Kind, Map, Node, Style, Value, resolve_core};

impl<'i> Loader<'_, 'i> {
    pub(super) fn list(&mut self, open: Span, size: usize) -> Outcome<Node> {
        let mut items = Vec::with_capacity(size);
        loop {
            let (event, span) = self.next()?;
            if let Event::ListEnd = event {
                return Ok(Node::new(Value::List(items), open.to(span)));
            }
            match self.node((event, span))? {
                Filled::Present(node) => items.push(node),
                Filled::Absent(path, span) => self.absent(path, span, "a list item"),
            }
        }
    }

    pub(super) fn map(&mut self, open: Span, size: usize) -> Outcome<Node> {
        let mut map = Map::with_capacity(size);
        let mut merges: Vec<(usize, Map)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if let Event::MapEnd = event {
                let map = if merges.is_empty() { map } else { merged(map, merges) };
                return Ok(Node::new(Value::Map(map), open.to(span)));
            }
            if is_merge_key(&event) {
                let value = self.next()?;
                for merge in self.merge_sources(value)? {
                    merges.push((map.len(), merge));
                }
                continue;
            }
            let key = self.key((event, span))?;
            let value = self.next()?;
            let filled = self.node(value)?;
            let (Some(key), Filled::Present(node)) = (key, filled) else { continue };
            self.insert(&mut map, key, Entry { key_span: span, node });
        }
    }

    fn insert(&self, map: &mut Map, key: Arc<str>, entry: Entry) {
        if let Some(first) = map.get(&key) {
            let message = format!("the key `{key}` is here twice");
            let finding = Diagnostic::error(Code::Y002, message).at(entry.key_span, "the second");
            self.session.report(finding.also(first.key_span, "the first").help("keep one of them"));
        } else {
            map.push(key, entry);
        }
    }

    /// The key's text; none when it was bound to something that was reported already.
    fn key(&mut self, (event, span): Located<'i>) -> Outcome<Option<Arc<str>>> {
        let filled = match event {
            // Most keys are written over and over again.
            Event::Scalar(text, Style::Plain, Properties { anchor: 0, tag: None })
                if !self.has_slot(&text) && resolve_core(&text) != Kind::Null =>
            {
                return Ok(Some(self.shared.names.get(&text)));
            }
            Event::Scalar(text, style, Properties { anchor, tag }) => {
                let filled = self.scalar(&text, style, tag.as_deref(), span)?;
                if let Filled::Present(node) = &filled {
                    self.anchored(anchor, node, span);
                }
                filled
            }
            Event::Alias(anchor) => Filled::Present(self.alias(anchor, span)?),
            _ => return Err(self.wrong_key(span.first_byte(), "a list or a map")),
        };
        match filled {
            Filled::Present(Node { value: Value::Scalar(scalar), .. }) if scalar.kind != Kind::Null => {
                Ok(Some(scalar.text))
            }
            Filled::Present(node) => Err(self.wrong_key(span, node.noun())),
            Filled::Absent(path, span) => {
                self.absent(path, span, "a key");
                Ok(None)
            }
        }
    }

    fn wrong_key(&self, span: Span, noun: &str) -> Reported {
        let message = format!("a key must be a string, and this is {noun}");
        let help =
            "if this is a template expression, write it as `{{ … }}` in a chart's template, not in values";
        self.session.report(Diagnostic::error(Code::Y003, message).at(span, "this key").help(help))
    }

    fn merge_sources(&mut self, value: Located<'i>) -> Outcome<Vec<Map>> {
        let span = value.1;
        match self.node(value)? {
            Filled::Present(Node { value: Value::Map(map), .. }) => Ok(vec![map]),
            Filled::Present(Node { value: Value::List(items), .. })
                if items.iter().all(|item| item.as_map().is_some()) =>
            {
                Ok(items
                    .into_iter()
                    .filter_map(|item| if let Value::Map(map) = item.value { Some(map) } else { None })
                    .collect())
            }
            Filled::Present(node) => {
                let message = format!("`<<` takes a map, and this is {}", node.noun());
                let finding = Diagnostic::error(Code::Y006, message).at(node.span, "this value");
                self.session.report(finding.help("give it a map, an alias of a map, or a list of those"));
                Ok(Vec::new())
            }
            Filled::Absent(path, _) => {
                self.absent(path, span, "a merge (`<<`)");
                Ok(Vec::new())
            }
        }
    }
}

fn is_merge_key(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(text, Style::Plain, Properties { anchor: 0, tag: None }) if text == "<<")
}

/// Written keys win over merged ones, and earlier merges over later ones.
fn merged(own: Map, merges: Vec<(usize, Map)>) -> Map {
    let written: HashSet<Arc<str>> = own.keys().cloned().collect();
    let mut result = Map::with_capacity(own.len());
    let mut merges = merges.into_iter().peekable();
    let add = |result: &mut Map, map: Map| {
        for (key, entry) in map {
            if !written.contains(&key) && !result.contains_key(&key) {
                result.insert(key, entry);
            }
        }
    };
    for (position, (key, entry)) in own.into_iter().enumerate() {
        while let Some((_, map)) = merges.next_if(|(at, _)| *at <= position) {
            add(&mut result, map);
        }
        result.insert(key, entry);
    }
    merges.for_each(|(_, map)| add(&mut result, map));
    result
}
