//! What must hold for the profiles' types, schemas and values files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::datafly::Datafly;
use super::flow8::Flow8;
use super::skillflaw::SkillFlaw;
use super::skyflo::Skyflo;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated file with what is checked in; `BLESS=1` rewrites it.
fn assert_current(path: &Path, generated: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, generated).unwrap();
    }
    let current = fs::read_to_string(path).unwrap_or_default();
    assert!(current == generated, "{} is not current: run `BLESS=1 cargo test`", path.display());
}

#[test]
fn the_schemas_are_current() {
    for name in super::NAMES {
        let text = super::schema_text(name).unwrap();
        assert_current(&root().join(format!("schemas/{name}.schema.json")), &text);
    }
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

fn merge(base: Value, layer: Value) -> Value {
    match (base, layer) {
        (Value::Object(mut base), Value::Object(layer)) => {
            for (key, value) in layer {
                let merged = merge(base.remove(&key).unwrap_or(Value::Null), value);
                if !merged.is_null() {
                    base.insert(key, merged);
                }
            }
            Value::Object(base)
        }
        (_, layer) => layer,
    }
}

/// What the defaults and each preset over them say fits the profile's types.
fn assert_typed<T: serde::de::DeserializeOwned>(profile: &str, presets: &[&str]) {
    let defaults = yaml(&format!("values/{profile}/defaults.yaml"));
    for preset in presets {
        let merged = merge(defaults.clone(), yaml(&format!("values/{profile}/{preset}.yaml")));
        serde_json::from_value::<T>(merged).unwrap_or_else(|error| panic!("{profile} {preset}: {error}"));
    }
}

#[test]
fn defaults_and_presets_have_the_types_of_their_profiles() {
    assert_typed::<Datafly>("datafly", &["defaults", "evaluation", "keda", "production", "prometheus"]);
    let flow8 = ["defaults", "autoscaling", "evaluation", "production", "replica-set", "single-instance"];
    assert_typed::<Flow8>("flow8", &flow8);
    assert_typed::<SkillFlaw>("skillflaw", &["defaults", "evaluation", "production", "web", "autoscaling"]);
    assert_typed::<Skyflo>("skyflo", &["defaults", "evaluation", "production"]);
}

/// Each sentence that the values break, at its place.
fn broken(profile: &str, values: &Value) -> Vec<String> {
    let schema = super::schema(profile).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let mut found: Vec<String> = validator
        .iter_errors(values)
        .map(|error| {
            let path = error.schema_path().to_string();
            sentence(&schema, &path)
                .unwrap_or_else(|| format!("{}: {}", error.instance_path(), error.masked()))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The innermost sentence on the way to a place in the schema.
fn sentence(schema: &Value, path: &str) -> Option<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let sentences = ends.filter_map(|end| {
        let place = schema.pointer(&path[..end])?;
        place.get("x-message").or_else(|| place.get("x-warning"))?.as_str().map(str::to_owned)
    });
    sentences.reduce(|_, inner| inner)
}

#[test]
fn defaults_ask_for_what_nobody_can_guess_and_nothing_else() {
    let asked = broken("skyflo", &yaml("values/skyflo/defaults.yaml"));
    let expected = [
        "`engine.secrets.jwtSecret` is not set, and no existing Secret is named",
        "`engine.secrets.llmModel` is not set: the engine needs a language model",
        "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
        "`postgresql.auth.password` is not set, and no existing Secret is named",
        "the MCP server is `cluster-admin`: who can talk to it can do anything in the cluster",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn flow8_asks_for_keys_and_a_database() {
    let asked = broken("flow8", &yaml("values/flow8/defaults.yaml"));
    let expected = [
        "`secrets.encryptionKeySalt` is not set, and no existing Secret is named",
        "`secrets.encryptionKey` is not set, and no existing Secret is named",
        "a channel listens in one pod, and the Service spreads its requests over several",
        "several pods share the claim, so it is ReadWriteMany: the storage class must be one that many nodes can mount, such as NFS, EFS, Azure Files or CephFS",
        "the bundled MongoDB is off, and nothing says where the database is",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn a_values_file_alone_breaks_no_rule() {
    for profile in ["flow8", "skyflo"] {
        for entry in fs::read_dir(root().join(format!("tests/profiles/{profile}/values"))).unwrap() {
            let path = entry.unwrap().path();
            let values: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let found = broken(profile, &values);
            assert_eq!(found, Vec::<String>::new(), "an editor would complain about {}", path.display());
        }
    }
}

/// Keys and paths that have no default: absence means something of its own.
const UNSET: [&str; 12] = [
    "config.server.port",
    "connections",
    "failureThreshold",
    "goMaxProcs",
    "initialDelaySeconds",
    "maxUnavailable",
    "minAvailable",
    "nodePort",
    "periodSeconds",
    "requestsPerMinute",
    "targetMemoryUtilizationPercentage",
    "timeoutSeconds",
];

#[test]
fn the_defaults_show_every_key() {
    for profile in ["flow8", "skyflo"] {
        let schema = super::schema(profile).unwrap();
        let mut missing = Vec::new();
        let defaults = yaml(&format!("values/{profile}/defaults.yaml"));
        find_missing(&schema, &schema, &defaults, "", &mut missing);
        assert_eq!(missing, Vec::<String>::new(), "{profile}");
    }
}

/// The keys that the schema knows and the values do not have, down to Kubernetes's own types.
fn find_missing(root: &Value, schema: &Value, values: &Value, path: &str, missing: &mut Vec<String>) {
    let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref")).and_then(Value::as_str);
    if let Some(reference) = reference {
        let definition = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer)).unwrap();
        if !reference.contains("io.k8s.") {
            find_missing(root, definition, values, path, missing);
        }
        return;
    }
    for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        match values.get(key) {
            Some(value) => find_missing(root, property, value, &format!("{path}{key}."), missing),
            None if UNSET.contains(&key.as_str()) || UNSET.contains(&format!("{path}{key}").as_str()) => {}
            None => missing.push(format!("{path}{key}")),
        }
    }
}
