//! Paths as people type them, and the places that they mean: `env."a.b/c"`, `tolerations[0].key`, `containers[engine].image`.

use crate::yaml::{Node, Segment, Value, ValuePath};

/// One step of a typed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A key. Unquoted, it may be the beginning of a key with dots.
    Key(String),
    /// What stands in brackets: an index, or an item's name.
    Item(String),
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Astray {
    /// The way that was found.
    pub(super) path: ValuePath,
    /// The steps that were not.
    pub(super) rest: Vec<Step>,
}

/// Cuts a path into its steps. Quotes keep dots together, and so does a backslash before one, as in `--set`.
pub(super) fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut word = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '.' => close(&mut word, &mut steps),
            '\\' => word.extend(characters.next()),
            '"' => word.extend(characters.by_ref().take_while(|next| *next != '"')),
            '[' => {
                close(&mut word, &mut steps);
                let name: String = characters.by_ref().take_while(|next| *next != ']').collect();
                steps.push(Step::Item(name.trim_matches('"').to_owned()));
            }
            other => word.push(other),
        }
    }
    close(&mut word, &mut steps);
    steps
}

fn close(word: &mut String, steps: &mut Vec<Step>) {
    if !word.is_empty() {
        steps.push(Step::Key(std::mem::take(word)));
    }
}

/// Follows steps through a tree.
pub(super) fn follow<'n>(root: &'n Node, steps: &[Step]) -> Result<(ValuePath, &'n Node), Astray> {
    let (mut path, mut node, mut rest) = (ValuePath::root(), root, steps);
    while !rest.is_empty() {
        let Some((segment, taken)) = segment(node, rest) else {
            return Err(Astray { path, rest: rest.to_vec() });
        };
        let Some(below) = ValuePath(vec![segment.clone()]).find(node) else {
            return Err(Astray { path, rest: rest.to_vec() });
        };
        path.0.push(segment);
        node = below;
        rest = &rest[taken..];
    }
    Ok((path, node))
}

/// The segment that the next steps mean, and how many of them it takes.
pub(super) fn segment(node: &Node, steps: &[Step]) -> Option<(Segment, usize)> {
    match (&node.value, steps.first()?) {
        (Value::Map(map), _) => {
            // The longest: `a.b/c` may stand beside `a`.
            let (key, taken) = keys(steps).filter(|(key, _)| map.contains_key(key.as_str())).last()?;
            Some((Segment::Key(key), taken))
        }
        (Value::List(items), Step::Item(name) | Step::Key(name)) => {
            let named = || items.iter().position(|item| is_named(item, name));
            Some((Segment::Index(name.parse().ok().or_else(named)?), 1))
        }
        _ => None,
    }
}

/// The keys that the next steps may mean: the first one alone, or joined with those after it, as in `kubernetes.io/name`.
pub(super) fn keys(steps: &[Step]) -> impl Iterator<Item = (String, usize)> + '_ {
    let mut key = String::new();
    steps.iter().take(MAX_JOINED).enumerate().map_while(move |(place, step)| {
        let (Step::Key(word) | Step::Item(word)) = step;
        if place > 0 {
            if matches!(step, Step::Item(_)) {
                return None;
            }
            key.push('.');
        }
        key.push_str(word);
        Some((key.clone(), place + 1))
    })
}

/// Steps that may be one key with dots.
const MAX_JOINED: usize = 16;

/// The fields that items of lists are told apart by, in Kubernetes and in values; the first that an item has is its name.
const NAMES: &[&str] = &[
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

/// Whether an item goes by this name, or is it; `key=value` asks for a certain field.
fn is_named(item: &Node, name: &str) -> bool {
    let is = |node: &Node, text: &str| node.as_scalar().is_some_and(|scalar| &*scalar.text == text);
    if let Some((key, value)) = name.split_once('=') {
        return item.get(key).is_some_and(|node| is(node, value));
    }
    is(item, name) || NAMES.iter().find_map(|key| item.get(key)).is_some_and(|node| is(node, name))
}

/// The name of an item, for people who have the choice.
pub(super) fn name_of(item: &Node) -> Option<String> {
    let named = NAMES.iter().find_map(|key| item.get(key)).and_then(Node::as_scalar);
    named.map(|scalar| scalar.text.to_string())
}

/// Steps as people would type them.
pub(super) fn written(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |text, step| match step {
        Step::Item(name) => format!("{text}[{name}]"),
        Step::Key(key) if text.is_empty() => key.clone(),
        Step::Key(key) => format!("{text}.{key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::parse_one;

    fn found(yaml: &str, path: &str) -> Option<String> {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "t.yaml", yaml);
        let root = parse_one(&session, source).ok()??;
        follow(&root, &steps(path)).ok().map(|(path, _)| path.to_string())
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
        for nowhere in ["b", "a.b[z]", "a.b[2]", "l[0].x", "a.b.c"] {
            assert_eq!(found(yaml, nowhere), None, "{nowhere}");
        }
    }
}
