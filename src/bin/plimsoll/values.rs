//! `plimsoll values`: the merged values of a chart, and where each was written.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use plimsoll::diagnostic::escaped;
use plimsoll::pipeline;
use plimsoll::session::Session;
use plimsoll::source::{SourceId, SourceKind};
use plimsoll::yaml::{Kind, Node, Value, WantRef, print_yaml_with};

use crate::args::ValuesArgs;
use crate::terminal::{self, Voice};

pub fn run(args: &ValuesArgs, voice: Voice) -> Result<ExitCode> {
    let session = Session::new();
    let settled = pipeline::values(&session, &args.source.request());
    terminal::conclude(&session, voice, settled, |settled| {
        let mut values = settled.values;
        if !args.show_secrets {
            Mask { session: &session, shown: BTreeMap::new() }.apply(&mut values, Some(settled.wants.root()));
        }
        terminal::print(&print_yaml_with(&values, |leaf| args.origins.then(|| place(&session, leaf))))
    })
}

/// Where a value was written, as `file:line`, or the flag.
fn place(session: &Session, leaf: &Node) -> String {
    let source = session.source(leaf.span.source);
    let name = escaped(&source.name);
    match source.kind {
        SourceKind::Flag => name,
        _ => format!("{name}:{}", source.line_column(leaf.span.start as usize).0),
    }
}

/// Puts stars in the place of every secret: what the schema says is one, and what the writers of findings would not
/// show either. An empty one shows that it is empty.
struct Mask<'s> {
    session: &'s Session,
    /// The sources' texts as findings show them.
    shown: BTreeMap<SourceId, String>,
}

impl Mask<'_> {
    fn apply(&mut self, node: &mut Node, want: Option<WantRef<'_>>) {
        if want.is_some_and(|want| want.get().secret) || self.is_hidden(node) {
            return hide(node);
        }
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::List(items) => {
                items.iter_mut().for_each(|item| self.apply(item, want.and_then(WantRef::item)));
            }
            Value::Map(map) => {
                for (key, entry) in map {
                    self.apply(&mut entry.node, want.and_then(|want| want.property(key)));
                }
            }
        }
    }

    fn is_hidden(&mut self, leaf: &Node) -> bool {
        if leaf.as_scalar().is_none() {
            return false;
        }
        let source = self.session.source(leaf.span.source);
        let shown = self.shown.entry(leaf.span.source).or_insert_with(|| source.masked_text());
        shown.get(leaf.span.range()) != source.text.get(leaf.span.range())
    }
}

fn hide(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(scalar) if scalar.kind == Kind::Null || scalar.text.is_empty() => {}
        Value::Scalar(_) => node.value = Node::string("***", node.span).value,
        Value::List(items) => items.iter_mut().for_each(hide),
        Value::Map(map) => map.values_mut().for_each(|entry| hide(&mut entry.node)),
    }
}
