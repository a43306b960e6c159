//! `plimsoll values`: the merged values of a chart, and where each was written.

use std::process::ExitCode;

use anyhow::Result;
use plimsoll::diagnostic::escaped;
use plimsoll::pipeline;
use plimsoll::session::Session;
use plimsoll::yaml::{Kind, Node, Value, WantRef, print_yaml_with};

use crate::args::ValuesArgs;
use crate::terminal::{self, Voice};

pub fn run(args: &ValuesArgs, voice: Voice) -> Result<ExitCode> {
    let session = Session::new();
    let settled = pipeline::values(&session, &args.source.request());
    terminal::conclude(&session, voice, settled, |settled| {
        let mut values = settled.values;
        if !args.show_secrets {
            mask(&mut values, Some(settled.wants.root()));
        }
        terminal::print(&print_yaml_with(&values, |leaf| args.origins.then(|| place(&session, leaf))))
    })
}

/// Where a value was written, as `file:line`.
fn place(session: &Session, leaf: &Node) -> String {
    let source = session.source(leaf.span.source);
    let (line, _) = source.line_column(leaf.span.start as usize);
    format!("{}:{line}", escaped(&source.name))
}

/// Puts stars in the place of every secret; an empty one shows that it is empty.
fn mask(node: &mut Node, want: Option<WantRef<'_>>) {
    if want.is_some_and(|want| want.get().secret) {
        return hide(node);
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| mask(item, want.and_then(WantRef::item))),
        Value::Map(map) => {
            for (key, entry) in map {
                mask(&mut entry.node, want.and_then(|want| want.property(key)));
            }
        }
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
