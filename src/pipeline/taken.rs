//! Settings that a `null` took away and that the templates cannot do without: said of the `null`, not of the templates.

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::schema;
use crate::session::{Outcome, Session, Trunk};
use crate::source::Span;
use crate::template::{self, Program};
use crate::values::{self, NullRemoval};
use crate::yaml::{Node, ValuePath};

use super::objects::Render;
use super::{Prepared, Settled};

impl Prepared {
    /// Reports the settings that were taken away and without which nothing can be made (V102, or what the schema says of
    /// them). Whether one is needed shows when it is given back: the schema finds more, or the templates fail less.
    pub(super) fn refuse_taken(
        &self,
        session: &Session,
        Render { program, settled, .. }: Render<'_>,
    ) -> Outcome<()> {
        let taken = values::null_removals(&settled.layers, &settled.edits);
        if taken.is_empty() {
            return Ok(());
        }
        let probe = Probe { prepared: self, trunk: session.trunk(), program, settled };
        if probe.faults(Node::clone(&settled.values)) == 0 {
            return Ok(());
        }
        let before = session.errors();
        for finding in probe.needed(&taken[..taken.len().min(MAX_TAKEN)]) {
            session.report(finding);
        }
        session.clean_since(before)
    }
}

/// Settings that are tried; each costs a render.
const MAX_TAKEN: usize = 100;

/// Tries values out, each in a branch of the session that nobody looks at.
struct Probe<'p> {
    prepared: &'p Prepared,
    trunk: Trunk,
    program: &'p Program,
    settled: &'p Settled,
}

impl Probe<'_> {
    fn needed(&self, taken: &[NullRemoval]) -> Vec<Diagnostic> {
        let all: Vec<&ValuePath> = taken.iter().map(|taken| &taken.path).collect();
        let known = self.refused(&[]);
        let fewest = self.restored(&all).map_or(0, |values| self.faults(values));
        let mut found = Vec::new();
        for taken in taken {
            let said = self.refused(&[&taken.path]);
            let mut said: Vec<_> = said.into_iter().filter(|finding| !known.contains(finding)).collect();
            let others: Vec<&ValuePath> = all.iter().copied().filter(|path| **path != taken.path).collect();
            let fails = || self.restored(&others).is_ok_and(|values| self.faults(values) > fewest);
            if said.is_empty() && fails() {
                said.push(self.missing(&taken.path));
            }
            found.extend(said.into_iter().map(|finding| here(finding, taken.span)));
        }
        found
    }

    /// The values with these settings back.
    fn restored(&self, back: &[&ValuePath]) -> Outcome<Node> {
        let Settled { layers, edits, wants, .. } = self.settled;
        values::without_removals(&self.trunk.branch(), layers, edits, wants, back)
    }

    /// What the schema refuses of the values with these settings back.
    fn refused(&self, back: &[&ValuePath]) -> Vec<Diagnostic> {
        let (Some(schema), Ok(values)) = (&self.settled.schema, self.restored(back)) else {
            return Vec::new();
        };
        let found = schema::findings(&self.trunk.branch(), schema, &values);
        found.into_iter().filter(|finding| finding.level == Level::Error).collect()
    }

    /// How many errors there are in what the templates make of these values.
    fn faults(&self, values: Node) -> usize {
        let session = self.trunk.branch();
        let settled = self.settled.with(values);
        let scene = self.prepared.scene(&session, &settled);
        let render = Render { program: self.program, settled: &settled, scene: &scene };
        let _ = self.prepared.documents(&session, render, template::run(self.program, &scene));
        session.errors()
    }

    fn missing(&self, path: &ValuePath) -> Diagnostic {
        if let Some(schema) = &self.settled.schema {
            return schema::missing(&self.trunk.branch(), schema, &self.settled.values, path);
        }
        let message = format!("`{path}` is required, and nothing sets it");
        Diagnostic::error(Code::V102, message).help(format!("set it: `--set {path}=…`"))
    }
}

/// The finding at the place where the setting was taken away.
fn here(finding: Diagnostic, span: Span) -> Diagnostic {
    Diagnostic { labels: Vec::new(), patch: None, ..finding }.at(span, "taken away here")
}
