//! The findings of the check, in words, with what the author most likely meant.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::yaml::WantRef;

/// A key that the values schema does not have (T002); `parent` is the path of the map, as the template writes it.
pub(super) fn unknown_key(parent: &str, key: &str, span: Span, want: WantRef<'_>) -> Diagnostic {
    let message = format!("the values schema has no `{parent}.{key}`");
    let finding = Diagnostic::error(Code::T002, message).at(span, "this key");
    let finding = finding.did_you_mean(key, want.known_keys());
    finding.help("add the key to the values schema, or correct the path")
}

/// A key of `release`, `chart` or `kube` that there is not (T009).
pub(super) fn unknown_global_key(
    parent: &str,
    key: &str,
    span: Span,
    keys: &'static [&'static str],
) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("`{parent}` has no `{key}`")).at(span, "this name");
    let all = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    finding.did_you_mean(key, keys.iter().copied()).help(format!("it has {all}"))
}

/// A variable that nothing sets (T009). `is_setting` tells whether it is a key at the top of the values, which authors who come
/// from other engines write without `values.`.
pub(super) fn unknown_variable(
    name: &str,
    span: Span,
    known: &BTreeSet<&str>,
    is_setting: bool,
) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("nothing is called `{name}` here"));
    let finding = finding.at(span, "this name").did_you_mean(name, known.iter().copied());
    if is_setting {
        finding.help(format!("settings are below `values`: write `values.{name}`"))
    } else {
        finding
    }
}

/// A function, filter or test (`what`) that the engine does not have (T009).
pub(super) fn unknown_builtin(known: &[&'static str], name: &str, what: &str, span: Span) -> Diagnostic {
    let help = match name {
        "toYaml" | "nindent" | "indent" | "quote" | "squote" | "tojson" | "toJson" | "safe" | "escape"
        | "e" => {
            "values are bound, not pasted: leave it out, the value keeps its type and needs no quotes or indentation"
        }
        "include" | "tpl" | "lookup" | "required" | "printf" => {
            "Helm's functions are not here: macros, `~`, and the values schema take their place"
        }
        _ => "docs/templates.md lists what there is",
    };
    let finding = Diagnostic::error(Code::T009, format!("there is no {what} `{name}`"));
    finding.at(span, "in this expression").did_you_mean(name, known.iter().copied()).help(help)
}

/// An import of a template that the chart does not have (T009).
pub(super) fn unknown_template<'n>(
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("the chart has no template `{name}`"));
    finding
        .at(span, "this import")
        .did_you_mean(name, known)
        .help("imports name files below the chart's `templates/`, or the library's files below `plimsoll/`")
}

/// A macro that the imported template does not have (T009).
pub(super) fn unknown_macro(module: &str, name: &str, span: Span, known: &BTreeSet<String>) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("`{module}` has no macro `{name}`"));
    let finding = finding.at(span, "this name").did_you_mean(name, known.iter().map(String::as_str));
    finding.help("define it there with `{% macro … %}`")
}

/// The text of a macro or a set block inside a larger expression (T005).
pub(super) fn fragment_as_value(span: Span) -> Diagnostic {
    let message = "a macro's text is used as a value";
    let finding = Diagnostic::error(Code::T005, message).at(span, "this is YAML text, not a value");
    let help = "let it stand alone as `{{ … }}`; a value that is needed in several places is made by an expression: `{% set name = … %}`";
    finding.help(help)
}

/// `{% filter %}` and `{% autoescape %}` (T005).
pub(super) fn block_on_text(what: &str, span: Span) -> Diagnostic {
    let message = format!("`{{% {what} %}}` works on text, and values are bound");
    let finding = Diagnostic::error(Code::T005, message).at(span, "this block");
    finding.help("apply filters to values, inside `{{ … }}`")
}
