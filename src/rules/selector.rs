//! Label selectors: which pods they take, and what to say when they take none.

use super::labelled::pairs;
use super::template::{Template, is_made, may_be_made};
use super::trail::path_to;
use super::{Finding, ObjectSet, Subject};
use crate::diagnostic::nearest;
use crate::manifest::Identity;
use crate::yaml::{Map, Node, ValuePath};

/// What selects by labels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selector<'s> {
    labels: Option<&'s Map>,
    expressions: &'s [Node],
    /// Where it is written.
    node: &'s Node,
    /// The key under which the labels are, if that is not the node itself.
    key: Option<&'static str>,
}

impl<'s> Selector<'s> {
    /// The selector of a Service, a map of labels; none if somebody else makes its endpoints.
    pub(super) fn of_service(service: &Subject<'s>) -> Option<Self> {
        let node = service.spec()?.get("selector")?;
        let selector = Selector { labels: node.as_map(), expressions: &[], node, key: None };
        (service.kind() == "Service" && !selector.is_empty()).then_some(selector)
    }

    /// A selector with `matchLabels` and `matchExpressions`.
    pub(super) fn read(node: &'s Node) -> Self {
        let expressions = node.get("matchExpressions").and_then(Node::as_list).unwrap_or_default();
        let (labels, key) = match node.get("matchLabels").and_then(Node::as_map) {
            Some(labels) => (Some(labels), "matchLabels"),
            None => (None, "matchExpressions"),
        };
        Selector { labels, expressions, node, key: Some(key) }
    }

    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_none_or(Map::is_empty) && self.expressions.is_empty()
    }

    /// The pods of a namespace that it takes.
    pub(super) fn pods<'a, 'd>(
        &'a self,
        set: &'a ObjectSet<'d>,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Template<'d>> {
        let labelled = set.labelled();
        // Of its labels that no controller writes, the rarest leaves few pods to be looked at.
        let known = self.pairs().filter(|(key, _)| !may_be_made(key));
        let rarest =
            known.map(|(key, value)| labelled.with((namespace, key, value))).min_by_key(|pods| pods.len());
        let all = if rarest.is_some() { None } else { Some(set.within(namespace)) };
        let some = rarest.into_iter().flatten().filter_map(|(_, place)| set.templates().get(*place));
        let here = move |pod: &&Template<'_>| pod.subject.namespace() == namespace;
        some.chain(all.into_iter().flatten()).filter(here).filter(|pod| self.takes_pod(pod))
    }

    /// Whether it takes something with these labels.
    pub(super) fn takes(&self, labels: Option<&Map>) -> bool {
        let value =
            |key: &str| labels.and_then(|labels| labels.get(key)).and_then(|entry| entry.node.as_str());
        self.pairs().all(|(key, wanted)| value(key) == Some(wanted))
            && self.expressions.iter().all(|expression| agrees(expression, value))
    }

    /// Whether somebody wrote it, or a label of it, in a values layer above the chart's own.
    pub(super) fn is_chosen(&self, set: &ObjectSet<'_>, subject: &Subject<'_>) -> bool {
        let path = self.path(subject);
        set.is_chosen(subject, &path) || self.pairs().any(|(key, _)| set.is_chosen(subject, &path.key(key)))
    }

    /// Where its labels are written in an object.
    fn path(&self, subject: &Subject<'_>) -> ValuePath {
        let path = path_to(&subject.document.node, self.node);
        self.key.into_iter().fold(path, |path, key| path.key(key))
    }

    /// Whether it takes a pod, with the labels that its controller adds.
    pub(super) fn takes_pod(&self, pod: &Template<'_>) -> bool {
        let value =
            |key: &str| pod.labels().and_then(|labels| labels.get(key)).and_then(|entry| entry.node.as_str());
        let known = |expression: &&Node| !expression.get("key").and_then(Node::as_str).is_some_and(is_made);
        self.pairs().all(|(key, wanted)| pod.has_label(key, wanted))
            && self.expressions.iter().filter(known).all(|expression| agrees(expression, value))
    }

    /// The labels that it asks for.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'s str, &'s str)> + use<'s> {
        pairs(self.labels)
    }
}

/// Whether labels agree with one of `matchExpressions`; `value` is the labels.
fn agrees<'l>(expression: &Node, value: impl Fn(&str) -> Option<&'l str>) -> bool {
    let text = |key: &str| expression.get(key).and_then(Node::as_str).unwrap_or_default();
    let values = expression.get("values").and_then(Node::as_list).unwrap_or_default();
    let value = value(text("key"));
    let listed = value.is_some_and(|value| values.iter().any(|wanted| wanted.as_str() == Some(value)));
    match text("operator") {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        _ => value.is_none(),
    }
}

