//! The command that adds the next Kubernetes version, or a CRD, to what Plimsoll knows (`examples/api-table/`).

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[path = "../examples/api-table/crd.rs"]
mod crd;
#[path = "../examples/api-table/described.rs"]
mod described;
#[path = "../examples/api-table/go_types.rs"]
mod go_types;
#[path = "../examples/api-table/k8s_openapi.rs"]
mod k8s_openapi;
#[path = "../examples/api-table/kopium.rs"]
mod kopium;
#[path = "../examples/api-table/merge.rs"]
mod merge;
#[path = "../examples/api-table/openapi.rs"]
mod openapi;
#[path = "../examples/api-table/pydantic.rs"]
mod pydantic;
#[path = "../examples/api-table/table.rs"]
mod table;

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use table::{Field, Life, Table};

fn present() -> (String, Table) {
    let text = fs::read_to_string("schemas/kubernetes.json").expect("the table");
    let table = serde_json::from_str(&text).expect("a table");
    (text, table)
}

#[test]
fn the_present_table_is_written_as_it_was_read() {
    let (text, table) = present();
    assert_eq!(serde_json::to_string(&table).unwrap() + "\n", text);
}

/// What each version's OpenAPI file says, taken from the table, makes the table again.
#[test]
fn the_present_table_is_made_again_version_by_version() {
    let (text, table) = present();
    let mut made = Table::default();
    for version in &table.versions {
        let newest = openapi::read(&as_openapi(&table, version)).expect(version);
        merge::add(&mut made, version, newest).expect(version);
    }
    let made = serde_json::to_string(&made).unwrap() + "\n";
    let at = made.bytes().zip(text.bytes()).take_while(|(made, read)| made == read).count();
    assert!(made == text, "they part at byte {at}: {:?}", made.get(at.saturating_sub(200)..at + 100));
}

fn lives(life: &Life, version: &str) -> bool {
    let minor = |text: &str| text.strip_prefix("1.").and_then(|minor| minor.parse::<u32>().ok());
    let (since, until) = (life.since.as_deref().and_then(minor), life.until.as_deref().and_then(minor));
    let this = minor(version);
    since.is_none_or(|since| this >= Some(since)) && until.is_none_or(|until| this <= Some(until))
}

