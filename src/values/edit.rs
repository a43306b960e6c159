//! One assignment of a `--set` flag, and how it changes the merged tree.

use super::{merge, scalars, secrets};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Entry, Map, Node, Segment, Value, ValuePath, WantRef};

/// One assignment of a flag: where, and what.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The way down from the root; empty when the value is merged into the root itself.
    pub steps: Vec<PathStep>,
    /// What is set. Null removes.
    pub node: Node,
}

/// One step of the way, with its place in the flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// A key or an index.
    pub segment: Segment,
    /// Where the flag names it.
    pub span: Span,
}

impl Edit {
    /// The path that is set.
    pub fn path(&self) -> ValuePath {
        path_of(&self.steps)
    }

    /// Hides what the schema calls secret in the flag's text.
    pub(super) fn mask(&self, session: &Session, root: WantRef<'_>) {
        let mut want = Some(root);
        let mut secret = false;
        for step in &self.steps {
            want = want.and_then(|want| below(want, &step.segment));
            secret |= matches!(&step.segment, Segment::Key(key) if secrets::guessed_secret(key, want));
        }
        secrets::hide(session, &self.node, want, secret);
    }
}

/// Changes the tree as the edit says, or reports why it does not fit.
pub(super) fn apply(session: &Session, root: &mut Node, edit: &Edit, want: WantRef<'_>) {
    let mut place = &mut *root;
    let mut want = Some(want);
    for (depth, step) in edit.steps.iter().enumerate() {
        want = want.and_then(|want| below(want, &step.segment));
        let taken = &edit.steps[..depth];
        let Some(next) = enter(session, place, taken, step) else { return };
        place = next;
    }
    let mut node = edit.node.clone();
    if let Some(want) = want {
        scalars::read_as_wanted(session, &mut node, want);
    }
    let hole = Node::plain("", place.span);
    let old = std::mem::replace(place, hole);
    *place = merge::join(session, &edit.path(), old, node, want);
}

pub(crate) fn below<'w>(want: WantRef<'w>, segment: &Segment) -> Option<WantRef<'w>> {
    match segment {
        Segment::Key(key) => want.property(key),
        Segment::Index(_) => want.item(),
    }
}

/// The node one step down; what is missing or null is made. `taken` is the way to `node`, for messages.
fn enter<'n>(
    session: &Session,
    node: &'n mut Node,
    taken: &[PathStep],
    step: &PathStep,
) -> Option<&'n mut Node> {
    if node.is_null() {
        let empty = match step.segment {
            Segment::Key(_) => Value::Map(Map::default()),
            Segment::Index(_) => Value::List(Vec::new()),
        };
        *node = Node::new(empty, step.span);
    }
    let found = (node.noun(), node.span);
    match (&mut node.value, &step.segment) {
        (Value::Map(map), Segment::Key(key)) => Some(enter_key(map, key, step.span)),
        (Value::List(items), Segment::Index(index)) => {
            let length = items.len();
            let item = enter_index(items, *index, step.span);
            if item.is_none() {
                report_hole(session, taken, step, length);
            }
            item
        }
        _ => {
            report_misfit(session, taken, step, found);
            None
        }
    }
}

fn enter_key<'n>(map: &'n mut Map, key: &str, span: Span) -> &'n mut Node {
    let fresh = || Entry { key_span: span, node: Node::plain("", span) };
    let entry = map.or_insert_with(key.into(), fresh);
    entry.key_span = span;
    &mut entry.node
}

/// An item, or a new one right behind the last; never a hole, so nothing is allocated by index.
fn enter_index(items: &mut Vec<Node>, index: usize, span: Span) -> Option<&mut Node> {
    if index == items.len() {
        items.push(Node::plain("", span));
    }
    items.get_mut(index)
}

fn report_hole(session: &Session, taken: &[PathStep], step: &PathStep, length: usize) {
    let path = path_of(taken);
    let count = if length == 1 { "1 item".to_owned() } else { format!("{length} items") };
    let message = format!("`{path}` has {count}, and the flag sets one beyond");
    let help = format!("use an index up to {}, or `[{length}]` to append", length.saturating_sub(1));
    let help = if length == 0 { "use the index 0 to add the first item".to_owned() } else { help };
    session.report(Diagnostic::error(Code::V003, message).at(step.span, "this index").help(help));
}

fn report_misfit(session: &Session, taken: &[PathStep], step: &PathStep, (noun, place): (&str, Span)) {
    let path = path_of(taken);
    let name = if taken.is_empty() { "the root of the values".to_owned() } else { format!("`{path}`") };
    let (wanted, help) = match step.segment {
        Segment::Key(_) if noun == "a list" => ("a map", "name the item first: `list[0].key=…`"),
        Segment::Key(_) => ("a map", "end the path one step earlier, to set the value itself"),
        Segment::Index(_) => ("a list", "leave the index away, or set the whole value"),
    };
    let message = format!("{name} is {noun}, and the flag needs {wanted} there");
    let finding = Diagnostic::error(Code::V003, message).at(step.span, "this step");
    let first = Span { end: place.start.saturating_add(1).min(place.end), ..place };
    session.report(finding.also(first, noun).help(help));
}

fn path_of(steps: &[PathStep]) -> ValuePath {
    ValuePath(steps.iter().map(|step| step.segment.clone()).collect())
}
