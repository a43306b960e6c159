//! The engine's set-up: syntax, limits, and the filter and formatter that bind values instead of printing them.

use std::sync::Arc;

use minijinja::value::Value as Jinja;
use minijinja::{AutoEscape, Environment, State, UndefinedBehavior};

use super::{functions, growth};
use crate::limits::{Limit, Limits};
use crate::template::analysis::{
    BIND_FILTER, COUNT_TEXT_FUNCTION, ExpressionTable, MEASURE_FILTER, REPORT_FAIL_FUNCTION, syntax,
};
use crate::template::binding::{FailedWith, RenderState, bind_value, print_slot};

/// An engine that binds the expressions of a table. Templates are added by the caller.
pub(super) fn environment(expressions: Arc<ExpressionTable>, limits: Limits) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_syntax(syntax());
    // An undefined value may be tested, and nothing else may be done with it.
    engine.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    // In debug mode the engine remembers which path an undefined value came from, and its errors name it.
    engine.set_debug(true);
    engine.set_fuel(Some(limits.get(Limit::Fuel)));
    engine.set_recursion_limit(limits.of(Limit::Recursion));
    // What macros and set blocks capture is a "safe" string only where escaping is on; that is how fragments of YAML are told from
    // strings. The name of the escaping means nothing, as the formatter decides what is written.
    engine.set_auto_escape_callback(|_| AutoEscape::Custom("bound".into()));
    engine.set_formatter(move |out, state, value| print_slot(out, state, &limits, value));
    add_instruments(&mut engine, expressions, limits);
    functions::register(&mut engine, limits);
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
