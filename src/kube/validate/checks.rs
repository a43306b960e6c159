//! Holds an object against one fact, and words what is wrong.

use std::collections::BTreeMap;

use super::facts::{Amount, Check, Condition, Fact, From, List, Order, Path, Word};
use super::forms::Form;
use super::functions;
use super::place::{Place, Step, finding, is_absent, scalar_text};
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::Availability;
use crate::yaml::{Node, Value};

/// Whether a fact counts for an object.
pub(super) fn counts(place: Place<'_>, fact: &Fact) -> bool {
    if fact.versions == Availability::ALWAYS && fact.conditions.items().is_empty() {
        return true;
    }
    // A fact that one of the versions asks counts, as the document has to fit all of them.
    let asked = place.context.versions.lacking(fact.versions).len();
    let (oldest, newest) = place.context.versions.minors();
    asked <= usize::from(newest - oldest) && place.meets(fact.conditions)
}

/// Holds an object against a fact, and reports what is wrong.
pub(super) fn hold(place: Place<'_>, fact: &Fact) {
    if !counts(place, fact) {
        return;
    }
    match &fact.check {
        Check::Required => hold_required(place, fact),
        // The strict check asks for it.
        Check::Optional => {}
        Check::RequiredWithin(inner) => hold_required_within(place, fact, inner.text()),
        Check::Filled => hold_filled(place, fact),
        Check::Alone(item) => hold_alone(place, fact, item.text()),
        // The walk goes into what is not there.
        Check::Implied => {}
        Check::NonEmpty => hold_non_empty(place, fact),
        Check::Forbidden => hold_forbidden(place, fact),
        Check::In(allowed) => each_scalar(place, fact, |text| not_in(fact, text, *allowed)),
        Check::NotIn(refused) => each_scalar(place, fact, |text| {
            refused.has(text).then(|| {
                finding(Code::K004, format!("`{}` cannot be `{text}` here{}", fact.field(), because(fact)))
                    .help("choose another value")
            })
        }),
        Check::Range(low, high) => each_scalar(place, fact, |text| out_of_range(fact, text, *low, *high)),
        Check::Quantity(amount) => each_scalar(place, fact, |text| wrong_amount(fact, text, *amount)),
        Check::Form(form) => each_scalar(place, fact, |text| malformed(fact, text, *form)),
        Check::KeyForm(form) => hold_keys(place, fact, *form),
        Check::MaxLength(most) => each_scalar(place, fact, |text| {
            (text.len() > *most).then(|| {
                let message = format!("`{}` has {} bytes, and may have {most}", fact.field(), text.len());
                finding(Code::K014, message).help("shorten it")
            })
        }),
        Check::MaxItems(most) => hold_max_items(place, fact, *most),
        Check::ExactlyOne(fields) => hold_choice(place, fact, *fields, true, true),
        Check::AtLeastOne(fields) => hold_choice(place, fact, *fields, true, false),
        Check::AtMostOne(fields) => hold_choice(place, fact, *fields, false, true),
        Check::Unique(keys) => hold_unique(place, fact, *keys),
        Check::Names(paths) => hold_names(place, fact, paths.items()),
        Check::Compare(order, path, default) => hold_order(place, fact, *order, path, *default),
        Check::Call(function) => functions::call(*function, place, fact),
    }
}

/// Reports for each scalar of the field what the check says of it: the scalar itself, or those of a list or a map.
fn each_scalar(place: Place<'_>, fact: &Fact, check: impl Fn(&str) -> Option<Diagnostic>) {
    let Some(node) = place.field(fact.field()) else { return };
    match &node.value {
        Value::Scalar(scalar) => {
            if let Some(finding) = check(&scalar.text) {
                place.report(fact, fact.field(), finding);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                // Null among items is an empty text to the server.
                let text = if item.is_null() { Some("") } else { scalar_text(item) };
                if let Some(finding) = text.and_then(&check) {
                    place.report_item(fact, fact.field(), index, "", finding);
                }
            }
        }
        Value::Map(map) => {
            for (key, entry) in map {
                if let Some(finding) = scalar_text(&entry.node).and_then(&check) {
                    place.report_entry(fact, fact.field(), key, false, finding);
                }
            }
        }
    }
}

