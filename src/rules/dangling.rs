//! References that lead nowhere: what the rules about them have in common.

use std::collections::BTreeMap;

use super::references::{Reference, To};
use super::{Finding, ObjectSet, Report};
use crate::diagnostic::nearest;

/// Reports every reference of one sort to an object that is neither in the set nor known to be elsewhere. Who names it more
/// than once hears of it once.
pub(super) fn report_dangling(set: &ObjectSet<'_>, report: &mut Report, to: To) {
    let mut places: BTreeMap<(usize, &str, &str), usize> = BTreeMap::new();
    let mut first: Vec<Reference<'_>> = Vec::new();
    for reference in set.references().to(set, to).filter(|reference| is_dangling(set, reference)) {
        let times = places.entry(key(&reference)).or_default();
        *times += 1;
        first.extend((*times == 1).then_some(reference));
    }
    for reference in first {
        let times = places.get(&key(&reference)).copied().unwrap_or_default();
        report.add(finding(set, &reference, times));
    }
}

fn key<'s>(reference: &Reference<'s>) -> (usize, &'s str, &'s str) {
    (reference.subject.index, reference.kind, reference.name)
}

/// Whether nothing says that the object exists.
pub(super) fn is_dangling(set: &ObjectSet<'_>, reference: &Reference<'_>) -> bool {
    if reference.is_optional() || reference.target(set).is_some() {
        return false;
    }
    // What another namespace holds is known only if the set fills it.
    let namespace = reference.namespace();
    if reference.is_elsewhere() && (reference.subject.namespace().is_some() || !set.fills(namespace)) {
        return false;
    }
    !set.is_external((reference.kind, namespace, reference.name), reference.written())
}

fn finding(set: &ObjectSet<'_>, reference: &Reference<'_>, times: usize) -> Finding {
    let Reference { kind, name, subject, .. } = *reference;
    let mut finding = Finding::new(&subject, reference.path(), format!("there is no {kind} `{name}`"));
    if times > 1 {
        finding = finding.note(format!("it is named in {times} places of this object"));
    }
    let other = set.of_kind(kind).find(|other| other.name() == name).and_then(|other| other.namespace());
    if let Some(namespace) = other {
        finding = finding.note(format!("the namespace `{namespace}` has one"));
    }
    finding.help(match nearest(name, set.names(kind, reference.namespace())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "add it, or say in `plimsoll.yaml` who makes it: `external: [{{kind: {kind}, name: {name}, reason: …}}]`"
        ),
    })
}
