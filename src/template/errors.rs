//! minijinja's errors: as findings at the template's own text, and with the limit that was reached.
//!
//! The engine speaks of the *instrumented* text that it compiled, and its messages may quote values. So a finding needs
//! two things from the caller, which [`ErrorContext`] holds: the offset in the template as its author wrote it, and the
//! secrets that must not be quoted.
//!
//! | the engine's error | code |
//! |---|---|
//! | syntax | T001 |
//! | an undefined value is used | T003 |
//! | a filter, a test, a function, a method or a template that there is not | T009 |
//! | out of fuel, a limit of ours, recursion without end | T008 |
//! | anything else that goes wrong in an expression | T004 |
//!
//! The engine says some of this in the words of its messages alone. Where they are read (the path of an undefined
//! value, the recursion limit), a version with other words gives a finding that is less exact, and `tests/spec/` fails.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use minijinja::{Error, ErrorKind};

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::limits::{Limit, Limits};
use crate::secrets::SecretTexts;
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Node, Wants};

/// What to do about an expression without a value (T003).
pub(crate) const SET_IT: &str =
    "set it, test it with `is defined`, or give it a default: `{{ … | default(…) }}`";

/// What to do about a template that makes too much (T008).
pub(crate) const LOOK_FOR_A_LOOP: &str = "look for a loop that is longer than meant";

/// What is needed to turn an engine's error into a finding.
pub(crate) struct ErrorContext<'c> {
    /// The limits of the run: a message names the number, and the flag that raises it.
    pub(crate) limits: &'c Limits,
    /// The span of a range of bytes in the compiled text of the template with this name.
    pub(crate) locate: &'c dyn Fn(&str, Range<usize>) -> Option<Span>,
    /// Texts that no message may quote.
    pub(crate) secrets: &'c SecretTexts,
}

/// A template that failed.
pub(crate) struct Failure<'e> {
    /// The template's name.
    pub(crate) template: &'e str,
    /// What the engine says.
    pub(crate) error: &'e Error,
    /// The `null` that took away what an expression speaks of, of those settings that the template has read.
    pub(crate) removed: &'e dyn Fn(&str) -> Option<Span>,
    /// The `null` of the removed setting that it has read last.
    pub(crate) removed_last: Option<Span>,
}

impl ErrorContext<'_> {
    /// The findings of several templates. Templates that fail of the same, in a library that
    /// they share, have one finding, with a note that names the others; it is where the first of them failed.
    pub(crate) fn findings<'e>(
        &self,
        session: &Session,
        failures: impl Iterator<Item = Failure<'e>>,
    ) -> Vec<Diagnostic> {
        // A library that twenty templates import would fail twenty times.
        let mut found: Vec<Diagnostic> = Vec::new();
        // By position in `found`: the names of the other templates that fail of the same.
        let mut others: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for failure in failures {
            let finding = due_to_removal(session, &failure, self.finding(failure.error));
            match found.iter().position(|known| is_same_failure(known, &finding)) {
                Some(known) => others.entry(known).or_default().push(format!("`{}`", failure.template)),
                None => found.push(finding),
            }
        }
        let mut noted = Vec::with_capacity(found.len());
        for (position, finding) in found.into_iter().enumerate() {
            noted.push(match others.get(&position) {
                None => finding,
                Some(names) => {
                    let verb = if names.len() == 1 { "fails" } else { "fail" };
                    finding.note(format!("{} {verb} of the same", names.join(", ")))
                }
            });
        }
        noted
    }

    /// One error as a finding. The engine wraps an error once for each macro or include on the way to it; the innermost
    /// error has the message and the primary place, the outer ones say where it was used.
    pub(crate) fn finding(&self, error: &Error) -> Diagnostic {
        let mut innermost = error;
        let mut places = Vec::new();
        for error in causes(error) {
            innermost = error;
            // An error without a range is one of the template as a whole: it is shown at its beginning.
            let range = error.range().unwrap_or(0..0);
            places.extend(error.name().and_then(|name| (self.locate)(name, range)));
        }
        let mut finding = self.without_place(innermost);
        if let Some(primary) = places.pop() {
            finding = finding.at(primary, "here");
        }
        places.into_iter().fold(finding, |finding, span| finding.also(span, "which is used here"))
    }

    /// The finding about an error, without the place.
    fn without_place(&self, error: &Error) -> Diagnostic {
        if error.kind() == ErrorKind::OutOfFuel {
            let what = error.detail().unwrap_or("its instructions are used up");
            let message = format!("the template does too much work: {what}");
            let help = self.limits.help(limit_behind(error), LOOK_FOR_A_LOOP);
            return Diagnostic::error(Code::T008, message).help(help);
        }
        let (code, message, help) =
            code_and_words(error.kind(), error.detail().map(|detail| self.secrets.redact(detail)));
        Diagnostic::error(code, message).help(help)
    }
}

