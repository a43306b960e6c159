//! Paths as people type them, and the nodes that they mean: `env."a.b/c"`, `tolerations[0].key`,
//! `containers[engine].image`.
//!
//! A typed path is looser than a [`ValuePath`]. Keys with dots need no quotes where the tree settles what is meant, and
//! items of lists go by index, by name or by `key=value`. So it cannot be parsed to the end without a tree: [`parse`]
//! cuts it into steps, and [`resolve`] follows them through a tree, where one segment of the real path may take several
//! steps.
//!
//! ```text
//! typed      annotations.kubernetes.io/name
//! steps      Key(annotations)  Key(kubernetes)  Key(io/name)
//! tree       annotations: {kubernetes.io/name: web}
//! resolved   annotations."kubernetes.io/name"          two segments, of one step and of two
//! ```

use super::node::{Node, Value};
use super::path::{Segment, ValuePath};

/// One step of a typed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// A key. Unquoted, it may be the beginning of a key with dots.
    Key(String),
    /// What stands in brackets: an index, or an item's name.
    Item(String),
}

/// A path that leads nowhere.
#[derive(Clone, Debug)]
pub struct Unresolved<'n> {
    /// As far as it was found.
    pub path: ValuePath,
    /// What stands there.
    pub node: &'n Node,
    /// The steps that were not; never empty.
    pub rest: Vec<PathStep>,
}

/// Cuts a path into its steps. Quotes keep dots together, and so does a backslash before one, as in `--set`.
pub fn parse(text: &str) -> Vec<PathStep> {
    let mut steps = Vec::new();
    let mut word = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '.' => close(&mut word, &mut steps),
            // The next character stands for itself.
            '\\' => word.extend(characters.next()),
            // Anywhere in a word: `a."b.c"`.
            '"' => word.extend(characters.by_ref().take_while(|next| *next != '"')),
            // Up to the bracket, whatever stands there: a host or a `key=value` may have dots.
            '[' => {
                close(&mut word, &mut steps);
                let name: String = characters.by_ref().take_while(|next| *next != ']').collect();
                steps.push(PathStep::Item(name.trim_matches('"').to_owned()));
            }
            other => word.push(other),
        }
    }
    close(&mut word, &mut steps);
    steps
}

fn close(word: &mut String, steps: &mut Vec<PathStep>) {
    if !word.is_empty() {
        steps.push(PathStep::Key(std::mem::take(word)));
    }
}

/// What a path opens with a bracket or a quote and does not close, if there is such a thing.
pub fn unclosed(text: &str) -> Option<char> {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let closing = match character {
            '\\' => {
                characters.next();
                continue;
            }
            '"' => '"',
            '[' => ']',
            _ => continue,
        };
        if !characters.by_ref().any(|next| next == closing) {
            return Some(character);
        }
    }
    None
}

/// Follows steps through a tree to the node that they mean.
///
/// # Errors
/// How far they lead, and what is left of them.
pub fn resolve<'n>(root: &'n Node, steps: &[PathStep]) -> Result<(ValuePath, &'n Node), Unresolved<'n>> {
    let mut path = ValuePath::root();
    let mut node = root;
    let mut rest = steps;
    while !rest.is_empty() {
        let next = next_segment(node, rest)
            .and_then(|(segment, count)| Some((child(node, &segment)?, segment, count)));
        let Some((child, segment, count)) = next else {
            return Err(Unresolved { path, node, rest: rest.to_vec() });
        };
        path.0.push(segment);
        node = child;
        rest = &rest[count..];
    }
    Ok((path, node))
}

/// The node below another one, if it has one there.
pub fn child<'n>(node: &'n Node, segment: &Segment) -> Option<&'n Node> {
    ValuePath(vec![segment.clone()]).find(node)
}

/// The segment below a node that the next steps mean, and how many of them it takes. An index may lie outside of its
/// list.
pub fn next_segment(node: &Node, steps: &[PathStep]) -> Option<(Segment, usize)> {
    match (&node.value, steps.first()?) {
        (Value::Map(map), _) => {
            // The longest: `a.b/c` may stand beside `a`.
            let keys = candidate_keys(steps);
            let (key, count) = keys.filter(|(key, _)| map.contains_key(key.as_str())).last()?;
            Some((Segment::Key(key), count))
        }
        // A key is good enough for a list: `containers.web.image` can mean nothing else.
        (Value::List(items), PathStep::Item(name) | PathStep::Key(name)) => {
            // An index first, so that `ports[0]` is the first port and none that is called 0.
            let index = name.parse().ok().or_else(|| items.iter().position(|item| is_named(item, name)));
            Some((Segment::Index(index?), 1))
        }
        _ => None,
    }
}