fn as_openapi(table: &Table, version: &str) -> Value {
    let mut definitions = Map::new();
    for (name, of) in table.types.iter().filter(|(_, of)| lives(&of.life, version)) {
        let fields = of.fields.iter().flatten().filter(|(_, field)| lives(&field.life, version));
        let required: Vec<&String> =
            fields.clone().filter(|(_, field)| field.required).map(|(key, _)| key).collect();
        let mut definition = match of.is.split_once(':') {
            _ if of.is == "object" => {
                let properties: Map<String, Value> =
                    fields.map(|(key, field)| (key.clone(), property(field))).collect();
                json!({"type": "object", "properties": properties, "required": required})
            }
            Some((form, format)) => json!({"type": form, "format": format}),
            None if of.is == "any" => json!({}),
            None if of.is == "free" => json!({"type": "object"}),
            None => json!({"type": "string"}),
        };
        if let Some(unions) = &of.unions {
            definition["x-kubernetes-unions"] = unions.clone();
        }
        definitions.insert(name.clone(), definition);
    }
    let mut paths = Map::new();
    for kind in table.kinds.iter().filter(|kind| lives(&kind.life, version)) {
        let names = json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
        definitions[&kind.r#type]["x-kubernetes-group-version-kind"] = json!([names]);
        let root = if kind.group.is_empty() { "api".to_owned() } else { format!("apis/{}", kind.group) };
        let within = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
        let path = format!("/{root}/{}/{within}{}", kind.version, kind.plural);
        paths.insert(path, json!({"post": {"x-kubernetes-group-version-kind": names}}));
    }
    json!({"swagger": "2.0", "paths": paths, "definitions": definitions})
}

fn property(field: &Field) -> Value {
    let mut schema = schema(&field.r#type);
    if let Some(key) = &field.merge_key {
        schema["x-kubernetes-patch-merge-key"] = json!(key);
    }
    if let Some(list) = &field.list {
        schema["x-kubernetes-list-type"] = json!(list);
        schema["x-kubernetes-list-map-keys"] = json!(field.list_keys);
    }
    if !field.r#enum.is_empty() {
        let of_items = schema.get("items").is_some();
        let place = if of_items { &mut schema["items"] } else { &mut schema };
        place["enum"] = json!(field.r#enum);
    }
    schema
}

fn schema(written: &str) -> Value {
    let inside = |open, close| written.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    match (inside('[', ']'), inside('{', '}'), written.split_once(':')) {
        (Some(items), ..) => json!({"type": "array", "items": schema(items)}),
        (_, Some(values), _) => json!({"type": "object", "additionalProperties": schema(values)}),
        (.., Some((form, format))) => json!({"type": form, "format": format}),
        _ if written.contains('.') => json!({"$ref": format!("#/definitions/{written}")}),
        _ => json!({"type": written}),
    }
}

/// A small API: `Old` is gone in the second version, `New` comes, and `Widget` changes.
fn small(second: bool) -> Value {
    let kind = |name: &str| json!([{"group": "example.com", "version": "v1", "kind": name}]);
    let path = |name: &str| json!({"get": {"x-kubernetes-group-version-kind": kind(name)[0]}});
    let mut file = json!({
        "paths": {
            "/apis/example.com/v1/": {"get": {}},
            "/apis/example.com/v1/namespaces/{namespace}/widgets": path("Widget"),
            "/apis/example.com/v1/widgets": path("Widget"),
            "/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/status": path("Widget"),
        },
        "definitions": {
            "com.example.v1.Widget": {
                "description": "words",
                "type": "object",
                "required": ["size"],
                "x-kubernetes-group-version-kind": kind("Widget"),
                "properties": {
                    "size": {"type": "integer", "format": "int32", "description": "words"},
                    "colour": {"type": "string", "enum": ["red", "blue"]},
                    "parts": {
                        "type": "array",
                        "items": {"$ref": "#/definitions/com.example.v1.Part"},
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                    },
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
            "com.example.v1.Part": {"type": "object", "properties": {"name": {"type": "string"}}},
        }
    });
    let (name, plural) = if second { ("New", "news") } else { ("Old", "olds") };
    let properties = json!({"name": {"type": "string"}});
    file["definitions"][format!("com.example.v1.{name}")] =
        json!({"type": "object", "x-kubernetes-group-version-kind": kind(name), "properties": properties});
    file["paths"][format!("/apis/example.com/v1/{plural}")] = path(name);
    if second {
        let widget = &mut file["definitions"]["com.example.v1.Widget"];
        widget["properties"]["colour"]["enum"] = json!(["green", "blue"]);
        widget["properties"]["weight"] = json!({"type": "string"});
        widget["properties"].as_object_mut().unwrap().remove("labels");
    }
    file
}

fn two_versions() -> (Table, merge::Changes) {
    let mut table = Table::default();
    merge::add(&mut table, "1.36", openapi::read(&small(false)).unwrap()).unwrap();
    let changes = merge::add(&mut table, "1.37", openapi::read(&small(true)).unwrap()).unwrap();
    (table, changes)
}

#[test]
fn a_version_begins_and_ends_what_it_changes() {
    let (table, changes) = two_versions();
    let expected = json!({
        "versions": ["1.36", "1.37"],
        "kinds": [
            {"group": "example.com", "version": "v1", "kind": "New", "type": "com.example.v1.New",
             "plural": "news", "namespaced": false, "since": "1.37"},
            {"group": "example.com", "version": "v1", "kind": "Old", "type": "com.example.v1.Old",
             "plural": "olds", "namespaced": false, "until": "1.36"},
            {"group": "example.com", "version": "v1", "kind": "Widget", "type": "com.example.v1.Widget",
             "plural": "widgets", "namespaced": true},
        ],
        "types": {
            "com.example.v1.New": {
                "is": "object", "fields": {"name": {"type": "string", "since": "1.37"}}, "since": "1.37",
            },
            "com.example.v1.Old": {
                "is": "object", "fields": {"name": {"type": "string", "until": "1.36"}}, "until": "1.36",
            },
            "com.example.v1.Part": {"is": "object", "fields": {"name": {"type": "string"}}},
            "com.example.v1.Widget": {"is": "object", "fields": {
                "colour": {"type": "string", "enum": ["blue", "green", "red"]},
                "labels": {"type": "{string}", "until": "1.36"},
                "parts": {"type": "[com.example.v1.Part]", "list": "map", "listKeys": ["name"]},
                "size": {"type": "integer:int32", "required": true},
                "weight": {"type": "string", "since": "1.37"},
            }},
        },
    });
    assert_eq!(serde_json::to_value(&table).unwrap(), expected);
    let said = [
        "gone: example.com/v1 Old",
        "new: example.com/v1 New",
        "gone: type com.example.v1.Old",
        "new: com.example.v1.Widget.colour may be [\"green\"]",
        "gone: com.example.v1.Widget.labels",
        "new: com.example.v1.Widget.weight",
        "new: type com.example.v1.New",
    ];
    assert_eq!(changes, said);
}

#[test]
fn what_is_no_next_version_is_refused() {
    let (mut table, _) = two_versions();
    let mut add =
        |version| merge::add(&mut table, version, openapi::read(&small(true)).unwrap()).unwrap_err();
    assert_eq!(add("1.37"), "the table ends at 1.37, so 1.38 comes next, not 1.37");
    assert_eq!(add("1.39"), "the table ends at 1.37, so 1.38 comes next, not 1.39");
    assert_eq!(add("latest"), "`latest` is not a version: write for example `1.37`");
    assert_eq!(
        openapi::read(&json!({"openapi": "3.0"})).unwrap_err(),
        "this is not an OpenAPI 2 file: it has no `definitions`"
    );
}

/// The OpenAPI file of a release lists no values: without the Go types those that are known stay.
#[test]
fn values_that_a_description_does_not_list_stay() {
    let (mut table, _) = two_versions();
    let mut third = small(true);
    third["definitions"]["com.example.v1.Widget"]["properties"]["colour"] = json!({"type": "string"});
    let changes = merge::add(&mut table, "1.38", openapi::read(&third).unwrap()).unwrap();
    assert_eq!(
        changes,
        ["it lists no allowed values, so those of the version before stay: give it the Go types"]
    );
    assert_eq!(field(&table, "com.example.v1.Widget", "colour").r#enum, ["blue", "green", "red"]);
}

/// Where the newest description lists values, it says which fields have some; all versions say which.
#[test]
fn the_newest_description_closes_and_opens_fields() {
    let (mut table, _) = two_versions();
    let mut third = small(true);
    let properties = &mut third["definitions"]["com.example.v1.Widget"]["properties"];
    properties["colour"] = json!({"type": "string"});
    properties["weight"]["enum"] = json!(["light", "heavy"]);
    let changes = merge::add(&mut table, "1.38", openapi::read(&third).unwrap()).unwrap();
    let said = [
        "opened: com.example.v1.Widget.colour may be anything",
        "closed: com.example.v1.Widget.weight may only be [\"heavy\", \"light\"]",
    ];
    assert_eq!(changes, said);
}

fn field<'t>(table: &'t Table, name: &str, key: &str) -> &'t Field {
    &table.types[name].fields.as_ref().expect(name)[key]
}

fn write_all(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// As `gofmt` writes it, with what makes it hard: an inlined struct of another package, constants by conversion and by
/// the name of another, comments behind and above, and markers that stand apart from the documentation.
const GO: &[(&str, &str)] = &[
    ("go.mod", "// Generated.\n\nmodule k8s.io/api\n\ngo 1.26.0\n"),
    (
        "base/v1/types.go",
        r#"package v1

// +enum
type Protocol string

const (
	// ProtocolTCP is the TCP protocol.
	ProtocolTCP Protocol = "TCP"
	ProtocolUDP Protocol = "UDP" // as in "user"
)

const Unrelated = "x"

// Common is shared.
type Common struct {
	// Ports, with one for each number.
	// +listType=map
	// +listMapKey=number
	// +listMapKey=protocol
	// +patchMergeKey=number
	Ports []Port `json:"ports,omitempty" patchStrategy:"merge" protobuf:"bytes,1,rep,name=ports"`
}

type Port struct {
	Number int32 `json:"number"`
	// +optional
	Protocol *Protocol `json:"protocol"`
}
"#,
    ),
    (
        "widgets/v1/types.go",
        r#"package v1

import (
	basev1 "k8s.io/api/base/v1"
)

// +enum

// Family is told apart from its marker.
type Family string

const Any = Family("Any")

const (
	FamilyTCP = Family(basev1.ProtocolTCP)
	FamilyToo = FamilyTCP
)

// Open has values, and may have others.
type Open string

const OpenA Open = "A"

// +union
type Source struct {
	// +unionDiscriminator
	Type Open `json:"type"`
	// +optional
	LocalPath *string `json:"localPath,omitempty"`
}

type Widget struct {
	basev1.Common `json:",inline"`
	Families []Family `json:"families" protobuf:"x"`
	Open Open `json:"open,omitempty"`
	Source Source `json:"source,omitzero"`
	hidden string
	Newer string `json:"newer"`
}
"#,
    ),
    ("widgets/v1/zz_generated.deepcopy.go", "package v1\n\ntype Widget struct {\n}\n"),
];

#[test]
fn the_go_types_say_what_the_openapi_file_does_not() {
    let folder = tempfile::tempdir().unwrap();
    write_all(folder.path(), GO);
    let mut types = go_types::GoTypes::default();
    types.add_module(folder.path()).unwrap();
    let string = json!({"type": "string"});
    let list = |name: &str| json!({"type": "array", "items": {"$ref": format!("#/definitions/{name}")}});
    let names = json!({"group": "widgets", "version": "v1", "kind": "Widget"});
    let described = json!({
        "paths": {"/apis/widgets/v1/widgets": {"get": {"x-kubernetes-group-version-kind": names}}},
        "definitions": {
            "io.k8s.api.base.v1.Port": {"type": "object", "required": ["number"], "properties": {
                "number": {"type": "integer", "format": "int32"}, "protocol": string,
            }},
            "io.k8s.api.widgets.v1.Source": {"type": "object", "properties": {"localPath": string, "type": string}},
            "io.k8s.api.widgets.v1.Widget": {
                "type": "object",
                "required": ["families"],
                "x-kubernetes-group-version-kind": [names],
                "properties": {
                    "families": {"type": "array", "items": string},
                    "older": string,
                    "open": string,
                    "ports": list("io.k8s.api.base.v1.Port"),
                    "source": {"$ref": "#/definitions/io.k8s.api.widgets.v1.Source"},
                },
            },
        },
    });
    let mut table = openapi::read(&described).unwrap();
    let said = types.complete(&mut table);
    let expected = json!({
        "io.k8s.api.base.v1.Port": {"is": "object", "fields": {
            "number": {"type": "integer:int32", "required": true},
            "protocol": {"type": "string", "enum": ["TCP", "UDP"]},
        }},
        "io.k8s.api.widgets.v1.Source": {
            "is": "object",
            "fields": {"localPath": {"type": "string"}, "type": {"type": "string", "required": true}},
            "unions": [{"discriminator": "type", "fields-to-discriminateBy": {"localPath": "LocalPath"}}],
        },
        "io.k8s.api.widgets.v1.Widget": {"is": "object", "fields": {
            "families": {"type": "[string]", "required": true, "enum": ["Any", "TCP"]},
            "older": {"type": "string"},
            "open": {"type": "string"},
            "ports": {"type": "[io.k8s.api.base.v1.Port]", "mergeKey": "number", "list": "map",
                "listKeys": ["number", "protocol"]},
            "source": {"type": "io.k8s.api.widgets.v1.Source"},
        }},
    });
    assert_eq!(serde_json::to_value(&table.types).unwrap(), expected);
    let expected = [
        "the Go types say: io.k8s.api.widgets.v1.Source.type is required",
        "not in the Go types: io.k8s.api.widgets.v1.Widget.older",
        "only in the Go types: io.k8s.api.widgets.v1.Widget.newer",
    ];
    assert_eq!(said, expected);
}

/// What `k8s-openapi` generates, without the code between.
const CRATE: &[(&str, &str)] = &[
    ("mod.rs", "pub mod api;\n"),
    ("list.rs", "// Generated from definition io.k8s.List\n"),
    (
        "api/widgets/v1/widget.rs",
        r#"// Generated from definition io.k8s.api.widgets.v1.Widget

impl crate::Resource for Widget {
    const API_VERSION: &'static str = "widgets/v1";
    const GROUP: &'static str = "widgets";
    const KIND: &'static str = "Widget";
    const VERSION: &'static str = "v1";
    const URL_PATH_SEGMENT: &'static str = "widgets";
    type Scope = crate::NamespaceResourceScope;
}

impl crate::ListableResource for Widget {
    const LIST_KIND: &'static str = "WidgetList";
}

        crate::schemars::json_schema!({
            "description": "Widget (\"a thing\") has:\n\n* parts :) \\ and more }",
            "type": "object",
            "properties": {
                "metadata": ({
                    let mut schema_obj = __gen.subschema_for::<crate::api::widgets::v1::Meta>();
                    schema_obj.ensure_object().insert("description".into(), "one) \"two\" (three".into());
                    schema_obj
                }),
                "parts": {
                    "type": "array",
                    "items": (__gen.subschema_for::<crate::api::widgets::v1::Meta>()),
                },
                "size": {
                    "type": "integer",
                    "format": "int32",
                },
                "some": __gen.subschema_for::<crate::api::widgets::v1::Meta>(),
            },
            "required": [
                "metadata",
                "size",
            ],
        })
"#,
    ),
    (
        "api/widgets/v1/meta.rs",
        r#"// Generated from definition io.k8s.api.widgets.v1.Meta

        crate::schemars::json_schema!({
            "type": "object",
        })
"#,
    ),
];

#[test]
fn the_source_of_k8s_openapi_is_an_openapi_file() {
    let folder = tempfile::tempdir().unwrap();
    write_all(folder.path(), CRATE);
    let table = openapi::read(&k8s_openapi::read(folder.path()).unwrap()).unwrap();
    let expected = json!({
        "versions": [],
        "kinds": [{"group": "widgets", "version": "v1", "kind": "Widget", "type": "io.k8s.api.widgets.v1.Widget",
            "plural": "widgets", "namespaced": true}],
        "types": {
            "io.k8s.api.widgets.v1.Meta": {"is": "free"},
            "io.k8s.api.widgets.v1.Widget": {"is": "object", "fields": {
                "metadata": {"type": "io.k8s.api.widgets.v1.Meta"},
                "parts": {"type": "[io.k8s.api.widgets.v1.Meta]"},
                "size": {"type": "integer:int32", "required": true},
                "some": {"type": "io.k8s.api.widgets.v1.Meta"},
            }},
            "io.k8s.api.widgets.v1.WidgetList": {"is": "object", "fields": {
                "apiVersion": {"type": "string"},
                "items": {"type": "[io.k8s.api.widgets.v1.Widget]", "required": true},
                "kind": {"type": "string"},
                "metadata": {"type": "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"},
            }},
        },
    });
    assert_eq!(serde_json::to_value(&table).unwrap(), expected);
    let empty = tempfile::tempdir().unwrap();
    assert!(k8s_openapi::read(empty.path()).unwrap_err().ends_with("there is no definition in it"));
}

const MANIFEST: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: widgets}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
    - name: v1
      served: true
      storage: true
      subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
      schema:
        openAPIV3Schema:
          type: object
          description: words
          properties:
            title: {type: string, description: words, default: {description: kept}}
            example: {type: string, example: words}
          x-kubernetes-validations: [{rule: "self.title != ''", message: words}]
"#;

#[test]
fn a_crd_is_kept_without_its_documentation() {
    let found = crd::read(MANIFEST).unwrap();
    let names: Vec<String> = found.iter().map(crd::Crd::file_name).collect();
    assert_eq!(names, ["widgets.example.com.json"]);
    let expected = concat!(
        r#"{"group":"example.com","kind":"Widget","plural":"widgets","scope":"Namespaced","versions":[{"name":"v1","#,
        r#""schema":{"properties":{"example":{"type":"string"},"title":{"default":{"description":"kept"},"type":"string"}},"#,
        r#""type":"object","x-kubernetes-validations":[{"rule":"self.title != ''"}]},"served":true,"storage":true,"#,
        r#""subresources":{"status":{}}}]}"#,
        "\n"
    );
    assert_eq!(found[0].text().unwrap(), expected);
    assert!(crd::read("kind: ConfigMap\n").is_err());
}

/// The bundled chart's own manifest gives the schema that is bundled; it only names the fields of every object besides.
#[test]
fn a_real_crd_gives_the_schema_that_is_kept() {
    let manifest = fs::read_to_string("charts/skyflo/crds/skyfloais.skyflo.ai.yaml").expect("a CRD");
    let mut made: Value = serde_json::from_str(&crd::read(&manifest).unwrap()[0].text().unwrap()).unwrap();
    let properties = made["versions"][0]["schema"]["properties"].as_object_mut().expect("properties");
    let _ = ["apiVersion", "kind", "metadata"].map(|key| properties.remove(key).expect(key));
    let kept = fs::read_to_string("schemas/crds/skyfloais.skyflo.ai.json").expect("a schema");
    assert_eq!(made, serde_json::from_str::<Value>(&kept).unwrap());
}

/// What is made of a package, without the parts that every CRD has.
fn made_of(described: Result<Vec<described::Described>, String>) -> Vec<Value> {
    let crds = described::crds(described.expect("a package"));
    crds.iter().map(|crd| serde_json::from_str(&crd.text().unwrap()).unwrap()).collect()
}

#[test]
fn rust_types_of_a_crd_are_its_schema() {
    let folder = tempfile::TempDir::new().unwrap();
    let source = r#"
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug)]
#[kube(group = "example.com", version = "v1", kind = "Widget", plural = "widgets")]
#[kube(namespaced)]
#[kube(status = "WidgetStatus")]
#[kube(schema = "disabled")]
pub struct WidgetSpec {
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "maxSize")]
    pub max_size: Option<i32>,
    /// Words.
    pub name: String,
    /// Words. Defaults to `web`.
    pub class: String,
    /// A number that is required has a default more often than not.
    pub count: i64,
    pub r#type: WidgetType,
    pub items: Vec<WidgetItems>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<IntOrString>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<BTreeMap<String, serde_json::Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anything: Option<serde_json::Value>,
}

