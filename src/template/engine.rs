//! The engine's set-up: syntax, limits, and the filter and formatter that bind values instead of printing them.

use std::sync::Arc;

use minijinja::value::{Object, Value as Jinja};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, syntax::SyntaxConfig,
};

use super::alias::follow;
use super::expression::{Expression, PathExpr, Reading, Step};
use super::facts::Facts;
use super::instrument::{BIND_FILTER, GROWTH_FILTER, HEAR_FUNCTION, WEIGH_FUNCTION};
use super::limits::beyond;
use super::value::{Place, is_unset};
use super::{functions, growth};
use crate::limits::{Limit, Limits};
use crate::yaml::{SLOT_CLOSE, SLOT_OPEN};

/// What one render has printed so far, kept in the engine's state.
#[derive(Debug, Default)]
pub(super) struct Prints {
    /// One a slot, in the order of printing.
    pub(super) slots: Vec<Slot>,
    /// Bytes of text, as far as they are counted.
    bytes: usize,
    /// Parts of values that were looked at while they were measured.
    pub(super) measured: usize,
}

/// One printed value.
#[derive(Debug)]
pub(super) struct Slot {
    /// The expression; none for what a `{% call %}` block prints.
    pub(super) expression: Option<usize>,
    /// What was printed.
    pub(super) what: What,
    /// The values that went into a computed one, in the order of the expression's paths.
    pub(super) inputs: Vec<Option<Place>>,
    /// What `warn(…)` says of it.
    pub(super) warning: Option<String>,
}

/// What was printed.
#[derive(Debug)]
pub(super) enum What {
    /// A node of the values, with its lexeme.
    Place(Place),
    /// A computed value.
    Computed(Jinja),
    /// The text of a macro, a set block or `caller()`.
    Fragment(Arc<str>),
    /// Null, or a setting that nobody set.
    Absent,
    /// An undefined value that is not excused.
    Undefined,
    /// `fail("…")`
    Refused(String),
    /// A `fail("…")` that was reported at its call.
    Told,
}

/// The syntax of templates: lines with nothing but a `{% … %}` vanish.
pub(super) fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    builder.build().unwrap_or_default()
}

/// An engine that binds. Templates are added by the caller.
pub(super) fn environment(facts: Arc<Facts>, limits: Limits) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_syntax(syntax());
    engine.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    engine.set_debug(true);
    engine.set_fuel(Some(limits.get(Limit::Fuel)));
    engine.set_recursion_limit(limits.of(Limit::Recursion));
    // Captures become "safe" strings only where escaping is on; that is how fragments are told from strings.
    engine.set_auto_escape_callback(|_| AutoEscape::Custom("bound".into()));
    engine.set_formatter(move |out, state, value| write_slot(out, state, &limits, value));
    let known = Arc::clone(&facts);
    engine.add_filter(BIND_FILTER, move |state: &mut State, value: Jinja, id: usize| {
        bind(state, &known, &limits, value, id)
    });
    engine.add_function(HEAR_FUNCTION, move |state: &mut State, value: Jinja, id: usize| {
        bind(state, &facts, &limits, value, id).map(|_| Jinja::from_object(Refusal(None)))
    });
    engine.add_filter(GROWTH_FILTER, move |state: &mut State, value: Jinja| {
        growth::measure(state, &limits, value)
    });
    engine.add_function(WEIGH_FUNCTION, move |state: &mut State, bytes: usize| weigh(state, &limits, bytes));
    functions::register(&mut engine, limits);
    growth::register(&mut engine, limits);
    engine
}

/// Stands for a value that the filter has bound already, on its way to the formatter.
#[derive(Debug)]
struct BoundSlot(usize);

impl Object for BoundSlot {}

/// A message of `fail(…)`, on its way to the bind filter; none if it was reported at the call.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) Option<String>);

impl Object for Refusal {}

/// A value of `warn(…)` and what is to be said of it, on its way to the bind filter.
#[derive(Debug)]
pub(super) struct Warned {
    pub(super) message: String,
    pub(super) value: Jinja,
}

impl Object for Warned {}

/// The value itself, and what `warn(…)` says of it.
fn unwarned(value: Jinja) -> (Jinja, Option<String>) {
    match value.downcast_object_ref::<Warned>() {
        Some(warned) => (warned.value.clone(), Some(warned.message.clone())),
        None => (value, None),
    }
}

/// Counts text, captured or not, and stops a template that prints without end.
fn weigh(state: &mut State, limits: &Limits, bytes: usize) -> Result<(), Error> {
    let printed = state.get_or_insert_extension_with(Prints::default);
    printed.bytes += bytes;
    check_output(printed.bytes, limits)
}

/// Refuses what a template may not print any more.
pub(super) fn check_output(bytes: usize, limits: &Limits) -> Result<(), Error> {
    if bytes > limits.of(Limit::Output) {
        let most = limits.said(Limit::Output);
        return Err(beyond(Limit::Output, format!("a template printed more than {most}")));
    }
    Ok(())
}

fn write_slot(out: &mut Output, state: &mut State, limits: &Limits, value: &Jinja) -> Result<(), Error> {
    let index = match value.downcast_object_ref::<BoundSlot>() {
        Some(slot) => slot.0,
        None => {
            let what = if value.is_safe() { fragment(value) } else { What::Computed(value.clone()) };
            push(state, limits, Slot { expression: None, what, inputs: Vec::new(), warning: None })?
        }
    };
    write!(out, "{SLOT_OPEN}{index}{SLOT_CLOSE}").map_err(Error::from)
}