/// An error and those that it wraps, the outermost first.
fn causes(error: &Error) -> impl Iterator<Item = &Error> {
    std::iter::successors(Some(error), |&error| std::error::Error::source(error)?.downcast_ref())
}

/// Whether two findings say the same of the same place, whatever led there.
fn is_same_failure(one: &Diagnostic, other: &Diagnostic) -> bool {
    let is_same_text = one.code == other.code && one.message == other.message;
    is_same_text && one.primary() == other.primary() && one.removed == other.removed
}

/// The finding with the `null` that it is due to, if an expression failed for want of a value that was taken away. Where
/// that is only likely, the `null` is another place that matters.
fn due_to_removal(session: &Session, failure: &Failure<'_>, finding: Diagnostic) -> Diagnostic {
    if finding.code != Code::T003 && finding.code != Code::T004 {
        return finding;
    }
    let detail = causes(failure.error).last().and_then(Error::detail);
    let removed = match (detail.and_then(undefined_path), finding.primary()) {
        (Some(path), _) => (failure.removed)(path),
        (None, Some(label)) => (failure.removed)(&session.text(label.span)),
        (None, None) => None,
    };
    match removed {
        Some(_) => finding.due_to(removed),
        None => finding.also_if(failure.removed_last, "this may be needed, and is taken away here"),
    }
}

/// The code, the message and the help for an error, by its kind and by what the engine says of it.
fn code_and_words(kind: ErrorKind, detail: Option<String>) -> (Code, String, &'static str) {
    // First, as it says more than the kind: whatever failed, it failed because of this.
    if let Some(path) = detail.as_deref().and_then(undefined_path) {
        let message = format!("`{path}` is not set, and this expression needs it");
        return (Code::T003, message, SET_IT);
    }
    // The engine has no kind of its own for its recursion limit.
    let recursed = detail.as_deref().is_some_and(|text| text.contains("recursion limit"));
    let method =
        if kind == ErrorKind::UnknownMethod { detail.as_deref().and_then(help_for_method) } else { None };
    let detail_or = |otherwise: &str| detail.unwrap_or_else(|| otherwise.to_owned());
    match kind {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            let message = format!("this is not a template: {}", detail_or("syntax error"));
            (Code::T001, message, "check the braces, the quotes and that every `{% … %}` has its end")
        }
        ErrorKind::UndefinedError => {
            let message = format!("an expression has no value: {}", detail_or("something in it is not set"));
            (Code::T003, message, SET_IT)
        }
        ErrorKind::CannotUnpack => {
            let message = "this loop takes several names, and an item is one value".to_owned();
            (
                Code::T004,
                message,
                "to go through the keys and values of a map, write `{% for key, value in map | items %}`",
            )
        }
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod => {
            let message = detail_or("an unknown name");
            let help = method.unwrap_or(
                "`plimsoll explain templates` lists the functions, filters and tests of templates",
            );
            (Code::T009, message, help)
        }
        ErrorKind::TemplateNotFound => {
            let message = detail_or("no such template");
            (Code::T009, message, "only templates of the same chart can be imported")
        }
        _ if recursed => {
            let message = "macros or includes call each other without end".to_owned();
            (Code::T008, message, "a macro must not call itself more than a few times")
        }
        _ => {
            let message = detail_or("the expression failed");
            (Code::T004, message, "correct the expression, or the value that it reads")
        }
    }
}