/// The finding about a selector that takes no pod.
pub(super) fn takes_none(
    set: &ObjectSet<'_>,
    subject: &Subject<'_>,
    selector: &Selector<'_>,
    what: &str,
) -> Finding {
    let candidates = set.within(subject.namespace()).take(MAX_COMPARED);
    let candidates: Vec<Candidate<'_>> = candidates.map(|pod| (pod.identity(), pod.labels())).collect();
    match set.templates().iter().take(MAX_COMPARED).find(|pod| selector.takes_pod(pod)) {
        Some(pod) => {
            let finding = Finding::new(subject, selector.path(subject), selector.message(what, "pod"));
            let namespace = pod.identity().namespace.as_deref().unwrap_or("default");
            finding.help(format!("{} in the namespace `{namespace}` has", pod.identity()))
        }
        None => takes_none_of(&candidates, subject, selector, (what, "pod")),
    }
}

/// What a selector might have meant, with its labels.
pub(super) type Candidate<'s> = (&'s Identity, Option<&'s Map>);

/// The finding about a selector that takes none of these: at the label that the most similar one lacks.
pub(super) fn takes_none_of(
    candidates: &[Candidate<'_>],
    subject: &Subject<'_>,
    selector: &Selector<'_>,
    (what, noun): (&str, &str),
) -> Finding {
    let message = selector.message(what, noun);
    let Some((near, key)) = selector.most_similar(candidates) else {
        let finding = Finding::new(subject, selector.path(subject), message);
        return finding.help(match candidates {
            [] => format!("there is no {noun} in this namespace"),
            [(first, _), ..] => format!("write labels that a {noun} has, {first} for example"),
        });
    };
    let finding = Finding::new(subject, selector.path(subject).and_key(key), message);
    finding.help(match value(near.1, key) {
        Some(value) => format!("{} has `{key}: {value}`", near.0),
        None => format!("{} has no label `{key}`", near.0),
    })
}

/// More than these are not compared with a selector that takes none.
const MAX_COMPARED: usize = 1_000;

fn value<'s>(labels: Option<&'s Map>, key: &str) -> Option<&'s str> {
    labels?.get(key)?.node.as_str()
}

impl<'s> Selector<'s> {
    fn message(&self, what: &str, noun: &str) -> String {
        let pairs = self.pairs().map(|(key, value)| format!("{key}={value}"));
        let words: Vec<String> = pairs.chain(self.expressions.iter().map(in_words)).collect();
        let them = if words.len() == 1 { "it" } else { "all of it" };
        format!("{what} `{}`, and no {noun} has {them}", words.join(","))
    }

    /// What has the most of its labels, and the first label that it lacks; none if nothing is similar.
    fn most_similar<'c>(&self, candidates: &[Candidate<'c>]) -> Option<(Candidate<'c>, &'s str)> {
        let score = |(_, labels): &Candidate<'_>| {
            let has = self.pairs().filter(|(key, wanted)| value(*labels, key) == Some(*wanted)).count();
            let knows = self.pairs().filter(|(key, _)| value(*labels, key).is_some()).count();
            (has, knows)
        };
        let best = candidates.iter().map(score).max().filter(|best| *best > (0, 0))?;
        let first = candidates.iter().find(|candidate| score(candidate) == best)?;
        let (key, wanted) = self.pairs().find(|(key, wanted)| value(first.1, key) != Some(*wanted))?;
        let equals = || candidates.iter().filter(|candidate| score(candidate) == best);
        let near = nearest(wanted, equals().filter_map(|candidate| value(candidate.1, key)));
        let meant = equals().find(|candidate| near.is_some() && value(candidate.1, key) == near);
        Some((*meant.unwrap_or(first), key))
    }
}

/// As `kubectl -l` writes it.
fn in_words(expression: &Node) -> String {
    let text = |key: &str| expression.get(key).and_then(Node::as_str).unwrap_or_default();
    let values = expression.get("values").and_then(Node::as_list).unwrap_or_default();
    let values = values.iter().filter_map(Node::as_str).collect::<Vec<_>>().join(",");
    match text("operator") {
        "In" => format!("{} in ({values})", text("key")),
        "NotIn" => format!("{} notin ({values})", text("key")),
        "Exists" => text("key").to_owned(),
        _ => format!("!{}", text("key")),
    }
}
