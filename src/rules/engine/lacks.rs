//! What one container lacks by several rules, told in one finding: five rules of practice would otherwise speak of each
//! container of an unprepared repository.

use std::collections::BTreeMap;

use crate::diagnostic::{self, Code, Diagnostic, Lack};
use crate::session::Session;
use crate::source::Span;

/// Joins the findings since `first` that are about what one container lacks, at the place of the first of them and under
/// its code. To be called when levels and suppressions were applied: each rule keeps its own.
pub(super) fn join(session: &Session, first: usize) {
    let mut told: BTreeMap<Container, Vec<Told>> = BTreeMap::new();
    session.reword_since(first, |finding| {
        if let (Some(container), Some(lack)) = (Container::of(&finding), &finding.lack) {
            let rule = finding.name.unwrap_or(finding.code.id);
            told.entry(container).or_default().push(Told { rule, code: finding.code, lack: lack.clone() });
        }
        Some(finding)
    });
    told.retain(|_, lacks| lacks.len() > 1);
    session.reword_since(first, |finding| {
        let Some(container) = Container::of(&finding) else { return Some(finding) };
        match told.get_mut(&container) {
            None => Some(finding),
            // The first of them takes all, and nothing is left of the others.
            Some(lacks) if !lacks.is_empty() => Some(joined(finding, &std::mem::take(lacks))),
            Some(_) => None,
        }
    });
}

/// A lack, and the rule that tells it.
struct Told {
    rule: &'static str,
    code: Code,
    lack: Box<Lack>,
}

/// The container that a finding is about: an error is never hidden in a warning.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Container {
    is_error: bool,
    place: Span,
    name: String,
}

impl Container {
    fn of(finding: &Diagnostic) -> Option<Container> {
        let lack = finding.lack.as_ref()?;
        let place = lack.labels.iter().find(|label| label.primary)?.span;
        let is_error = finding.level == diagnostic::Level::Error;
        Some(Container { is_error, place, name: lack.container.clone() })
    }
}

/// The one finding; `first` is that of the first rule.
fn joined(first: Diagnostic, lacks: &[Told]) -> Diagnostic {
    let listed = |part: fn(&Told) -> &'static str| {
        let parts: Vec<&str> = lacks.iter().map(part).collect();
        match parts.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => parts.concat(),
        }
    };
    let rules: Vec<String> = lacks.iter().map(|told| format!("`{}` ({})", told.rule, told.code)).collect();
    let Some(own) = first.lack.clone() else { return first };
    let names = lacks.iter().map(|told| told.rule).collect();
    Diagnostic {
        message: format!("the container `{}` lacks {}", own.container, listed(|told| told.lack.what)),
        labels: own.labels.clone(),
        notes: vec![format!("the rules are {}", rules.join(", "))],
        help: vec![format!("set {}", listed(|told| told.lack.set))],
        patch: None,
        lack: Some(Box::new(Lack { rules: names, ..*own })),
        ..first
    }
}
