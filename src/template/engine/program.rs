//! A chart's templates, checked and ready to be run: what every render of them shares.
//!
//! There is one way from texts to a [`Program`]: a plan, and [`Program::new`]. The plan is what [`analyse`] makes of the
//! texts, or one that was stored. [`compile`] does both steps, and has the engine compile all templates at once, to find
//! what its compiler refuses.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use minijinja::value::Value as Jinja;
use minijinja::{AutoEscape, Environment, Error, State, Template, UndefinedBehavior};

use super::functions::known_names;
use super::{filters, functions, growth, imports, versions};
use crate::limits::{Limit, Limits};
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::template::analysis::{
    self, BACKWARDS_FILTER, BIND_FILTER, COMPARED_LEFT_FILTER, COMPARED_RIGHT_FILTER, COUNT_TEXT_FUNCTION,
    Expression, ExpressionTable, MEASURE_FILTER, OPERAND_FILTER, PathRead, PathStep, Plan, REPEATED_FILTER,
    REPEATS_FILTER, REPORT_FAIL_FUNCTION, STEP_FILTER, STORE_FILTER, SettingReads, VERSION_AGAINST_FILTER,
    VERSION_FILTER, ValueUse, make_plan, parse_templates, settings_read, syntax,
};
use crate::template::binding::{FailedWith, RenderState, bind_value, print_slot};
use crate::template::errors::ErrorContext;
use crate::template::file::{Role, TemplateFile, position, texts};
use crate::yaml::{Node, Segment, ValuePath, Wants};

/// The name of [`Program::state_template`]: no file has an empty one.
const STATE_TEMPLATE: &str = "";

/// The block of [`Program::state_template`].
pub(super) const RUN_BLOCK: &str = "run";

/// The value of the engine's state that names the template that [`RUN_BLOCK`] runs.
pub(super) const TEMPLATE_TO_RUN: &str = "template";

/// What is included runs in the state of whatever includes it.
const STATE_TEMPLATE_TEXT: &str = "{% block run %}{% include __template_to_run() %}{% endblock %}";

/// A chart's templates, ready to be rendered with any number of values. Threads can share it.
#[derive(Debug)]
pub struct Program {
    pub(super) templates: Vec<TemplateFile>,
    pub(super) expressions: Arc<ExpressionTable>,
    /// What the schema wants of `values`.
    pub(super) wants: Arc<Wants>,
    pub(super) limits: Limits,
    engine: Environment<'static>,
    /// How often a template was run, by whichever thread.
    #[cfg(test)]
    pub(crate) runs: std::sync::atomic::AtomicUsize,
}

/// Checks templates against the values schema and plans their instrumentation. All findings of all templates are
/// reported. What the engine's compiler refuses shows only when a template is compiled.
///
/// # Errors
/// When there are findings.
pub fn analyse(session: &Session, templates: &[TemplateFile], wants: &Wants) -> Outcome<Plan> {
    let texts = texts(session, templates);
    let parsed = parse_templates(session, templates, &texts)?;
    make_plan(session, &parsed, wants, &known_names())
}

/// Analyses the templates and compiles them. All findings of all templates are reported.
///
/// # Errors
/// When there are findings.
pub fn compile(session: &Session, templates: &[TemplateFile], wants: &Arc<Wants>) -> Outcome<Program> {
    let plan = analyse(session, templates, wants)?;
    let program = Program::new(session, templates, plan, wants);
    let refused = (0..templates.len()).filter_map(|index| Some((index, program.compiled(index).err()?)));
    program.report_refused(session, refused)?;
    Ok(program)
}

/// The settings that templates read, in branches not taken too. Nothing is reported: compiling them reports what is
/// wrong.
///
/// # Errors
/// When they cannot be analysed.
pub fn setting_reads(session: &Session, templates: &[TemplateFile], wants: &Wants) -> Outcome<SettingReads> {
    // An overlay has findings of its own, which are dropped with it.
    let overlay = session.snapshot().overlay();
    let texts = texts(&overlay, templates);
    let parsed = parse_templates(&overlay, templates, &texts)?;
    make_plan(&overlay, &parsed, wants, &known_names())?;
    Ok(settings_read(&parsed, wants, &known_names()))
}

impl Program {
    /// Which settings its templates read.
    ///
    /// # Errors
    /// When they cannot be analysed.
    pub fn setting_reads(&self, session: &Session) -> Outcome<SettingReads> {
        setting_reads(session, &self.templates, &self.wants)
    }

    /// The program of templates and their plan. A plan that was stored must be [sound](Plan::is_sound).
    ///
    /// The templates are not added to the engine but loaded by it, when one is first asked for by name. So those that a
    /// render does not reach are never compiled, and a second thread can compile some while this one does something
    /// else: the engine's store of templates has a lock, and compiles without holding it.
    pub fn new(session: &Session, templates: &[TemplateFile], plan: Plan, wants: &Arc<Wants>) -> Self {
        let texts = texts(session, templates);
        let sources = templates.iter().map(|file| file.source).collect();
        let expressions = Arc::new(ExpressionTable::new(plan, sources));
        let mut engine = environment(Arc::clone(&expressions), *session.limits());
        // A template that is loaded does not change, so the engine need not ask the loader again.
        engine.set_auto_reload(false);
        let to_load = templates.to_vec();
        let planned = Arc::clone(&expressions);
        engine.set_loader(move |name| {
            if name == STATE_TEMPLATE {
                return Ok(Some(STATE_TEMPLATE_TEXT.to_owned()));
            }
            let index = position(&to_load, name);
            Ok(index.map(|index| planned.plan().instrumented(index, &texts[index])))
        });
        Program {
            templates: templates.to_vec(),
            expressions,
            wants: Arc::clone(wants),
            limits: *session.limits(),
            engine,
            #[cfg(test)]
            runs: Default::default(),
        }
    }