/// The keys that the next steps may mean, with the number of steps that each takes: the first step alone, or joined
/// with those after it, as in `kubernetes.io/name`.
pub fn candidate_keys(steps: &[PathStep]) -> impl Iterator<Item = (String, usize)> + '_ {
    let mut key = String::new();
    steps.iter().take(MAX_JOINED).enumerate().map_while(move |(index, step)| {
        let (PathStep::Key(word) | PathStep::Item(word)) = step;
        if index > 0 {
            // What stands in brackets begins a new segment.
            if matches!(step, PathStep::Item(_)) {
                return None;
            }
            key.push('.');
        }
        key.push_str(word);
        Some((key.clone(), index + 1))
    })
}

/// Steps that may be one key with dots, such as `nginx.ingress.kubernetes.io/proxy-body-size`, which is four. Bounded,
/// since every number of steps is tried at each level of the tree.
const MAX_JOINED: usize = 16;

/// The fields that tell items of lists apart, in Kubernetes and in values. The first one that an item has is its name,
/// so the order counts: a container port has a `name` and a `containerPort`, and people call it by the former. Most of
/// them are merge keys of the Kubernetes API; `key`, `host` and `path` are what tolerations, rules and paths of an
/// Ingress are known by.
const NAME_FIELDS: &[&str] = &[
    "name",
    "key",
    "host",
    "containerPort",
    "mountPath",
    "devicePath",
    "port",
    "ip",
    "type",
    "topologyKey",
    "path",
];

/// Whether an item has this name, or is a scalar with this text; `key=value` asks for a certain field.
fn is_named(item: &Node, name: &str) -> bool {
    let has_text = |node: &Node, text: &str| node.as_scalar().is_some_and(|scalar| &*scalar.text == text);
    // Before the names, as names have no equals sign in them.
    if let Some((key, value)) = name.split_once('=') {
        return item.get(key).is_some_and(|node| has_text(node, value));
    }
    has_text(item, name)
        || NAME_FIELDS.iter().find_map(|key| item.get(key)).is_some_and(|node| has_text(node, name))
}

/// The name of an item, to suggest it.
pub fn item_name(item: &Node) -> Option<String> {
    let named = NAME_FIELDS.iter().find_map(|key| item.get(key)).and_then(Node::as_scalar);
    named.map(|scalar| scalar.text.to_string())
}

/// Steps as people would type them.
pub fn display(steps: &[PathStep]) -> String {
    steps.iter().fold(String::new(), |text, step| match step {
        PathStep::Item(name) => format!("{text}[{name}]"),
        PathStep::Key(key) if text.is_empty() => key.clone(),
        PathStep::Key(key) => format!("{text}.{key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse_one;
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;

    fn found(yaml: &str, path: &str) -> Option<String> {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "t.yaml", yaml);
        let root = parse_one(&session, source).ok()??;
        resolve(&root, &parse(path)).ok().map(|(path, _)| path.to_string())
    }

    #[test]
    fn paths_are_read_as_people_type_them() {
        let yaml = "a: {b.c/d: {e: 1}, b: [{name: x, v: 1}, {name: y, v: 2}]}\nl: [p, q]\n";
        for (typed, meant) in [
            ("a", "a"),
            ("a.b.c/d.e", "a.\"b.c/d\".e"),
            ("a.\"b.c/d\".e", "a.\"b.c/d\".e"),
            (r"a.b\.c/d", "a.\"b.c/d\""),
            ("a.b[1].v", "a.b[1].v"),
            ("a.b[y].v", "a.b[1].v"),
            ("a.b[v=2].v", "a.b[1].v"),
            ("a.b.0.name", "a.b[0].name"),
            ("l[q]", "l[1]"),
        ] {
            assert_eq!(found(yaml, typed).as_deref(), Some(meant), "{typed}");
        }
        for (path, open) in [
            ("a[b", Some('[')),
            ("a.\"b", Some('"')),
            ("l[0].x[", Some('[')),
            ("a[b]", None),
            (r"a\[b", None),
        ] {
            assert_eq!(unclosed(path), open, "{path}");
        }
        for nowhere in ["b", "a.b[z]", "a.b[2]", "l[0].x", "a.b.c"] {
            assert_eq!(found(yaml, nowhere), None, "{nowhere}");
        }
    }
}