fn bind(state: &mut State, facts: &Facts, limits: &Limits, value: Jinja, id: usize) -> Result<Jinja, Error> {
    let Some(expression) = facts.expressions.get(id) else {
        return Err(Error::new(ErrorKind::InvalidOperation, "an expression that is not in the table"));
    };
    let (value, warning) = unwarned(value);
    let values = values_of(state);
    let finder = Finder { facts, template: expression.template, values: values.as_ref() };
    let what = classify(state, &finder, expression, value);
    let inputs = match (&what, &expression.bare) {
        (What::Place(_), Some(_)) => Vec::new(),
        _ => expression.paths.iter().map(|reading| finder.find(state, reading)).collect(),
    };
    let slot = push(state, limits, Slot { expression: Some(id), what, inputs, warning })?;
    Ok(Jinja::from_object(BoundSlot(slot)))
}

fn classify(state: &State, finder: &Finder<'_>, expression: &Expression, value: Jinja) -> What {
    if value.is_safe() {
        return fragment(&value);
    }
    if let Some(refusal) = value.downcast_object_ref::<Refusal>() {
        return refusal.0.clone().map_or(What::Told, What::Refused);
    }
    if let Some(place) = value.downcast_object_ref::<Place>() {
        return if place.is_set() { What::Place(place.clone()) } else { What::Absent };
    }
    if value.is_undefined() {
        return if expression.known { What::Absent } else { What::Undefined };
    }
    if value.is_none() {
        return What::Absent;
    }
    let Some(path) = &expression.bare else { return What::Computed(value) };
    let found = finder.look_up(state, path).filter(|place| same_scalar(place, &value));
    let candidate = || finder.candidate(expression.paths.first()?, &value);
    found.or_else(candidate).map_or(What::Computed(value), What::Place)
}

fn fragment(value: &Jinja) -> What {
    What::Fragment(value.to_str().unwrap_or_else(|| Arc::from("")))
}

fn push(state: &mut State, limits: &Limits, slot: Slot) -> Result<usize, Error> {
    let printed = state.get_or_insert_extension_with(Prints::default);
    if printed.slots.len() >= limits.of(Limit::Prints) {
        let most = limits.said(Limit::Prints);
        return Err(beyond(Limit::Prints, format!("more than {most} values printed")));
    }
    if let What::Computed(value) = &slot.what {
        printed.bytes += value.as_str().map_or(0, str::len);
        check_output(printed.bytes, limits)?;
    }
    printed.slots.push(slot);
    Ok(printed.slots.len() - 1)
}

fn values_of(state: &State) -> Option<Place> {
    state.lookup("values").and_then(|values| values.downcast_object_ref::<Place>().cloned())
}

/// Finds the node behind a path: numbers and booleans do not remember theirs.
struct Finder<'f> {
    facts: &'f Facts,
    template: usize,
    values: Option<&'f Place>,
}

impl Finder<'_> {
    /// The node behind a path of an expression that computes something.
    fn find(&self, state: &State, reading: &Reading) -> Option<Place> {
        self.look_up(state, &reading.path).or_else(|| self.likely(state, reading))
    }

    /// By walking from the variable as it is at this moment.
    fn look_up(&self, state: &State, path: &PathExpr) -> Option<Place> {
        let root = state.lookup(&path.root)?;
        let Some(mut place) = root.downcast_object_ref::<Place>().cloned() else {
            return self.string(root, path);
        };
        for step in &path.steps {
            place = match step {
                Step::Key(key, ..) => place.child(key)?,
                Step::Index(index) => place.item(*index)?,
                Step::Dynamic => return None,
            };
        }
        Some(place).filter(Place::is_set)
    }

    /// A string remembers its node, also in a loop and inside of what an expression made.
    fn string(&self, mut value: Jinja, path: &PathExpr) -> Option<Place> {
        for step in &path.steps {
            value = match step {
                Step::Key(key, ..) => value.get_attr(key).ok()?,
                Step::Index(index) => value.get_item_by_index(*index).ok()?,
                Step::Dynamic => return None,
            };
        }
        self.values?.of_text(value.as_str()?)
    }

    /// Every place that a path may mean.
    fn places(&self, reading: &Reading) -> Option<Vec<Place>> {
        let ways = reading.ways.get_or_init(|| self.facts.aliases.ways(self.template, &reading.path));
        Some(follow(ways, self.values?))
    }

    /// By what the variable may stand for: the one node that has this value.
    fn candidate(&self, reading: &Reading, value: &Jinja) -> Option<Place> {
        self.places(reading)?.into_iter().find(|place| same_scalar(place, value))
    }

    /// By what the variable may stand for: the only such node, or the one that has the variable's present value.
    fn likely(&self, state: &State, reading: &Reading) -> Option<Place> {
        let places = self.places(reading)?;
        if let [only] = places.as_slice() {
            return Some(only.clone()).filter(Place::is_set);
        }
        let value = value_at(state, &reading.path)?;
        places.into_iter().find(|place| same_scalar(place, &value))
    }
}

/// What a path stands for at this moment.
fn value_at(state: &State, path: &PathExpr) -> Option<Jinja> {
    path.steps.iter().try_fold(state.lookup(&path.root)?, |value, step| match step {
        Step::Key(key, ..) => value.get_attr(key).ok(),
        Step::Index(index) => value.get_item_by_index(*index).ok(),
        Step::Dynamic => None,
    })
}

/// Whether a place holds this very scalar.
fn same_scalar(place: &Place, value: &Jinja) -> bool {
    place.is_set() && place.to_jinja().is_some_and(|held| held.kind() == value.kind() && held == *value)
}

/// Whether a value counts as not set for `default`, `is defined` and their like.
pub(super) fn counts_as_undefined(value: &Jinja) -> bool {
    value.is_undefined() || is_unset(value)
}
