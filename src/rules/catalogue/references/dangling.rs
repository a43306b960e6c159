//! References to objects that do not exist: what the rules about them have in common.
//!
//! A rule of this sort is one line of code, `report_dangling(set, report, Target::Secret)`. Which fields name a
//! Secret is a table (`facts/reference_fields.rs`), and which objects exist elsewhere is known to the set
//! ([`ObjectSet::is_known_elsewhere`]).

use std::collections::BTreeMap;

use crate::rules::engine::{Finding, Report};
use crate::rules::facts::{ObjectSet, Reference, Target};

/// Reports every reference of one sort to an object that is neither in the set nor known to be elsewhere. An object
/// that names it several times gets one finding.
pub(super) fn report_dangling(set: &ObjectSet<'_>, report: &mut Report, target: Target) {
    // By the object that names, and the kind and the name of what it names.
    let mut times: BTreeMap<(usize, &str, &str), usize> = BTreeMap::new();
    // The first of each, in the order of the references: the map alone would sort them by kind and name.
    let mut first: Vec<Reference<'_>> = Vec::new();
    for reference in set.references_to(target).filter(|reference| is_dangling(set, reference)) {
        let times = times.entry((reference.object.index, reference.kind, reference.name)).or_insert(0);
        *times += 1;
        if *times == 1 {
            first.push(reference);
        }
    }
    for reference in first {
        let times = times[&(reference.object.index, reference.kind, reference.name)];
        report.add(finding(set, &reference, times));
    }
}

/// Whether nothing says that the object exists.
fn is_dangling(set: &ObjectSet<'_>, reference: &Reference<'_>) -> bool {
    if reference.is_optional() || set.target_of(reference).is_some() {
        return false;
    }
    let namespace = reference.namespace();
    if reference.names_another_namespace() {
        // The set may hold a part of another namespace, or all of it. An object that has a namespace and names another
        // one is believed. An object without a namespace (a webhook) is not if the set fills the namespace that it
        // names.
        let may_be_elsewhere = reference.object.namespace().is_some() || !set.fills_namespace(namespace);
        if may_be_elsewhere {
            return false;
        }
    }
    !set.is_known_elsewhere(reference.kind, namespace, reference.name, reference.name_node())
}

/// The finding at a reference that leads nowhere, the first of `times` in its object.
fn finding(set: &ObjectSet<'_>, reference: &Reference<'_>, times: usize) -> Finding {
    let Reference { kind, name, object, .. } = *reference;
    let mut finding = Finding::new(&object, reference.path(), format!("there is no {kind} `{name}`"));
    if times > 1 {
        finding = finding.note(format!("it is named in {times} places of this object"));
    }
    // Mostly the object is right and its namespace is not.
    let same_name = set.of_kind(kind).find(|other| other.name() == name);
    if let Some(namespace) = same_name.and_then(|other| other.namespace()) {
        finding = finding.note(format!("the namespace `{namespace}` has one"));
    }
    let external = format!("external: [{{kind: {kind}, name: {name}, reason: …}}]");
    finding.did_you_mean(
        name,
        set.names(kind, reference.namespace()).iter().copied(),
        format!("add it, or say in `plimsoll.yaml` who makes it: `{external}`"),
    )
}
