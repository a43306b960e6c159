//! Expressions of CEL in policies, webhooks and selectors of devices: whether they compile (K019).

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::cel::{Refusal, Scope, Type, check, parse};
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, scalar_text};
use crate::yaml::Node;

/// What is wrong with an expression, as a finding; none for one that compiles, or that is blank.
pub(super) fn expression_finding(text: &str, scope: &Scope<'_>, wanted: &Type<'_>) -> Option<Diagnostic> {
    if text.trim().is_empty() {
        return None;
    }
    let checked = parse(text).and_then(|expression| check(&expression, scope, wanted));
    let Refusal { offset, message, is_limit } = checked.err()?;
    if is_limit {
        return None;
    }
    let from: String = text.get(offset..).unwrap_or("").chars().take(20).collect();
    let help = match from.as_str() {
        "" => "correct its end".to_owned(),
        from => format!("correct it from `{from}` on"),
    };
    Some(finding(Code::K019, format!("the expression does not compile: {message}")).help(help))
}

/// The conditions of a webhook (`validateMatchConditionsExpression`).
pub(in crate::kube::validate) fn match_conditions(place: Place<'_>, fact: &Fact) {
    check_list(place, fact, fact.field(), "expression", &admission_scope(), &Type::Bool);
}

/// The expressions of a policy (`validateValidatingAdmissionPolicySpec`, `validateMutatingAdmissionPolicySpec`).
pub(in crate::kube::validate) fn policy_expressions(place: Place<'_>, fact: &Fact) {
    let mut scope = admission_scope();
    if place.field("paramKind").is_some() {
        scope = scope.with("params", Type::Dyn);
    }
    check_list(place, fact, "matchConditions", "expression", &scope, &Type::Bool);
    // Each variable sees those before it.
    let mut variables = Vec::new();
    for (index, variable) in place.items("variables").iter().enumerate() {
        let scope = scope.clone().with("variables", Type::Object(variables.clone()));
        check_one(place, fact, ("variables", index), (variable, "expression"), &scope, &Type::Dyn);
        if let Some(name) = variable.get("name").and_then(scalar_text) {
            variables.push((name, Type::Dyn));
        }
    }
    if !variables.is_empty() {
        scope = scope.with("variables", Type::Object(variables));
    }
    check_list(place, fact, "validations", "expression", &scope, &Type::Bool);
    check_list(place, fact, "validations", "messageExpression", &scope, &Type::Text);
    check_list(place, fact, "auditAnnotations", "valueExpression", &scope, &Type::Dyn);
    for (index, mutation) in place.items("mutations").iter().enumerate() {
        for key in ["jsonPatch", "applyConfiguration"] {
            let text = mutation.get(key).and_then(|inner| inner.get("expression")).and_then(scalar_text);
            if let Some(finding) = text.and_then(|text| expression_finding(text, &scope, &Type::Dyn)) {
                let steps =
                    [Step::Key("mutations"), Step::Index(index), Step::Key(key), Step::Key("expression")];
                place.report_below(fact, &steps, finding);
            }
        }
    }
}

/// The expression that selects devices (`validateCELExpression`).
pub(in crate::kube::validate) fn device_expression(place: Place<'_>, fact: &Fact) {
    let device = Type::Object(vec![
        ("driver", Type::Text),
        ("attributes", Type::Map(Box::new(Type::Dyn))),
        ("capacity", Type::Map(Box::new(Type::Dyn))),
        ("allowMultipleAllocations", Type::Bool),
    ]);
    let scope = Scope::default().with("device", device);
    let Some(text) = place.text(fact.field()) else { return };
    if let Some(finding) = expression_finding(text, &scope, &Type::Bool) {
        place.report(fact, fact.field(), finding);
    }
}

/// Checks the expression under a key of each item of a list.
fn check_list(place: Place<'_>, fact: &Fact, list: &str, key: &str, scope: &Scope<'_>, wanted: &Type<'_>) {
    for (index, item) in place.items(list).iter().enumerate() {
        check_one(place, fact, (list, index), (item, key), scope, wanted);
    }
}

fn check_one(
    place: Place<'_>,
    fact: &Fact,
    (list, index): (&str, usize),
    (item, key): (&Node, &str),
    scope: &Scope<'_>,
    wanted: &Type<'_>,
) {
    let text = item.get(key).filter(|node| !node.is_null()).and_then(scalar_text);
    if let Some(finding) = text.and_then(|text| expression_finding(text, scope, wanted)) {
        place.report_item(fact, list, index, key, finding);
    }
}

/// What every expression of admission sees (`BuildRequestType`, `mustBuildEnvs`).
fn admission_scope<'s>() -> Scope<'s> {
    let texts = |names: &[&'s str]| Type::Object(names.iter().map(|name| (*name, Type::Text)).collect());
    let kind = || texts(&["group", "version", "kind"]);
    let resource = || texts(&["group", "version", "resource"]);
    let user = Type::Object(vec![
        ("username", Type::Text),
        ("uid", Type::Text),
        ("groups", Type::List(Box::new(Type::Text))),
        ("extra", Type::Map(Box::new(Type::List(Box::new(Type::Text))))),
    ]);
    let request = Type::Object(vec![
        ("uid", Type::Text),
        ("kind", kind()),
        ("resource", resource()),
        ("subResource", Type::Text),
        ("requestKind", kind()),
        ("requestResource", resource()),
        ("requestSubResource", Type::Text),
        ("name", Type::Text),
        ("namespace", Type::Text),
        ("operation", Type::Text),
        ("userInfo", user),
        ("dryRun", Type::Bool),
        ("options", Type::Dyn),
    ]);
    Scope::default()
        .with("object", Type::Dyn)
        .with("oldObject", Type::Dyn)
        .with("namespaceObject", Type::Dyn)
        .with("authorizer", Type::Dyn)
        .with("request", request)
}
