//! A chart's templates, checked and compiled once: what every render of them shares.
//!
//! There are two ways to a [`Program`]. [`compile`] reads and checks the templates of any chart;
//! [`bundled_program`] takes the plan of a chart that was analysed when this program was built, if its templates are
//! still the same. Both end in `Program::new`, so nothing behind it knows the difference.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use minijinja::value::Value as Jinja;
use minijinja::{AutoEscape, Environment, Error, State, Template, UndefinedBehavior};

use super::functions::known_names;
use super::{functions, growth, imports};
use crate::limits::{Limit, Limits};
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span, Text};
use crate::template::analysis::{
    self, BIND_FILTER, COUNT_TEXT_FUNCTION, ExpressionTable, InsertionTable, MEASURE_FILTER, Plan,
    REPORT_FAIL_FUNCTION, SettingReads, ValueUse, bundled_plan, make_plan, plan_fingerprint,
    plan_from_bundled, plan_to_json, syntax,
};
use crate::template::binding::{FailedWith, RenderState, bind_value, print_slot};
use crate::template::errors::ErrorContext;
use crate::template::file::{Role, TemplateFile, position, texts};
use crate::yaml::{Node, Wants};

/// The name of [`Program::state_template`]: no file has an empty one.
const STATE_TEMPLATE: &str = "";

/// The macro of [`Program::state_template`].
pub(super) const RUN_MACRO: &str = "__run";

/// What is included runs in the state of whatever includes it. The names are hidden from templates: the check refuses
/// names that a template has not given.
const STATE_TEMPLATE_TEXT: &str = "{% macro __run(__template) %}{% include __template %}{% endmacro %}";

/// A chart's templates, ready to be rendered with any number of values. Threads can share it.
#[derive(Debug)]
pub struct Program {
    pub(super) templates: Vec<TemplateFile>,
    pub(super) expressions: Arc<ExpressionTable>,
    /// What the schema wants of `values`.
    pub(super) wants: Arc<Wants>,
    pub(super) limits: Limits,
    insertions: Arc<InsertionTable>,
    engine: Environment<'static>,
}

/// Checks the templates against the values schema and compiles them. All findings of all templates are reported.
///
/// # Errors
/// When there are findings.
pub fn compile(session: &Session, templates: &[TemplateFile], wants: &Arc<Wants>) -> Outcome<Program> {
    let before = session.errors();
    let texts = texts(session, templates);
    let plan = make_plan(session, templates, &texts, wants, &known_names())?;
    let program = Program::new(session, templates, texts, plan, wants);
    // The engine would compile each when it is first used. What its compiler refuses is to be found now, in libraries
    // that nothing imports too.
    for index in 0..templates.len() {
        if let Err(error) = program.compiled(index) {
            let locate = |_: &str, range: Range<usize>| program.span_in(index, range);
            let context =
                ErrorContext { limits: session.limits(), locate: &locate, secrets: &SecretTexts::default() };
            session.report(context.finding(&error));
        }
    }
    session.clean_since(before)?;
    Ok(program)
}

/// The program of a bundled chart whose templates were analysed when this program was built: each is compiled when it
/// is first needed. None for any other chart, or for other templates. `wants_fingerprint` is that of what the schema
/// wants.
pub fn bundled_program(
    session: &Session,
    chart: &str,
    templates: &[TemplateFile],
    wants: &Arc<Wants>,
    wants_fingerprint: &str,
) -> Option<Program> {
    let texts = texts(session, templates);
    // A plan under the chart's name may still be one of other texts.
    let plan = bundled_plan(chart)?;
    if plan.of != plan_fingerprint(templates, &texts, wants_fingerprint) {
        return None;
    }
    Some(Program::new(session, templates, texts, plan_from_bundled(plan, templates), wants))
}

/// The settings that templates read, in branches not taken too. Nothing is reported: compiling them reports what is
/// wrong.
///
/// # Errors
/// When they cannot be compiled.
pub fn setting_reads(session: &Session, templates: &[TemplateFile], wants: &Wants) -> Outcome<SettingReads> {
    // An overlay has findings of its own, which are dropped with it.
    let overlay = session.snapshot().overlay();
    let texts = texts(&overlay, templates);
    Ok(make_plan(&overlay, templates, &texts, wants, &known_names())?.setting_reads)
}

/// What [`bundled_program`] needs to know of templates, as JSON that `build.rs` reads. They are compiled first, with
/// every check.
///
/// # Errors
/// As [`compile`].
pub fn plan_as_json(
    session: &Session,
    templates: &[TemplateFile],
    wants: &Arc<Wants>,
    wants_fingerprint: &str,
) -> Outcome<String> {
    // The plan is made once more below: `compile` has put its own into the program.
    compile(session, templates, wants)?;
    let texts = texts(session, templates);
    let plan = make_plan(session, templates, &texts, wants, &known_names())?;
    let fingerprint = plan_fingerprint(templates, &texts, wants_fingerprint);
    Ok(plan_to_json(&plan, templates.len(), &fingerprint))
}

/// What is built in for a chart with these templates, in the same form.
pub fn bundled_plan_as_json(chart: &str, templates: &[TemplateFile]) -> Option<String> {
    let plan = bundled_plan(chart)?;
    Some(plan_to_json(&plan_from_bundled(plan, templates), templates.len(), plan.of))
}

