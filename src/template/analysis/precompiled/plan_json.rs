//! A plan as JSON, which the tests write and `build.rs` reads, and the plans that are built in.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::fingerprint::fingerprint;
use super::packed::PackedPlan;
use crate::source::Text;
use crate::template::analysis::aliases::Aliases;
use crate::template::analysis::expression::{Expression, PathExpr, PathStep};
use crate::template::analysis::expression_table::ExpressionTable;
use crate::template::analysis::insertions::InsertionTable;
use crate::template::analysis::plan::Plan;
use crate::template::analysis::setting_reads::SettingReads;
use crate::template::file::TemplateFile;

/// The plans of all bundled charts.
mod plans {
    use crate::template::analysis::precompiled::packed::*;

    include!(concat!(env!("OUT_DIR"), "/plans.rs"));
}

/// The plan of the bundled chart with this name.
pub(crate) fn bundled_plan(chart: &str) -> Option<&'static PackedPlan> {
    plans::PLANS.iter().find(|(name, _)| *name == chart).map(|(_, plan)| *plan)
}

/// A packed plan, for templates that it was made of.
pub(crate) fn plan_from_bundled(plan: &'static PackedPlan, templates: &[TemplateFile]) -> Plan {
    let sources = templates.iter().map(|file| file.source).collect();
    let expressions = ExpressionTable::packed(plan, sources);
    Plan { insertions: InsertionTable::Packed(plan), expressions, setting_reads: SettingReads::default() }
}

/// The fingerprint of what a plan depends on: the names and texts of templates, and what their schema wants, given by its own
/// fingerprint.
pub(crate) fn plan_fingerprint(
    templates: &[TemplateFile],
    texts: &[Text],
    wants_fingerprint: &str,
) -> String {
    let names = templates.iter().map(|file| &*file.name);
    fingerprint(names.chain(texts.iter().map(|text| &**text)).chain([wants_fingerprint]))
}

/// The plan of so many templates as JSON; `fingerprint` is that of what it was made of.
#[expect(
    clippy::expect_used,
    reason = "a plan that is not written would be a plan that is not used, unnoticed"
)]
pub(crate) fn plan_to_json(plan: &Plan, templates: usize, fingerprint: &str) -> String {
    let written = WrittenPlan {
        of: fingerprint,
        insertions: (0..templates).map(|template| plan.insertions.of(template).collect()).collect(),
        expressions: plan.expressions.all().map(WrittenExpression::new).collect(),
        aliases: &plan.expressions.aliases,
    };
    serde_json::to_string(&written).expect("strings, numbers and lists alone") + "\n"
}

/// A plan as it is written.
#[derive(Serialize)]
struct WrittenPlan<'p> {
    /// The fingerprint of what it was made of.
    of: &'p str,
    insertions: Vec<Vec<(usize, &'p str)>>,
    expressions: Vec<WrittenExpression<'p>>,
    aliases: &'p Aliases,
}

/// A printed expression. There are thousands, so its fields have one letter each, and what is usual is left out.
#[derive(Serialize)]
struct WrittenExpression<'p> {
    /// Its template.
    #[serde(rename = "t")]
    template: usize,
    /// Its bytes in the template.
    #[serde(rename = "s")]
    start: u32,
    #[serde(rename = "e")]
    end: u32,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    bare: Option<&'p PathExpr>,
    /// The paths that it reads besides the bare one.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    paths: Vec<&'p PathExpr>,
    #[serde(rename = "k", skip_serializing_if = "is_false")]
    in_schema: bool,
    #[serde(rename = "w", skip_serializing_if = "is_false")]
    trims_before: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl<'p> WrittenExpression<'p> {
    fn new(expression: &'p Expression) -> Self {
        let bare = expression.bare.as_ref();
        let mut paths: Vec<&PathExpr> = expression.paths.iter().map(|read| &read.path).collect();
        // It comes first in the list again when it is unpacked.
        if bare.is_some() && paths.first().copied() == bare {
            paths.remove(0);
        }
        WrittenExpression {
            template: expression.template,
            start: expression.span.start,
            end: expression.span.end,
            bare,
            paths,
            in_schema: expression.in_schema,
            trims_before: expression.trims_before,
        }
    }
}

/// The variable, then each step: a string for a key, a number for an index, null for what is computed. The places
/// inside the template are left out.
impl Serialize for PathExpr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.steps.len() + 1))?;
        list.serialize_element(&self.root)?;
        for step in &self.steps {
            match step {
                PathStep::Key { name, .. } => list.serialize_element(name)?,
                PathStep::Index(index) => list.serialize_element(index)?,
                PathStep::Dynamic => list.serialize_element(&())?,
            }
        }
        list.end()
    }
}