/// Words.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub enum WidgetType {
    #[serde(rename = "in-line")]
    InLine,
    Other,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct WidgetItems {
    pub key: String,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct WidgetStatus {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
}
"#;
    write_all(folder.path(), &[("Cargo.toml", ""), ("src/v1/widgets.rs", source)]);
    let expected = json!([{
        "group": "example.com", "kind": "Widget", "plural": "widgets", "scope": "Namespaced",
        "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}}, "schema": {
            "type": "object", "properties": {
                "spec": {"type": "object", "required": ["name", "items"], "properties": {
                    "anything": {"x-kubernetes-preserve-unknown-fields": true},
                    "class": {"type": "string"},
                    "count": {"type": "integer"},
                    "items": {"type": "array", "items": {"type": "object", "required": ["key"], "properties": {
                        "key": {"type": "string"}}}},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "maxSize": {"type": "integer", "format": "int32"},
                    "name": {"type": "string"},
                    "port": {"x-kubernetes-int-or-string": true},
                    "type": {"type": "string", "enum": ["in-line", "Other"]},
                    "values": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                }},
                "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            },
        }}],
    }]);
    assert_eq!(Value::Array(made_of(kopium::read(folder.path()))), expected);
}

#[test]
fn python_classes_of_a_crd_are_its_schema() {
    let folder = tempfile::TempDir::new().unwrap();
    let source = r#"
from pydantic import ConfigDict, Field, RootModel

Code = TypeAliasType(
    "Code", Annotated[str, Field(max_length=8)]
)


class Part(
    RootModel[str]
):
    root: Annotated[str, Field(min_length=1, pattern=r"^[a-z\d]+$")]


class Left(BaseModel):
    left: str


class Right(BaseModel):
    right: int | None = None


class WidgetSpec(BaseModel):
    """
    Words: of several lines.
    """

    class Builder(BaseBuilder):
        def name(self, value: str, /) -> Self:
            return self._set("name", value)

    model_config = ConfigDict(extra="allow")
    name: str
    max_size: Annotated[int | None, Field(alias="maxSize", ge=1, le=65535)] = None
    needed: Annotated[Code | None, Field()]
    parts: Annotated[list[Part], Field(max_length=4)] = []
    either: Left | Right | None = None
    port: int | str | None = None
    mode: Literal["on", "off"] | None = "on"
    value: dict[str, Any] | None = None
    labels: dict[str, Code] | None = None
    since: AwareDatetime | None = None


class Widget(Resource):
    __cloudcoil_api__: ClassVar[dict] = {
        "plural": "widgets",
        "scope": "Cluster",
        "status": False,
    }
    spec: WidgetSpec
    api_version: Annotated[Literal["example.com/v1beta1"], Field(alias="apiVersion")] = (
        "example.com/v1beta1"
    )
    kind: Literal["Widget"] = "Widget"
    metadata: ObjectMeta | None = None
"#;
    write_all(folder.path(), &[("widgets/v1beta1.py", source)]);
    let expected = json!([{
        "group": "example.com", "kind": "Widget", "plural": "widgets", "scope": "Cluster",
        "versions": [{"name": "v1beta1", "served": true, "storage": true, "schema": {
            "type": "object", "required": ["spec"], "properties": {
                "spec": {
                    "type": "object", "required": ["name", "needed"], "x-kubernetes-preserve-unknown-fields": true,
                    "properties": {
                        "either": {"type": "object", "properties": {
                            "left": {"type": "string"}, "right": {"type": "integer"}}},
                        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 8}},
                        "maxSize": {"type": "integer", "minimum": 1, "maximum": 65535},
                        "mode": {"type": "string", "enum": ["on", "off"]},
                        "name": {"type": "string"},
                        "needed": {"type": "string", "maxLength": 8, "nullable": true},
                        "parts": {"type": "array", "maxItems": 4, "items": {
                            "type": "string", "minLength": 1, "pattern": r"^[a-z\d]+$"}},
                        "port": {"x-kubernetes-int-or-string": true},
                        "since": {"type": "string", "format": "date-time"},
                        "value": {"x-kubernetes-preserve-unknown-fields": true},
                    },
                },
            },
        }}],
    }]);
    assert_eq!(Value::Array(made_of(pydantic::read(folder.path()))), expected);
}