fn hold_required(place: Place<'_>, fact: &Fact) {
    if place.field(fact.field()).is_some() || place.may_be_filled_in() || place.is_misspelt(fact.field()) {
        return;
    }
    // The table knows of some fields that they are required: of these, the strict check has reported what is missing.
    let written = place.node.as_map().is_some_and(|map| map.contains_key(fact.field()));
    let what = if written { "is empty" } else { "is missing" };
    let message = format!("`{}` {what}{}", fact.field(), because(fact));
    let help = format!("add `{}`: the API server demands it", fact.field());
    place.report(fact, fact.field(), finding(Code::K002, message).help(help));
}

/// Reports the field that a missing object lacks, under the path of that field.
fn hold_required_within(place: Place<'_>, fact: &Fact, inner: &str) {
    let written = place.node.as_map().is_some_and(|map| map.contains_key(fact.field()));
    if place.field(fact.field()).is_some() || (!written && place.is_required_by_table(fact.field())) {
        return;
    }
    let message = format!("`{}.{inner}` is missing{}", fact.field(), because(fact));
    let help = format!("add `{}` with `{inner}`: the API server demands it", fact.field());
    let steps = [Step::Key(fact.field()), Step::Key(inner)];
    place.report_below(fact, &steps, finding(Code::K002, message).help(help));
}

/// Reports an empty text, where the server tells it from nothing at all.
fn hold_filled(place: Place<'_>, fact: &Fact) {
    let Some(node) = place.node.get(fact.field()) else { return };
    let is_blank = |node: &Node| !node.is_null() && scalar_text(node).is_some_and(str::is_empty);
    if is_blank(node) {
        let message = format!("`{}` is empty{}", fact.field(), because(fact));
        place.report(fact, fact.field(), finding(Code::K002, message).help("leave it out, or write a value"));
    }
    for (index, item) in node.as_list().unwrap_or(&[]).iter().enumerate() {
        if is_blank(item) {
            let message = format!("`{}[{index}]` is empty", fact.field());
            let finding = finding(Code::K002, message).help("remove it, or write a value");
            place.report_item(fact, fact.field(), index, "", finding);
        }
    }
}

/// Reports an item that stands for all others, beside others.
fn hold_alone(place: Place<'_>, fact: &Fact, item: &str) {
    let items = place.items(fact.field());
    if items.len() > 1 && items.iter().any(|node| scalar_text(node) == Some(item)) {
        let message = format!("`{}` has `{item}` and other items", fact.field());
        let help = format!("keep `{item}` alone, or remove it");
        place.report(fact, fact.field(), finding(Code::K015, message).help(help));
    }
}

fn hold_non_empty(place: Place<'_>, fact: &Fact) {
    if place.may_be_filled_in() {
        return;
    }
    let empty = match place.field(fact.field()) {
        None => !place.is_required_by_table(fact.field()),
        Some(node) => node.as_map().is_some_and(|map| map.is_empty()),
    };
    if empty {
        let message = format!("`{}` is empty{}", fact.field(), because(fact));
        place.report(fact, fact.field(), finding(Code::K002, message).help("add an entry"));
    }
}

fn hold_forbidden(place: Place<'_>, fact: &Fact) {
    if place.field(fact.field()).is_some() {
        let message = format!("`{}` cannot stand here{}", fact.field(), because(fact));
        place.report(fact, fact.field(), finding(Code::K015, message).help("remove it"));
    }
}

fn not_in(fact: &Fact, text: &str, allowed: List<Word>) -> Option<Diagnostic> {
    if allowed.has(text) {
        return None;
    }
    let message = format!("`{}` has a value that is not allowed{}", fact.field(), because(fact));
    let listed: Vec<String> = allowed.texts().map(|word| format!("`{word}`")).collect();
    let finding = finding(Code::K004, message).did_you_mean(text, allowed.texts());
    Some(finding.help(match &listed[..] {
        [only] => format!("only {only} is allowed"),
        _ => format!("the allowed values are {}", listed.join(", ")),
    }))
}

