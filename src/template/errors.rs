//! The engine's errors as findings at the template's own text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use minijinja::{Error, ErrorKind};

use super::limits::reached;
use super::value::NoNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::{Limit, Limits};
use crate::secrets::SecretTexts;
use crate::source::Span;

/// What the engine said of several templates, one finding each. Templates that fail of the same, in a library that they share,
/// have one finding, in the place of the first.
pub(super) fn findings<'e>(
    errors: impl Iterator<Item = (&'e str, &'e Error)>,
    limits: &Limits,
    place: &dyn Fn(&str, std::ops::Range<usize>) -> Option<Span>,
    secrets: &SecretTexts,
) -> Vec<Option<Diagnostic>> {
    let mut found: Vec<Option<Diagnostic>> = Vec::new();
    let mut others: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (template, error) in errors {
        let finding = finding(error, limits, place, secrets);
        let same = |known: &Option<Diagnostic>| known.as_ref().is_some_and(|known| is_same(known, &finding));
        if let Some(known) = found.iter().position(same) {
            others.entry(known).or_default().push(format!("`{template}`"));
            found.push(None);
        } else {
            found.push(Some(finding));
        }
    }
    for (position, names) in others {
        let verb = if names.len() == 1 { "fails" } else { "fail" };
        let note = format!("{} {verb} of the same", names.join(", "));
        found[position] = found[position].take().map(|finding| finding.note(note));
    }
    found
}

/// Whether two findings say the same of the same place, whatever led there.
fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.code == other.code && one.message == other.message && one.primary() == other.primary()
}

/// What the engine said, as a finding. `place` turns a template's name and a range of its compiled text into a span;
/// no secret is quoted.
pub(super) fn finding(
    error: &Error,
    limits: &Limits,
    place: &dyn Fn(&str, std::ops::Range<usize>) -> Option<Span>,
    secrets: &SecretTexts,
) -> Diagnostic {
    let innermost = innermost(error);
    let (code, message, help) = words(innermost, limits, secrets);
    let mut finding = Diagnostic::error(code, message).help(help);
    let mut chain = Vec::new();
    let mut current = Some(error);
    while let Some(error) = current {
        let range = error.range().unwrap_or(0..0);
        chain.extend(error.name().and_then(|name| place(name, range)));
        current = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Error>());
    }
    if let Some(last) = chain.pop() {
        finding = finding.at(last, "here");
    }
    chain.into_iter().fold(finding, |finding, span| finding.also(span, "which is used here"))
}

fn innermost(error: &Error) -> &Error {
    let mut current = error;
    while let Some(inner) =
        std::error::Error::source(current).and_then(|source| source.downcast_ref::<Error>())
    {
        current = inner;
    }
    current
}

fn words(error: &Error, limits: &Limits, secrets: &SecretTexts) -> (Code, String, Cow<'static, str>) {
    if error.kind() == ErrorKind::OutOfFuel {
        return too_much(error, limits);
    }
    let (code, message, help) = plain_words(error, secrets);
    (code, message, Cow::Borrowed(help))
}

/// A limit was reached.
fn too_much(error: &Error, limits: &Limits) -> (Code, String, Cow<'static, str>) {
    let what = error.detail().unwrap_or("its instructions are used up");
    let help = limits.help(reached(error), LOOK_FOR_A_LOOP);
    (Code::T008, format!("the template does too much work: {what}"), Cow::Owned(help))
}

/// What to do about a template that makes too much.
pub(super) const LOOK_FOR_A_LOOP: &str = "look for a loop that is longer than meant";

fn plain_words(error: &Error, secrets: &SecretTexts) -> (Code, String, &'static str) {
    let detail = error.detail().map(|detail| secrets.redact(detail));
    if let Some(path) = detail.as_deref().and_then(undefined_path) {
        let message = format!("`{path}` is not set, and this expression needs it");
        return (Code::T003, message, SET_IT);
    }
    let said = |otherwise: &str| detail.clone().unwrap_or_else(|| otherwise.to_owned());
    match error.kind() {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            let message = format!("this is not a template: {}", said("syntax error"));
            (Code::T001, message, "check the braces, the quotes and that every `{% … %}` has its end")
        }
        ErrorKind::UndefinedError => {
            let message = format!("an expression has no value: {}", said("something in it is not set"));
            (
                Code::T003,
                message,
                "set it, test it with `is defined`, or give it a default: `{{ … | default(…) }}`",
            )
        }
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod => {
            let message = said("an unknown name");
            (Code::T009, message, "docs/templates.md lists the functions, filters and tests of templates")
        }
        ErrorKind::TemplateNotFound => {
            (Code::T009, said("no such template"), "only templates of the same chart can be imported")
        }
        _ if detail.as_deref().is_some_and(|text| text.contains("recursion limit")) => {
            let message = "macros or includes call each other without end".to_owned();
            (Code::T008, message, "a macro must not call itself more than a few times")
        }
        _ => (Code::T004, said("the expression failed"), "mend the expression, or the value that it reads"),
    }
}

/// What to do about an expression without a value.
pub(super) const SET_IT: &str =
    "set it, test it with `is defined`, or give it a default: `{{ … | default(…) }}`";

/// The path in the engine's words for an undefined operand: "… (`values.x` is undefined)".
fn undefined_path(detail: &str) -> Option<&str> {
    let (before, _) = detail.split_once("` is undefined")?;
    before.rsplit_once('`').map(|(_, path)| path)
}

/// Why a computed value is no data, in words.
pub(super) fn no_node(reason: &NoNode, limits: &Limits) -> String {
    match reason {
        NoNode::Undefined => "a part of this value is not set".to_owned(),
        NoNode::NotData(what) => format!("this is no data: {what}"),
        NoNode::TooMuch(Limit::Levels) => {
            format!("a value nested more than {} levels deep", limits.said(Limit::Levels))
        }
        NoNode::TooMuch(limit) => format!("a value with more than {} items", limits.said(*limit)),
    }
}
