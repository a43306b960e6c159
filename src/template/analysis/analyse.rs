//! From templates to their plan: each is parsed once, checked, and written into the plan with what it needs.
//!
//! ```text
//! parse_templates ─► ParsedTemplates ─┬─► make_plan             check, shared imports, instrument, aliases
//!                                     └─► settings_read         check_template's walk once more, for V111
//! ```
//!
//! Two steps, because the first one needs no schema: it is done while the schema is read (`engine/second_thread.rs`).

use minijinja::machinery::ast::Stmt;

use super::aliases::add_aliases;
use super::check::{CheckContext, add_reads, check_template};
use super::expression::{each_path, is_bare_path};
use super::instrument::{Printed, PrintedAs, instrument};
use super::names::{ChartNames, KnownNames};
use super::plan::Plan;
use super::plan_builder::{ExpressionFacts, PlanBuilder};
use super::setting_reads::SettingReads;
use super::shared_imports::shared_imports;
use super::syntax_tree::{each_call_part, parse_template};
use crate::session::{Outcome, Session};
use crate::source::Text;
use crate::template::file::TemplateFile;
use crate::yaml::{Wants, refuse_reserved};

/// The templates of a chart with their syntax trees.
pub(crate) struct ParsedTemplates<'t> {
    files: &'t [TemplateFile],
    texts: &'t [Text],
    /// In the order of the files.
    trees: Vec<Stmt<'t>>,
}

/// Parses templates; `texts` are theirs, in the same order. What is wrong with any of them is reported.
///
/// # Errors
/// When there are findings.
pub(crate) fn parse_templates<'t>(
    session: &Session,
    files: &'t [TemplateFile],
    texts: &'t [Text],
) -> Outcome<ParsedTemplates<'t>> {
    let before = session.errors();
    for file in files {
        // What is wrong is reported, and counted below: the next template is to be looked at as well.
        let _ = refuse_reserved(session, file.source);
    }
    let parsed = files.iter().zip(texts).filter_map(|(file, text)| parse_template(session, file, text));
    let trees = parsed.collect();
    session.clean_since(before)?;
    Ok(ParsedTemplates { files, texts, trees })
}

/// Checks templates against the values schema and plans their instrumentation. All findings of all templates are
/// reported.
///
/// # Errors
/// When there are findings.
pub(crate) fn make_plan(
    session: &Session,
    parsed: &ParsedTemplates<'_>,
    wants: &Wants,
    known: &KnownNames,
) -> Outcome<Plan> {
    let before = session.errors();
    let ParsedTemplates { files, texts, trees } = parsed;
    // Each template is checked with what all others export.
    let chart = ChartNames::new(files, trees);
    let context = CheckContext { wants, known, chart: &chart };
    let mut plan = PlanBuilder::default();
    let shared = shared_imports(files, texts, trees);
    for (((file, text), tree), shared) in files.iter().zip(*texts).zip(trees).zip(shared) {
        let in_schema = check_template(session, file, tree, context);
        // Expressions are numbered through all templates, so that a number alone names one: a macro prints in the run
        // of another template.
        let imports = shared.iter().flat_map(|import| plan.add_import(import)).collect();
        let instrumentation = instrument(text, tree, plan.expressions(), imports);
        plan.add_template(instrumentation.insertions);
        for printed in instrumentation.printed {
            let is_in_schema =
                u32::try_from(printed.place.start).is_ok_and(|start| in_schema.contains(&start));
            plan.add_expression(&facts(text, printed, is_in_schema));
        }
    }
    session.clean_since(before)?;
    add_aliases(&mut plan, trees.iter().enumerate());
    Ok(plan.finish())
}

/// The settings that templates read, in branches not taken too. Nothing is reported.
pub(crate) fn settings_read(parsed: &ParsedTemplates<'_>, wants: &Wants, known: &KnownNames) -> SettingReads {
    let ParsedTemplates { files, trees, .. } = parsed;
    let chart = ChartNames::new(files, trees);
    let context = CheckContext { wants, known, chart: &chart };
    let mut reads = SettingReads::default();
    for (file, tree) in files.iter().zip(trees) {
        add_reads(file, tree, context, &mut reads);
    }
    reads
}

/// What there is to say of a printed expression of this text.
fn facts<'t>(text: &str, printed: Printed<'t>, in_schema: bool) -> ExpressionFacts<'t> {
    let mut paths = Vec::new();
    let bare = match printed.what {
        PrintedAs::Expression(expr) => {
            each_path(expr, &mut |path| paths.push(path));
            is_bare_path(expr)
        }
        PrintedAs::Fail(call) => {
            each_call_part(call, &mut |part| each_path(part, &mut |path| paths.push(path)));
            false
        }
    };
    let trims_before = trims_before(text, printed.place.start);
    ExpressionFacts { place: printed.place, paths, bare, in_schema, trims_before }
}

/// Whether the expression that begins there is opened by `{{-` behind white space.
fn trims_before(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or("").trim_end();
    before.strip_suffix("{{-").is_some_and(|before| before.ends_with(char::is_whitespace))
}
