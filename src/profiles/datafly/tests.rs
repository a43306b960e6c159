//! What must hold for Datafly's types and values files.

use std::fs;

use serde_json::{Value, json};

use super::Datafly;

fn yaml(path: &str) -> Value {
    let path = format!("{}/values/datafly/{path}.yaml", env!("CARGO_MANIFEST_DIR"));
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn merge(base: Value, layer: Value) -> Value {
    match (base, layer) {
        (Value::Object(mut base), Value::Object(layer)) => {
            for (key, value) in layer {
                let merged = merge(base.remove(&key).unwrap_or(Value::Null), value);
                base.insert(key, merged);
            }
            Value::Object(base)
        }
        (_, layer) => layer,
    }
}

#[test]
fn defaults_and_presets_are_datafly_values() {
    let defaults = yaml("defaults");
    for preset in ["defaults", "evaluation", "production", "keda", "prometheus"] {
        let merged = merge(defaults.clone(), yaml(preset));
        serde_json::from_value::<Datafly>(merged).unwrap_or_else(|error| panic!("{preset}: {error}"));
    }
}

/// What a values file does not speak of is no error in an editor, which sees that file alone.
#[test]
fn a_values_file_alone_breaks_no_rule() {
    let schema = crate::profiles::schema("datafly").unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let folder = format!("{}/tests/profiles/datafly/values", env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let values: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let is_warning = |place: &str| {
            let (parent, _) = place.rsplit_once('/').unwrap();
            schema.pointer(parent).is_some_and(|rule| rule.get("x-warning").is_some())
        };
        let errors = validator.iter_errors(&values).map(|error| error.schema_path().to_string());
        let errors: Vec<String> = errors.filter(|place| !is_warning(place)).collect();
        assert_eq!(errors, Vec::<String>::new(), "an editor would complain about {}", path.display());
    }
}

#[test]
fn every_key_has_a_default_or_a_comment() {
    let text =
        fs::read_to_string(format!("{}/values/datafly/defaults.yaml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let schema = crate::profiles::schema("datafly").unwrap();
    let own = |name: &&String| !name.starts_with("io.k8s.");
    let definitions = schema["definitions"].as_object().unwrap();
    let mut keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    for name in definitions.keys().filter(own) {
        keys.extend(definitions[name]["properties"].as_object().into_iter().flat_map(|all| all.keys()));
    }
    // What only lists have, which are empty by default and described as a whole; and variables.
    let in_lists = ["secretName", "emptyDir", "configMap", "persistentVolumeClaim", "secret"];
    let said = |key: &&&String| {
        text.contains(&format!("{key}:"))
            || text.contains(&format!("`{key}`"))
            || in_lists.contains(&key.as_str())
            || ***key == key.to_uppercase()
    };
    let missing: Vec<&&String> = keys.iter().filter(|key| !said(key)).collect();
    assert_eq!(missing, Vec::<&&String>::new());
}

#[test]
fn a_key_of_the_manual_passes_and_a_short_one_does_not() {
    let schema = crate::profiles::schema("datafly").unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let errors = |secret: &str| {
        let values = json!({ "jwt": { "secret": secret } });
        let found = validator.iter_errors(&values).map(|error| error.kind().keyword().to_owned());
        found.collect::<Vec<String>>()
    };
    assert_eq!(errors("your-256-bit-jwt-secret"), ["not"]);
    assert_eq!(errors("short"), ["pattern"]);
    assert_eq!(errors(&"x".repeat(32)), Vec::<String>::new());
}