/// The table of `docs/custom-resources.md` is what is bundled, and `SOURCES.md` says of each file where it is from.
#[test]
fn every_bundled_crd_is_listed() {
    use std::collections::BTreeMap;

    let sources = fs::read_to_string("schemas/crds/SOURCES.md").expect("the sources");
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in crd::files(Path::new("schemas/crds"), "json").unwrap() {
        let crd: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(sources.contains(&*name), "SOURCES.md does not say where {name} is from");
        let versions =
            crd["versions"].as_array().unwrap().iter().map(|version| version["name"].as_str().unwrap());
        let versions: Vec<&str> = versions.collect();
        let text = |key: &str| crd[key].as_str().unwrap().to_owned();
        let scope = if text("scope") == "Cluster" { ", of the cluster" } else { "" };
        let kind = format!("{} ({}{scope})", text("kind"), versions.join(", "));
        groups.entry(text("group")).or_default().push(kind);
    }
    let mut table = "| group | kinds and their versions |\n|---|---|\n".to_owned();
    for (group, mut kinds) in groups {
        kinds.sort();
        table.push_str(&format!("| `{group}` | {} |\n", kinds.join(", ")));
    }
    let path = "docs/custom-resources.md";
    let page = fs::read_to_string(path).expect("the page");
    let (before, _) = page.split_once("| group |").expect("the table");
    let wanted = format!("{before}{table}");
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &wanted).expect("the page can be written");
    } else {
        assert_eq!(page, wanted, "BLESS=1 cargo test --test api_table writes it");
    }
}