impl Program {
    /// The templates are not added to the engine but loaded by it, when one is first asked for by name. So those that a
    /// render does not reach are never compiled, and a second thread can compile some while this one does something
    /// else: the engine's store of templates has a lock, and compiles without holding it.
    fn new(
        session: &Session,
        templates: &[TemplateFile],
        texts: Vec<Text>,
        plan: Plan,
        wants: &Arc<Wants>,
    ) -> Self {
        let expressions = Arc::new(plan.expressions);
        let insertions = Arc::new(plan.insertions);
        let mut engine = environment(Arc::clone(&expressions), *session.limits());
        // A template that is loaded does not change, so the engine need not ask the loader again.
        engine.set_auto_reload(false);
        let to_load = templates.to_vec();
        let to_insert = Arc::clone(&insertions);
        engine.set_loader(move |name| {
            if name == STATE_TEMPLATE {
                return Ok(Some(STATE_TEMPLATE_TEXT.to_owned()));
            }
            let index = position(&to_load, name);
            Ok(index.map(|index| to_insert.instrumented(index, &texts[index])))
        });
        Program {
            templates: templates.to_vec(),
            expressions,
            wants: Arc::clone(wants),
            limits: *session.limits(),
            insertions,
            engine,
        }
    }

    /// Every place where a template uses a value that is set without printing it, in the order of the templates. They
    /// are parsed once more for it.
    pub fn value_uses(&self, session: &Session, values: &Node) -> Vec<ValueUse> {
        analysis::value_uses(session, &self.templates, &self.expressions.aliases, values)
    }

    /// Where templates define variables: the expression of each `{% set %}`, by the template that can use the variable
    /// and the name that it has there, `url` or `lib.url`. Of a variable that is set twice, the first place counts.
    pub fn variable_definitions(&self, session: &Session) -> BTreeMap<(SourceId, String), Span> {
        analysis::variable_definitions(session, &self.templates)
    }

    /// The positions of the templates with a role, ascending.
    pub(super) fn of_role(&self, role: Role) -> impl Iterator<Item = usize> {
        (0..self.templates.len()).filter(move |index| self.templates[*index].role == role)
    }

    /// A template, compiled if nobody has needed it before. Two threads that ask for the same one at the same time both
    /// compile it, and one result is kept.
    pub(super) fn compiled(&self, index: usize) -> Result<Template<'_, '_>, Error> {
        self.engine.get_template(&self.templates[index].name)
    }

    /// The template whose state can run the others: with its macro [`RUN_MACRO`], which takes the name of one.
    pub(super) fn state_template(&self) -> Result<Template<'_, '_>, Error> {
        self.engine.get_template(STATE_TEMPLATE)
    }

    /// The span of a range of bytes in the compiled text of the template with this name.
    pub(super) fn locate(&self, name: &str, range: Range<usize>) -> Option<Span> {
        self.span_in(position(&self.templates, name)?, range)
    }

    fn span_in(&self, index: usize, range: Range<usize>) -> Option<Span> {
        let original = |offset| self.insertions.original_offset(index, offset);
        Some(Span::new(self.templates.get(index)?.source, original(range.start), original(range.end)))
    }
}

// The engine's set-up: syntax, limits, and the filter and formatter that bind values instead of printing them.

/// An engine that binds the expressions of a table. Templates are added by the caller.
fn environment(expressions: Arc<ExpressionTable>, limits: Limits) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_syntax(syntax());
    // An undefined value may be tested, and nothing else may be done with it.
    engine.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    // In debug mode the engine remembers which path an undefined value came from, and its errors name it.
    engine.set_debug(true);
    engine.set_fuel(Some(limits.get(Limit::Fuel)));
    engine.set_recursion_limit(limits.of(Limit::Recursion));
    // What macros and set blocks capture is a "safe" string only where escaping is on; that is how fragments of YAML
    // are told from strings. The name of the escaping means nothing, as the formatter decides what is written.
    engine.set_auto_escape_callback(|_| AutoEscape::Custom("bound".into()));
    engine.set_formatter(move |out, state, value| print_slot(out, state, &limits, value));
    add_instruments(&mut engine, expressions, limits);
    functions::register(&mut engine, limits);
    imports::register(&mut engine, limits);
    growth::register(&mut engine, limits);
    engine
}

/// What instrumented templates call (`analysis/instrument.rs`).
fn add_instruments(engine: &mut Environment<'static>, expressions: Arc<ExpressionTable>, limits: Limits) {
    let of_filter = Arc::clone(&expressions);
    engine.add_filter(BIND_FILTER, move |state: &mut State, value: Jinja, number: usize| {
        bind_value(state, &of_filter, &limits, value, number)
    });
    // A `fail` that nothing prints gets a slot as if it were printed, which the binder reports.
    engine.add_function(REPORT_FAIL_FUNCTION, move |state: &mut State, value: Jinja, number: usize| {
        bind_value(state, &expressions, &limits, value, number)?;
        Ok(Jinja::from_object(FailedWith(None)))
    });
    engine.add_filter(MEASURE_FILTER, move |state: &mut State, value: Jinja| {
        growth::measure(state, &limits, value)
    });
    engine.add_function(COUNT_TEXT_FUNCTION, move |state: &mut State, bytes: usize| {
        RenderState::of(state).add_bytes(&limits, bytes)
    });
}