/// What takes the place of a method that values have in Python, by the engine's words for it.
fn help_for_method(detail: &str) -> Option<&'static str> {
    let (_, method) = detail.rsplit_once("method named ")?;
    Some(match method.trim_matches('`') {
        "items" | "values" => "values have no methods: `map | items` gives the keys and values of a map",
        "keys" => "values have no methods: `map | list` gives the keys of a map",
        "get" => {
            "values have no methods: write `map[\"key\"]`, and `| default(…)` for a key that may be missing"
        }
        "lower" | "upper" | "title" | "capitalize" | "replace" | "split" | "join" | "strip" | "format" => {
            "values have no methods: write a filter, such as `text | upper`, `text | replace(\"a\", \"b\")` or `text | trim`"
        }
        "startswith" | "endswith" => {
            "values have no methods: write a test, such as `text is startingwith(\"a\")`"
        }
        "append" | "update" | "extend" => {
            "values cannot be changed: put lists together with `+`, and maps with `merge(…)`"
        }
        _ => return None,
    })
}

/// The setting that is most like one that nobody set and that no schema knows, by the path in an expression:
/// `values.image.tag` for `values.image.tga`.
pub(crate) fn nearest_setting(values: &Node, wants: &Wants, expression: &str) -> Option<String> {
    let (mut node, mut want) = (values, Some(wants.root()));
    let mut path = "values".to_owned();
    for step in expression.trim().strip_prefix("values.")?.split('.') {
        let (below, is_named) = want.map_or((None, false), |want| want.look_up(step));
        want = below;
        let map = node.as_map()?;
        match map.get(step) {
            Some(entry) => node = &entry.node,
            // One that the schema knows is right, and is not set.
            None if is_named => return None,
            None => {
                let near = nearest(step, map.keys().map(|key| &**key))?;
                return Some(format!("{path}.{near}"));
            }
        }
        path = format!("{path}.{step}");
    }
    None
}

/// The path in the engine's words for an undefined operand: "… (`values.x` is undefined)". It says so in debug mode
/// alone, which is why the engine runs in that (`engine/program.rs`).
fn undefined_path(detail: &str) -> Option<&str> {
    let (before, _) = detail.split_once("` is undefined")?;
    before.rsplit_once('`').map(|(_, path)| path)
}

/// The limit that was reached, as the source of an engine's error, so that a finding can name the flag that raises it.
#[derive(Clone, Copy, Debug)]
struct LimitReached(Limit);

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.row().what)
    }
}

impl std::error::Error for LimitReached {}

/// The engine's error for an expression that goes beyond a limit. All limits share the kind of the engine's own one,
/// `OutOfFuel`, so that all of them become T008.
pub(crate) fn limit_error(limit: Limit, what: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::OutOfFuel, what).with_source(LimitReached(limit))
}

/// The limit behind an error; one without a source is the engine's own, whose instructions were used up.
fn limit_behind(error: &Error) -> Limit {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<LimitReached>());
    source.map_or(Limit::Fuel, |reached| reached.0)
}

/// Refuses a text of more bytes than an expression may make.
pub(crate) fn check_text_size(bytes: usize, limits: &Limits) -> Result<(), Error> {
    if bytes > limits.of(Limit::Text) {
        let most = limits.said(Limit::Text);
        return Err(limit_error(Limit::Text, format!("a text of more than {most}")));
    }
    Ok(())
}

/// Refuses more bytes than a template may print.
pub(crate) fn check_output_size(bytes: usize, limits: &Limits) -> Result<(), Error> {
    if bytes > limits.of(Limit::Output) {
        let most = limits.said(Limit::Output);
        return Err(limit_error(Limit::Output, format!("a template printed more than {most}")));
    }
    Ok(())
}
