//! `plimsoll values`: the merged values of a chart, and where each was written.

use std::process::ExitCode;

use anyhow::Result;
use plimsoll::diagnostic::escaped;
use plimsoll::pipeline;
use plimsoll::secrets::ValueMask;
use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::yaml::{Node, print_yaml_with};

use crate::args::ValuesArgs;
use crate::terminal::{self, Voice};

pub fn run(args: &ValuesArgs, voice: Voice) -> Result<ExitCode> {
    let session = voice.session();
    let settled = pipeline::values(&session, &args.source.request());
    terminal::conclude(&session, voice, settled, |settled| {
        let mut values = Node::clone(&settled.values);
        if !args.show_secrets {
            ValueMask::new(&session).apply(&mut values, Some(settled.wants.root()));
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