fn out_of_range(fact: &Fact, text: &str, low: i64, high: i64) -> Option<Diagnostic> {
    // What is no integer (a percentage, a name) is not in a range.
    let value: i64 = text.parse().ok()?;
    if (low..=high).contains(&value) {
        return None;
    }
    let (bound, help) = match (low, high) {
        (low, i64::MAX) => (format!("at least {low}"), format!("{low} or more is allowed")),
        (i64::MIN, high) => (format!("at most {high}"), format!("{high} or less is allowed")),
        (low, high) if low == high => (low.to_string(), format!("only {low} is allowed")),
        (low, high) => (format!("from {low} to {high}"), format!("{low} to {high} is allowed")),
    };
    let message = format!("`{}` must be {bound}, and is {value}{}", fact.field(), because(fact));
    Some(finding(Code::K014, message).help(help))
}

fn wrong_amount(fact: &Fact, text: &str, amount: Amount) -> Option<Diagnostic> {
    let negative = text.starts_with('-') && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let zero = !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let must_be = match amount {
        _ if negative => "zero or more",
        Amount::Positive if zero => "more than zero",
        _ => return None,
    };
    let message = format!("`{}` must be {must_be}{}", fact.field(), because(fact));
    Some(finding(Code::K014, message).help("write another amount"))
}

fn malformed(fact: &Fact, text: &str, form: Form) -> Option<Diagnostic> {
    let must_be = form.violation(text)?;
    let message = format!("`{}` must be {must_be}{}", fact.field(), because(fact));
    Some(finding(Code::K005, message).help(form.advice()))
}

fn hold_keys(place: Place<'_>, fact: &Fact, form: Form) {
    let Some(map) = place.field(fact.field()).and_then(Node::as_map) else { return };
    for key in map.keys() {
        if let Some(must_be) = form.violation(key) {
            let message = format!("the key `{key}` is not allowed in `{}`", fact.field());
            let finding = finding(Code::K005, message).help(format!("it must be {must_be}"));
            place.report_entry(fact, fact.field(), key, true, finding);
        }
    }
}

fn hold_max_items(place: Place<'_>, fact: &Fact, most: usize) {
    let count = match place.field(fact.field()).map(|node| &node.value) {
        Some(Value::List(items)) => items.len(),
        Some(Value::Map(map)) => map.len(),
        _ => return,
    };
    if count > most {
        let message = format!("`{}` has {count} entries, and may have {most}", fact.field());
        place.report(fact, fact.field(), finding(Code::K014, message).help("remove some"));
    }
}

/// Holds an object, or the object in a field of it, against a choice of fields.
fn hold_choice(place: Place<'_>, fact: &Fact, fields: List<Word>, needed: bool, exclusive: bool) {
    let object = if fact.field().is_empty() { Some(place.node) } else { place.field(fact.field()) };
    let Some(map) = object.and_then(Node::as_map) else { return };
    let is_set = |field: &&str| map.get(field).is_some_and(|entry| !is_absent(&entry.node));
    let set: Vec<&str> = fields.texts().filter(is_set).collect();
    let listed = || fields.texts().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
    match set[..] {
        // A misspelt one of them was reported, and is the one that is missing.
        [] if fact.field().is_empty() && fields.texts().any(|field| place.is_misspelt(field)) => {}
        [] if needed && !place.may_be_filled_in() => {
            let message = format!("one of {} is missing{}", listed(), because(fact));
            let count = if exclusive { "one" } else { "at least one" };
            place.report(
                fact,
                fact.field(),
                finding(Code::K013, message).help(format!("add {count} of them")),
            );
        }
        [first, ref others @ ..] if exclusive && !others.is_empty() => {
            for second in others {
                let message = format!("`{second}` cannot stand beside `{first}`{}", because(fact));
                let finding = finding(Code::K013, message).help(format!("keep one of {}", listed()));
                place.report(fact, second, finding);
            }
        }
        _ => {}
    }
}

