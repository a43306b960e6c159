//! The law of merging as a model of a few lines, and random layers that both must merge alike.

use std::sync::Arc;

use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::values::{self, Layer, LayerKind};
use plimsoll::yaml::Wants;
use proptest::prelude::*;
use serde_json::{Map, Value as Json};

/// Maps merge deeply, null removes, everything else replaces; a map with entries and anything else do not meet.
fn model(low: Option<Json>, high: &Json) -> Result<Option<Json>, ()> {
    match (low, high) {
        (_, Json::Null) => Ok(None),
        (Some(Json::Object(mut low)), Json::Object(high)) => {
            for (key, value) in high {
                match model(low.shift_remove(key), value)? {
                    Some(merged) => low.insert(key.clone(), merged),
                    None => None,
                };
            }
            Ok(Some(Json::Object(low)))
        }
        (None, Json::Object(_)) => model(Some(Json::Object(Map::new())), high),
        (Some(Json::Object(low)), _) if !low.is_empty() => Err(()),
        (Some(low), Json::Object(_)) if !low.is_null() => Err(()),
        (_, Json::Array(items)) => {
            let clean = |item: &Json| {
                if item.is_null() { Ok(Json::Null) } else { Ok(model(None, item)?.unwrap_or_default()) }
            };
            items.iter().map(clean).collect::<Result<_, ()>>().map(|items| Some(Json::Array(items)))
        }
        (_, scalar) => Ok(Some(scalar.clone())),
    }
}

fn ours(layers: &[Json]) -> Result<Json, ()> {
    let session = Session::new();
    let read = |layer: &Json| {
        let source = session.add_source(SourceKind::File, "layer.yaml", layer.to_string());
        values::read_layer(&session, source, LayerKind::File)
    };
    let layers: Vec<Layer> = layers.iter().map(|layer| read(layer).expect("a map")).collect();
    let wants = Arc::new(Wants::anything());
    values::merge(&session, &layers, &[], &wants).map(|node| super::to_json(&node)).map_err(|_| ())
}

fn tree() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-9i64..99).prop_map(Json::from),
        "[a-c]{0,2}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from);
        prop_oneof![list, map(inner)]
    })
}

fn map(inner: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    prop::collection::vec(("[a-d]", inner), 0..4).prop_map(|pairs| pairs.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn layers_merge_as_the_model_says(layers in prop::collection::vec(map(tree()), 1..4)) {
        let first = Ok(Some(Json::Object(Map::new())));
        let expected = layers.iter().fold(first, |low, high| model(low?, high));
        prop_assert_eq!(ours(&layers), expected.map(Option::unwrap_or_default));
    }
}
