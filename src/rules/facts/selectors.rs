//! Label selectors: which labels they match.

use std::fmt;

use super::field_pattern::path_to;
use super::label_index::label_pairs;
use super::objects::ObjectTree;
use super::pods::{PodTree, is_generated_label};
use crate::yaml::{Map, Node, ValuePath};

/// What selects by labels. All of its conditions must hold; one without conditions matches everything.
///
/// It is shown as `kubectl -l` takes it: `app=web,tier in (front,back),!legacy`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selector<'s> {
    labels: Option<&'s Map>,
    /// The items of `matchExpressions`.
    expressions: &'s [Node],
    /// The node that it was read from.
    node: &'s Node,
    /// The key of that node which the conditions are under, if they are not the node itself.
    key: Option<&'static str>,
}

impl<'s> Selector<'s> {
    /// The selector of a Service, which is a plain map of labels. None if it has none: then somebody else makes its endpoints.
    pub(crate) fn of_service(service: &ObjectTree<'s>) -> Option<Self> {
        let node = service.spec()?.get("selector")?;
        let selector = Selector { labels: node.as_map(), expressions: &[], node, key: None };
        (service.kind() == "Service" && !selector.is_empty()).then_some(selector)
    }

    /// A selector with `matchLabels` and `matchExpressions`.
    pub(crate) fn read(node: &'s Node) -> Self {
        let expressions = node.get("matchExpressions").and_then(Node::as_list).unwrap_or_default();
        let labels = node.get("matchLabels").and_then(Node::as_map);
        let key = if labels.is_some() { "matchLabels" } else { "matchExpressions" };
        Selector { labels, expressions, node, key: Some(key) }
    }

    /// Whether it has no condition.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_none_or(Map::is_empty) && self.expressions.is_empty()
    }

    /// The labels that it asks for by value, without its expressions.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'s str, &'s str)> + use<'s> {
        label_pairs(self.labels)
    }

    /// Where its labels are written in an object.
    pub(crate) fn path(&self, object: &ObjectTree<'_>) -> ValuePath {
        let path = path_to(object.node(), self.node);
        match self.key {
            Some(key) => path.and_key(key),
            None => path,
        }
    }

    /// How many conditions it has.
    pub(crate) fn len(&self) -> usize {
        self.pairs().count() + self.expressions.len()
    }

    /// Whether it matches something with exactly these labels.
    pub(crate) fn matches_labels(&self, labels: Option<&Map>) -> bool {
        let value = |key: &str| labels?.get(key)?.node.as_str();
        self.pairs().all(|(key, wanted)| value(key) == Some(wanted))
            && self.expressions.iter().all(|expression| holds(expression, value))
    }

    /// Whether it may match a pod, with the labels that the pod's controller adds. In doubt it does: rules that call it report
    /// what matches nothing.
    pub(crate) fn may_match_pod(&self, pod: &PodTree<'_>) -> bool {
        let is_known = |expression: &&Node| {
            !expression.get("key").and_then(Node::as_str).is_some_and(is_generated_label)
        };
        self.pairs().all(|(key, wanted)| pod.may_have_label(key, wanted))
            && self
                .expressions
                .iter()
                .filter(is_known)
                .all(|expression| holds(expression, |key| pod.label(key)))
    }
}

impl fmt::Display for Selector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (key, value) in self.pairs() {
            write!(f, "{separator}{key}={value}")?;
            separator = ",";
        }
        for expression in self.expressions {
            let (key, operator, values) = parts(expression);
            let values = || values.iter().filter_map(Node::as_str).collect::<Vec<_>>().join(",");
            f.write_str(separator)?;
            match operator {
                "In" => write!(f, "{key} in ({})", values())?,
                "NotIn" => write!(f, "{key} notin ({})", values())?,
                "Exists" => f.write_str(key)?,
                _ => write!(f, "!{key}")?,
            }
            separator = ",";
        }
        Ok(())
    }
}

/// Whether labels, given by `value`, fulfil one of `matchExpressions`.
fn holds<'l>(expression: &Node, value: impl Fn(&str) -> Option<&'l str>) -> bool {
    let (key, operator, values) = parts(expression);
    let value = value(key);
    let is_listed = || value.is_some_and(|value| values.iter().any(|wanted| wanted.as_str() == Some(value)));
    match operator {
        "In" => is_listed(),
        // An absent label is in no list: `NotIn` matches what has no such label at all, as in Kubernetes.
        "NotIn" => !is_listed(),
        "Exists" => value.is_some(),
        // `DoesNotExist`; the API check refuses any other word.
        _ => value.is_none(),
    }
}

/// The key, the operator and the values of one of `matchExpressions`.
fn parts(expression: &Node) -> (&str, &str, &[Node]) {
    let text = |key: &str| expression.get(key).and_then(Node::as_str).unwrap_or_default();
    let values = expression.get("values").and_then(Node::as_list).unwrap_or_default();
    (text("key"), text("operator"), values)
}
