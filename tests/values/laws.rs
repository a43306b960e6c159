//! Laws of merging, for trees that nobody thought of.

use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::{self, Layer, LayerKind};
use plimsoll::yaml::{Node, Wants};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Trees whose shape depends on the key's name only, so that a map never meets anything else: `m*` are maps.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(|n| json!(n)),
        "[a-z]{0,4}".prop_map(|s| json!(s)),
        Just(json!(true))
    ];
    let scalars = prop::collection::vec(("[ab]", leaf.clone()), 0..3);
    let flat = scalars.prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>()));
    flat.prop_recursive(4, 24, 4, move |inner| {
        let maps = prop::collection::vec(("m[xy]", inner), 0..3);
        let lists = prop::collection::vec(("l", prop::collection::vec(leaf.clone(), 0..3)), 0..2);
        let scalars = prop::collection::vec(("[ab]", leaf.clone()), 0..3);
        (maps, lists, scalars).prop_map(|(maps, lists, scalars)| {
            let lists = lists.into_iter().map(|(key, items)| (key, Value::Array(items)));
            Value::Object(maps.into_iter().chain(lists).chain(scalars).collect())
        })
    })
}

fn layers(session: &Session, texts: &[&str]) -> Vec<Layer> {
    let read = |text: &&str| {
        let source = session.add_source(SourceKind::File, "values.yaml", *text);
        values::read_layer(session, source, LayerKind::File).expect("a layer")
    };
    texts.iter().map(read).collect()
}

fn merged(session: &Session, layers: &[Layer]) -> Node {
    values::merge(session, layers, &[], &Wants::anything()).expect("values")
}

fn merged_texts(texts: &[&str]) -> Node {
    let session = Session::new();
    let layers = layers(&session, texts);
    merged(&session, &layers)
}

proptest! {
    #[test]
    fn merging_is_associative(a in tree(), b in tree(), c in tree()) {
        let (a, b, c) = (a.to_string(), b.to_string(), c.to_string());
        let all = merged_texts(&[&a, &b, &c]);
        let session = Session::new();
        let read = layers(&session, &[&a, &b, &c]);
        let upper = merged(&session, &read[1..]);
        let both = [read[0].clone(), Layer { kind: LayerKind::File, root: upper.into() }];
        prop_assert_eq!(all, merged(&session, &both));
    }

    #[test]
    fn merging_with_itself_changes_nothing(a in tree()) {
        let a = a.to_string();
        prop_assert_eq!(merged_texts(&[&a, &a]), merged_texts(&[&a]));
    }

    #[test]
    fn an_empty_layer_changes_nothing(a in tree()) {
        let a = a.to_string();
        prop_assert_eq!(merged_texts(&[&a, ""]), merged_texts(&[&a]));
        prop_assert_eq!(merged_texts(&["", &a]), merged_texts(&[&a]));
    }

    #[test]
    fn the_highest_layer_wins(a in tree(), b in tree()) {
        let (a, b) = (a.to_string(), b.to_string());
        let both = merged_texts(&[&a, &b]);
        for (path, _) in values::origins(&merged_texts(&[&b])) {
            let upper = merged_texts(&[&b]);
            let leaf = path.find(&upper).expect("a leaf");
            let is_empty_map = leaf.as_map().is_some();
            prop_assert!(is_empty_map || path.find(&both) == Some(leaf));
        }
    }

    /// What a leaf's span covers is what it was written as.
    #[test]
    fn winners_keep_their_places(a in tree(), b in tree()) {
        let (a, b) = (a.to_string(), b.to_string());
        let session = Session::new();
        let root = merged(&session, &layers(&session, &[&a, &b]));
        for (path, span) in values::origins(&root) {
            let node = path.find(&root).expect("a leaf");
            let written: Value = serde_json::from_str(&session.text(span)).expect("JSON");
            match node.as_scalar() {
                Some(scalar) => prop_assert_eq!(written.as_str().map_or_else(|| written.to_string(), str::to_owned), &*scalar.text),
                None => prop_assert!(written.is_array() || written.is_object()),
            }
        }
    }
}