fn hold_unique(place: Place<'_>, fact: &Fact, keys: List<Word>) {
    let mut seen: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for (index, item) in place.items(fact.field()).iter().enumerate() {
        let key: Option<Vec<&str>> = if keys.items().is_empty() {
            scalar_text(item).map(|text| vec![text])
        } else {
            keys.texts()
                .map(|key| match item.get(key) {
                    Some(node) => scalar_text(node),
                    // A port without a protocol is one of TCP.
                    None => Some(if key == "protocol" { "TCP" } else { "" }),
                })
                .collect()
        };
        let Some(key) = key.filter(|key| key.iter().any(|part| !part.is_empty())) else { continue };
        match seen.get(&key) {
            // The strict check compares the items of some lists by the same keys.
            Some(_) if place.is_item_refused(fact.field(), index) => {}
            Some(first) => {
                let what = if keys.items().is_empty() {
                    "is the same as".to_owned()
                } else {
                    format!(
                        "has the same {} as",
                        keys.texts().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ")
                    )
                };
                let message = format!("`{0}[{index}]` {what} `{0}[{first}]`", fact.field());
                let field = keys.texts().next().unwrap_or("");
                let finding = finding(Code::K006, message).help("remove one of them, or change it");
                place.report_item(fact, fact.field(), index, field, finding);
            }
            None => {
                seen.insert(key, index);
            }
        }
    }
}

fn hold_names(place: Place<'_>, fact: &Fact, paths: &[Path]) {
    let known: Vec<&str> =
        paths.iter().flat_map(|path| place.values_at(path)).filter_map(scalar_text).collect();
    let Some(path) = paths.first() else { return };
    each_scalar(place, fact, |text| {
        if known.contains(&text) {
            return None;
        }
        let message = format!("nothing in `{}` is called `{text}`", path.keys.join("."));
        let finding = finding(Code::K016, message).did_you_mean(text, known.iter().copied());
        Some(finding.help("name one that is there, or add it"))
    });
}

fn hold_order(place: Place<'_>, fact: &Fact, order: Order, path: &Path, default: Option<i64>) {
    let Some(value) = place.integer(fact.field()) else { return };
    let other = match place.values_at(path)[..] {
        [] => default,
        [node, ..] => node.as_i64(),
    };
    let Some(other) = other else { return };
    let (fits, must_be) = match order {
        Order::AtLeast => (value >= other, "at least"),
        Order::AtMost => (value <= other, "at most"),
        Order::Above => (value > other, "more than"),
    };
    if !fits {
        let name = path.keys.join(".");
        let message =
            format!("`{}` must be {must_be} `{name}`: it is {value}, and that is {other}", fact.field());
        let finding = finding(Code::K015, message).help(format!("change `{}` or `{name}`", fact.field()));
        place.report(fact, fact.field(), finding);
    }
}

/// The conditions of a fact as the end of a sentence: ` where `type` is `ClusterIP``.
fn because(fact: &Fact) -> String {
    let mut parts = Vec::new();
    // What the message says of the field itself needs no reason.
    let of_itself = |path: &Path| matches!(path.from, From::Level(0)) && path.keys.texts().eq([fact.field()]);
    for condition in fact.conditions.items() {
        match condition {
            Condition::When(path, _) | Condition::Unless(path, _) if of_itself(path) => {}
            Condition::When(path, values) => parts.push(format!("{} is {}", shown(path), either(*values))),
            Condition::Unless(path, values) => {
                parts.push(format!("{} is not {}", shown(path), either(*values)))
            }
            Condition::Under(_) | Condition::Outside(_) => {}
        }
    }
    if parts.is_empty() { String::new() } else { format!(" where {}", parts.join(" and ")) }
}

fn shown(path: &Path) -> String {
    match path.from {
        From::Level(_) | From::Ancestor(_) => format!("`{}`", path.keys.join(".")),
    }
}

fn either(values: List<Word>) -> String {
    let words: Vec<String> = values
        .texts()
        .map(|value| match value {
            "absent" => "not set".to_owned(),
            "present" => "set".to_owned(),
            other => format!("`{other}`"),
        })
        .collect();
    words.join(" or ")
}
