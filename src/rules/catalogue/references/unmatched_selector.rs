//! Selectors that match nothing: what the rules about them say.
//!
//! The rule knows that nothing matches. This file finds out what was meant, in this order:
//!
//! 1. A pod of another namespace matches: one of the two is in the wrong place.
//! 2. Something has most of the labels: the finding points at the first label that it lacks, and says what it has
//!    instead.
//! 3. Nothing is similar: the help names what there is, or says that there is nothing.

use crate::diagnostic::nearest;
use crate::manifest::Identity;
use crate::rules::engine::Finding;
use crate::rules::facts::{ObjectSet, ObjectTree, Selector};
use crate::yaml::PackedMap;

/// What a selector might have meant.
pub(super) struct Candidate<'s> {
    /// What it is called in the help.
    pub(super) identity: &'s Identity,
    /// The labels that a selector would match it by.
    pub(super) labels: Option<PackedMap<'s>>,
}

impl<'s> Candidate<'s> {
    /// The value of one of its labels.
    fn value(&self, key: &str) -> Option<&'s str> {
        self.labels?.get(key)?.as_str()
    }
}

/// A selector that matches nothing is compared with no more pods or Services than this: a set of a hundred thousand pods may have
/// as many such selectors.
pub(super) const MAX_COMPARED: usize = 1_000;

/// A selector that matches nothing, and the words for it.
pub(super) struct UnmatchedSelector<'a> {
    /// The object that the selector is in.
    pub(super) object: &'a ObjectTree<'a>,
    pub(super) selector: &'a Selector<'a>,
    /// How the message begins: `this Service selects`.
    pub(super) what: &'a str,
    /// What the candidates are: `pod` or `Service`.
    pub(super) noun: &'a str,
}

/// The finding about a selector of an object that matches no pod. `what` begins the message: `this Service selects`.
pub(super) fn no_pod_matches(
    set: &ObjectSet<'_>,
    object: &ObjectTree<'_>,
    selector: &Selector<'_>,
    what: &str,
) -> Finding {
    let unmatched = UnmatchedSelector { object, selector, what, noun: "pod" };
    // Found in another namespace: the selector is right, and one of the two is in the wrong place.
    if let Some(pod) = set.pods().iter().take(MAX_COMPARED).find(|pod| selector.may_match_pod(pod)) {
        let finding = Finding::new(object, selector.path(object), unmatched.message());
        let namespace = pod.object.namespace().unwrap_or("default");
        return finding.help(format!("{} in the namespace `{namespace}` has", pod.identity()));
    }
    let here = set.pods().in_namespace(object.namespace()).take(MAX_COMPARED);
    let candidates: Vec<Candidate<'_>> =
        here.map(|pod| Candidate { identity: pod.identity(), labels: pod.labels() }).collect();
    unmatched.finding(&candidates)
}

impl UnmatchedSelector<'_> {
    /// The finding, at the label that the most similar of the candidates lacks.
    pub(super) fn finding(&self, candidates: &[Candidate<'_>]) -> Finding {
        let UnmatchedSelector { object, selector, noun, .. } = *self;
        let path = selector.path(object);
        if let Some((similar, key)) = most_similar(selector, candidates) {
            let finding = Finding::new(object, path.and_key(key), self.message());
            return finding.help(match similar.value(key) {
                Some(value) => format!("{} has `{key}: {value}`", similar.identity),
                None => format!("{} has no label `{key}`", similar.identity),
            });
        }
        Finding::new(object, path, self.message()).help(match candidates {
            [] => format!("there is no {noun} in this namespace"),
            [first, ..] => format!("write labels that a {noun} has, {} for example", first.identity),
        })
    }

    /// For example ``this Service selects `app=wbe`, and no pod has it``.
    fn message(&self) -> String {
        let UnmatchedSelector { selector, what, noun, .. } = self;
        let them = if selector.len() == 1 { "it" } else { "all of it" };
        format!("{what} `{selector}`, and no {noun} has {them}")
    }
}

/// What has the most of a selector's labels, and the first label that it lacks; none if nothing is similar.
fn most_similar<'a, 's, 'c>(
    selector: &Selector<'s>,
    candidates: &'a [Candidate<'c>],
) -> Option<(&'a Candidate<'c>, &'s str)> {
    // A label with the wanted value counts most; the same key with another value tells at least what is meant.
    let score = |candidate: &Candidate<'_>| {
        let has = selector.pairs().filter(|(key, wanted)| candidate.value(key) == Some(*wanted)).count();
        let knows = selector.pairs().filter(|(key, _)| candidate.value(key).is_some()).count();
        (has, knows)
    };
    let best = candidates.iter().map(score).max().filter(|best| *best > (0, 0))?;
    let equals = || candidates.iter().filter(|candidate| score(candidate) == best);
    let first = equals().next()?;
    let (key, wanted) = selector.pairs().find(|(key, wanted)| first.value(key) != Some(*wanted))?;
    // Of those that are equally similar, the one whose value looks like a misprint of the wanted one.
    let near = nearest(wanted, equals().filter_map(|candidate| candidate.value(key)));
    let meant = near.and_then(|near| equals().find(|candidate| candidate.value(key) == Some(near)));
    Some((meant.unwrap_or(first), key))
}
