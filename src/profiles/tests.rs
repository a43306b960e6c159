//! What must hold for the profiles' types, schemas and values files.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::datafly::Datafly;
use super::flow8::Flow8;
use super::skillflaw::SkillFlaw;
use super::skyflo::Skyflo;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
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

/// A rule that values break.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Broken {
    message: String,
    is_warning: bool,
}

/// Each rule that the values break, by its message, sorted.
fn broken(profile: &str, values: &Value) -> Vec<Broken> {
    let schema = super::schema(profile).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let mut found: Vec<Broken> = validator
        .iter_errors(values)
        .map(|error| {
            let path = error.schema_path().to_string();
            innermost_rule(&schema, &path).unwrap_or_else(|| Broken {
                message: format!("{}: {}", error.instance_path(), error.masked()),
                is_warning: false,
            })
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The innermost rule on the way to a place in the schema.
fn innermost_rule(schema: &Value, path: &str) -> Option<Broken> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let rules = ends.filter_map(|end| {
        let place = schema.pointer(&path[..end])?;
        let text = |key: &str| place.get(key).and_then(Value::as_str).map(str::to_owned);
        let error = text("x-message").map(|message| Broken { message, is_warning: false });
        error.or_else(|| text("x-warning").map(|message| Broken { message, is_warning: true }))
    });
    rules.reduce(|_, inner| inner)
}

fn messages(broken: &[Broken]) -> Vec<&str> {
    broken.iter().map(|broken| broken.message.as_str()).collect()
}

#[test]
fn defaults_ask_for_what_nobody_can_guess_and_nothing_else() {
    let asked = broken("skyflo", &yaml("values/skyflo/defaults.yaml"));
    let expected = [
        "`engine.secrets.jwtSecret` is not set, and no existing Secret is named",
        "`engine.secrets.llmModel` is not set: the engine needs a language model",
        "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
        "`postgresql.auth.password` is not set, and no existing Secret is named",
        "the MCP server is `cluster-admin`: whoever can reach it can do anything in the cluster",
    ];
    assert_eq!(messages(&asked), expected);
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
    assert_eq!(messages(&asked), expected);
}

/// What a values file does not speak of is no error in an editor, which sees that file alone.
#[test]
fn a_values_file_alone_breaks_no_rule() {
    // Not SkillFlaw: its files write a tag as a number, which the program reads by its digits and an editor does not.
    for (profile, warns) in [("datafly", true), ("flow8", false), ("skyflo", true)] {
        for entry in fs::read_dir(root().join(format!("tests/profiles/{profile}/values"))).unwrap() {
            let path = entry.unwrap().path();
            let values: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let mut found = broken(profile, &values);
            // Some files set what is warned of, such as those of Datafly's manual.
            found.retain(|broken| !warns || !broken.is_warning);
            assert_eq!(found, [], "an editor would complain about {}", path.display());
        }
    }
}

/// Keys and paths that have no default: absence means something of its own.
const UNSET: &[&str] = &[
    "args",
    "command",
    "config.server.port",
    "connections",
    "dnsConfig",
    "dnsPolicy",
    "externalSecrets.refreshInterval",
    "externalSecrets.store.kind",
    "externalSecrets.store.name",
    "externalTrafficPolicy",
    "failureThreshold",
    "goMaxProcs",
    "hostAliases",
    "initContainers",
    "initialDelaySeconds",
    "lifecycle",
    "maxUnavailable",
    "minAvailable",
    "minReadySeconds",
    "networkPolicy.llmEgress.port",
    "networkPolicy.mongodbPort",
    "nodePort",
    "path",
    "periodSeconds",
    "preStopSleepSeconds",
    "requestsPerMinute",
    "revisionHistoryLimit",
    "runtimeClassName",
    "sidecars",
    "startupProbe",
    "targetMemoryUtilizationPercentage",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
    "updateStrategy",
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

#[test]
fn every_key_of_datafly_has_a_default_or_a_comment() {
    let text = fs::read_to_string(root().join("values/datafly/defaults.yaml")).unwrap();
    let schema = super::schema("datafly").unwrap();
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
fn a_key_of_dataflys_manual_passes_and_a_short_one_does_not() {
    let schema = super::schema("datafly").unwrap();
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

/// A setting that one chart has and another has not is explained on the page of settings.
#[test]
fn every_gap_between_charts_has_its_reason() {
    assert_eq!(super::overview::unexplained(), Vec::<(String, String)>::new());
}

/// A form for a field that no chart has, or that is misspelt, would be set nowhere.
#[test]
fn forms_of_kubernetes_fields_are_set() {
    let schemas: Vec<Value> = super::NAMES.iter().filter_map(|name| super::schema(name)).collect();
    let is_set = |form: &Value, field: &str| {
        let (field, below) = field.strip_suffix("[]").map_or((field, ""), |field| (field, "/items"));
        let (kind, field) = field.split_once('.').expect("a type and a field");
        schemas.iter().filter_map(|schema| schema["definitions"].as_object()).flatten().any(
            |(name, definition)| {
                let place = definition.pointer(&format!("/properties/{field}{below}"));
                name.rsplit('.').next() == Some(kind)
                    && place.is_some_and(|place| merge(place.clone(), form.clone()) == *place)
            },
        )
    };
    for (form, fields) in super::forms::fields() {
        for field in fields {
            assert!(is_set(&form, field), "{field}: {form}");
        }
    }
}