    /// The plan of the templates.
    pub fn plan(&self) -> &Plan {
        self.expressions.plan()
    }

    /// Reports what the engine's compiler refuses: positions of templates with its errors.
    ///
    /// # Errors
    /// When there are any.
    pub(super) fn report_refused(
        &self,
        session: &Session,
        refused: impl Iterator<Item = (usize, Error)>,
    ) -> Outcome<()> {
        let mut outcome = Ok(());
        for (index, error) in refused {
            let locate = |_: &str, range: Range<usize>| self.span_in(index, range);
            let context =
                ErrorContext { limits: session.limits(), locate: &locate, secrets: &SecretTexts::default() };
            outcome = Err(session.report(context.finding(&error)));
        }
        outcome
    }

    /// What the printed expressions of the template at a position read: a global, and the path down from it as far as it
    /// is known before a render.
    pub fn reads(&self, template: usize) -> Vec<(&str, ValuePath)> {
        let paths = self.expressions.of_template(template).flat_map(Expression::paths);
        let read = |path: PathRead<'_>| {
            let steps = path.steps().map_while(|step| match step {
                PathStep::Key(name) => Some(Segment::Key(name.to_owned())),
                PathStep::Index(index) => Some(Segment::Index(index)),
                PathStep::Dynamic => None,
            });
            ValuePath(steps.collect())
        };
        paths.map(|path| (path.root(), read(path))).collect()
    }

    /// Every place where a template uses a value that is set without printing it, in the order of the templates. They
    /// are parsed once more for it.
    pub fn value_uses(&self, session: &Session, values: &Node) -> Vec<ValueUse> {
        analysis::value_uses(session, &self.templates, self.plan(), values)
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

    /// The template whose state can run the others: its block [`RUN_BLOCK`] runs the one that [`TEMPLATE_TO_RUN`] names.
    pub(super) fn state_template(&self) -> Result<Template<'_, '_>, Error> {
        self.engine.get_template(STATE_TEMPLATE)
    }

    /// The span of a range of bytes in the compiled text of the template with this name.
    pub(super) fn locate(&self, name: &str, range: Range<usize>) -> Option<Span> {
        self.span_in(position(&self.templates, name)?, range)
    }

    fn span_in(&self, index: usize, range: Range<usize>) -> Option<Span> {
        let original = |offset| self.plan().original_offset(index, offset);
        Some(Span::new(self.templates.get(index)?.source, original(range.start), original(range.end)))
    }
}

// The engine's set-up: syntax, limits, and the filter and formatter that bind values instead of printing them.

/// An engine that binds the expressions of a table. Templates are added by the caller.
fn environment(expressions: Arc<ExpressionTable>, limits: Limits) -> Environment<'static> {
    // Without filters, tests and functions: what is not in our tables is not there.
    let mut engine = Environment::empty();
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
    filters::register(&mut engine, limits);
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
    // A list is a choice of templates. Nothing is chosen when the state is made.
    engine.add_function("__template_to_run", |state: &State| {
        state.get_temp(TEMPLATE_TO_RUN).unwrap_or_else(|| Jinja::from_iter(std::iter::empty::<Jinja>()))
    });
    engine.add_filter(MEASURE_FILTER, move |state: &mut State, value: Jinja| {
        growth::measure(state, &limits, value)
    });
    engine.add_filter(STORE_FILTER, move |state: &mut State, value: Jinja| {
        growth::store(state, &limits, value)
    });
    engine.add_filter(OPERAND_FILTER, growth::operand);
    engine.add_filter(STEP_FILTER, growth::step);
    engine.add_filter(BACKWARDS_FILTER, growth::sliced_backwards);
    engine.add_filter(REPEATED_FILTER, growth::repeated);
    engine.add_filter(REPEATS_FILTER, move |state: &mut State, value: Jinja| {
        growth::repeats(state, &limits, value)
    });
    engine.add_filter(COMPARED_LEFT_FILTER, move |state: &mut State, value: Jinja| {
        growth::compared(state, &limits, value, false)
    });
    engine.add_filter(COMPARED_RIGHT_FILTER, move |state: &mut State, value: Jinja| {
        growth::compared(state, &limits, value, true)
    });
    engine.add_filter(VERSION_FILTER, |value: Jinja| versions::version(&value));
    engine.add_filter(VERSION_AGAINST_FILTER, |value: Jinja, sign: &str, versions: Option<&str>| {
        versions::against(&value, sign, versions)
    });
    engine.add_function(COUNT_TEXT_FUNCTION, move |state: &mut State, bytes: usize| {
        RenderState::of(state).add_bytes(&limits, bytes)
    });
}
