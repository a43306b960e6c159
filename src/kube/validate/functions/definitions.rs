//! CustomResourceDefinitions: names, versions, and what makes a schema structural.

use std::collections::BTreeSet;

use super::expressions::expression_finding;
use crate::diagnostic::Code;
use crate::kube::cel::{Scope, Type, is_too_much, max_count, parse};
use crate::kube::json_schema;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, is_absent, scalar_text};
use crate::yaml::{Map, Node, from_node};

/// The name of a definition is the plural of its kind and its group (`ValidateCustomResourceDefinition`).
pub(in crate::kube::validate) fn definition_name(place: Place<'_>, fact: &Fact) {
    let text = |keys: &[&str]| place.at(keys).and_then(scalar_text);
    // One that is missing is reported as that.
    let (Some(plural), Some(group)) = (text(&["spec", "names", "plural"]), text(&["spec", "group"])) else {
        return;
    };
    let wanted = format!("{plural}.{group}");
    let name = &*place.context.object.name;
    if name != wanted && !name.is_empty() {
        let message = format!("the name must be `{wanted}`: `spec.names.plural` and `spec.group`");
        let finding = finding(Code::K018, message).help("change the name, the plural or the group");
        place.report_below(fact, &[Step::Key("metadata"), Step::Key("name")], finding);
    }
}

/// Groups of the Kubernetes project want an approval (`validateAPIApproval`).
pub(in crate::kube::validate) fn approved_group(place: Place<'_>, fact: &Fact) {
    const ANNOTATION: &str = "api-approved.kubernetes.io";
    let Some(group) = place.at(&["spec", "group"]).and_then(scalar_text) else { return };
    if !group.ends_with(".k8s.io") && !group.ends_with(".kubernetes.io") {
        return;
    }
    let approval = place.at(&["metadata", "annotations", ANNOTATION]).and_then(scalar_text).unwrap_or("");
    let is_url = approval.split_once("://").is_some_and(|(_, host)| !host.is_empty());
    if !is_url && !approval.starts_with("unapproved") {
        let finding = finding(
            Code::K018,
            format!("the group `{group}` is reserved for the Kubernetes project"),
        )
        .help(format!(
            "give the URL of its approval as the annotation `{ANNOTATION}`, or use a group of your own"
        ));
        let steps = [Step::Key("metadata"), Step::Key("annotations"), Step::Key(ANNOTATION)];
        place.report_below(fact, &steps, finding);
    }
}

/// One version is stored, and no two have one name (`validateCustomResourceDefinitionSpec`).
pub(in crate::kube::validate) fn served_and_stored(place: Place<'_>, fact: &Fact) {
    let Some(versions) = place.node.get("versions").and_then(Node::as_list) else { return };
    let stored = versions.iter().filter(|version| is_true(version, "storage")).count();
    if stored != 1 {
        let message = format!("one of the `versions` must be stored, and {stored} are");
        let finding = finding(Code::K018, message)
            .help("write `storage: true` in one of them, and `false` in the others");
        place.report(fact, "versions", finding);
    }
    let mut names = BTreeSet::new();
    let twice = versions
        .iter()
        .filter_map(|version| version.get("name").and_then(scalar_text))
        .find(|name| !names.insert(*name));
    if let Some(name) = twice {
        let finding =
            finding(Code::K006, format!("`versions` has `{name}` twice")).help("remove one of them");
        place.report(fact, "versions", finding);
    }
}

/// The kind of lists is another one than that of objects (`ValidateCustomResourceDefinitionNames`).
pub(in crate::kube::validate) fn list_kind(place: Place<'_>, fact: &Fact) {
    if let Some(kind) = place.text("kind").filter(|kind| place.text("listKind") == Some(kind)) {
        let finding = finding(Code::K018, "`listKind` must be another name than `kind`");
        place.report(fact, "listKind", finding.help(format!("write `{kind}List`")));
    }
}

/// Selectable fields are texts, integers or booleans of the schema, outside `metadata`
/// (`ValidateCustomResourceSelectableFields`).
pub(in crate::kube::validate) fn selectable_fields(place: Place<'_>, fact: &Fact) {
    let Some(schema) = place.at(&["schema", "openAPIV3Schema"]) else { return };
    for (index, field) in place.items(fact.field()).iter().enumerate() {
        let Some(path) = field.get("jsonPath").and_then(scalar_text).filter(|path| !path.is_empty()) else {
            continue;
        };
        let Some(violation) = selectable_violation(schema, path) else { continue };
        let finding = finding(Code::K018, format!("`jsonPath` {violation}"))
            .help("name a field of type `string`, `integer` or `boolean`, as `.spec.color`");
        place.report_item(fact, fact.field(), index, "jsonPath", finding);
    }
}

fn selectable_violation(schema: &Node, path: &str) -> Option<&'static str> {
    // Keys in brackets are rare, and are left to the server.
    if path.contains('[') {
        return None;
    }
    let Some(keys) = path.strip_prefix('.') else { return Some("must begin with `.`") };
    if keys.split('.').next() == Some("metadata") {
        return Some("must not name a field of `metadata`");
    }
    let mut at = schema;
    for key in keys.split('.') {
        let property = at.get("properties").and_then(|properties| properties.get(key));
        match property.or_else(|| at.get("additionalProperties").filter(|node| node.as_map().is_some())) {
            Some(below) => at = below,
            None => return Some("names no field of the schema"),
        }
    }
    let of = at.get("type").and_then(scalar_text).unwrap_or("");
    (!matches!(of, "string" | "integer" | "boolean"))
        .then_some("names a field that is not text, integer or boolean")
}

/// The schema of a version is structural (`validateCustomResourceDefinitionValidation`, `ValidateStructural`).
pub(in crate::kube::validate) fn structural_schema(place: Place<'_>, fact: &Fact) {
    let Some(node) = place.field(fact.field()).filter(|node| node.as_map().is_some()) else { return };
    let version = place.parent;
    let has_status = version.is_some_and(|version| {
        version
            .node
            .get("subresources")
            .and_then(|node| node.get("status"))
            .is_some_and(|node| !node.is_null())
    });
    let mut checker = Checker { place, fact, steps: vec![Step::Key(fact.field())], sound: true };
    if has_status {
        checker.check_root_keys(node);
    }
    if is_true(node, "nullable") {
        checker.refuse_key("nullable", "`nullable` cannot be true at the root", "remove it");
    }
    checker.check(node, Level::Root, Within { meta: false, defaults: true });
    checker.check_completeness(node);
    // As in the server, defaults are held against a schema that is structural alone.
    if checker.sound {
        checker.check_defaults(node);
    }
    // And rules, against a schema that is right as a whole.
    if checker.sound {
        checker.check_expressions(node, true, 1.0);
    }
}

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    /// Of a property, or of the values of a map.
    Field,
    /// Of the items of a list.
    Item,
    /// Below `allOf`, `anyOf`, `oneOf` or `not`, where a schema may only narrow values.
    Nested,
}

/// What holds in the schemas further up.
#[derive(Clone, Copy)]
struct Within {
    /// Inside of `metadata`, `kind` or `apiVersion` of an object.
    meta: bool,
    /// Whether defaults may stand here.
    defaults: bool,
}

/// The keys that may stand at the root of a schema whose objects have a status of their own: what the status needs is
/// taken out of `properties`.
const ROOT_KEYS: &[&str] = &[
    "description",
    "type",
    "format",
    "title",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "required",
    "items",
    "properties",
    "externalDocs",
    "example",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];

/// Keys of JSON Schema that no structural schema has.
const UNSUPPORTED: &[&str] =
    &["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

/// What may not stand below `allOf` and its kin.
const NOT_NESTED: &[&str] = &[
    "type",
    "additionalProperties",
    "default",
    "title",
    "description",
    "nullable",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
];

const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object"];

/// The walk down a schema, with the way from the object that the fact is of.
struct Checker<'c> {
    place: Place<'c>,
    fact: &'c Fact,
    steps: Vec<Step<'c>>,
    /// Whether nothing was reported.
    sound: bool,
}

impl<'c> Checker<'c> {
    /// Reports at a key of the schema that is being looked at.
    fn refuse_key(&mut self, key: &'c str, message: impl Into<String>, help: impl Into<String>) {
        self.steps.push(Step::Key(key));
        self.refuse(Code::K018, message, help);
        self.steps.pop();
    }

    fn refuse(&mut self, code: Code, message: impl Into<String>, help: impl Into<String>) {
        self.sound = false;
        self.place.report_below(self.fact, &self.steps, finding(code, message).help(help));
    }

    /// Looks at a schema below some keys.
    fn below(&mut self, steps: &[Step<'c>], look: impl FnOnce(&mut Self)) {
        let depth = self.steps.len();
        self.steps.extend_from_slice(steps);
        look(self);
        self.steps.truncate(depth);
    }

    fn check_root_keys(&mut self, schema: &'c Node) {
        let Some(map) = schema.as_map() else { return };
        let set = map.iter().filter(|(_, entry)| !is_unset(&entry.node)).map(|(key, _)| &**key);
        if let Some(key) = set.into_iter().find(|key| !ROOT_KEYS.contains(key)) {
            let message = format!("`{key}` cannot stand at the root of a schema with a status subresource");
            self.refuse(Code::K018, message, "move it below `properties.spec`");
        }
    }

    /// Checks a schema and those below it.
    fn check(&mut self, schema: &'c Node, level: Level, within: Within) {
        // What is no map is of the wrong type, and was reported; below `items` and `additionalProperties`, the table
        // takes anything.
        let Some(map) = schema.as_map() else {
            if matches!(level, Level::Item) && !schema.is_null() && schema.as_list().is_none() {
                self.refuse(Code::K018, "`items` must be a schema", "write the schema of the items");
            }
            return;
        };
        self.check_keywords(schema, level, within);
        self.check_type(schema, level);
        self.check_list_type(schema);
        self.check_rules(schema);
        if level == Level::Nested {
            for key in NOT_NESTED.iter().filter(|key| schema.get(key).is_some_and(|node| !is_unset(node))) {
                let message = format!("`{key}` cannot stand below `allOf`, `anyOf`, `oneOf` or `not`");
                self.refuse_key(key, message, "move it to the schema around them");
            }
        }
        let below = if level == Level::Nested { Level::Nested } else { Level::Field };
        let embedded = is_true(schema, "x-kubernetes-embedded-resource");
        for (key, entry) in properties(schema) {
            let is_meta =
                (level == Level::Root || embedded) && matches!(&**key, "metadata" | "kind" | "apiVersion");
            let within = Within {
                meta: within.meta || is_meta,
                defaults: within.defaults && !(is_meta && level == Level::Root),
            };
            self.below(&[Step::Key("properties"), Step::Key(key)], |checker| {
                if entry.node.is_null() && level != Level::Nested {
                    checker.refuse_key("type", "`type` is missing", "write the type of the field");
                }
                if is_meta {
                    checker.check_meta(key, &entry.node, level);
                }
                if level == Level::Nested && &**key == "metadata" {
                    checker.refuse(Code::K018, "`metadata` cannot be narrowed here", "remove it");
                }
                checker.check(&entry.node, below, within);
            });
        }
        if let Some(values) = schema.get("additionalProperties") {
            let within = Within { defaults: within.defaults && !within.meta, ..within };
            self.below(&[Step::Key("additionalProperties")], |checker| checker.check(values, below, within));
        }
        if let Some(items) = schema.get("items") {
            let level = if level == Level::Nested { Level::Nested } else { Level::Item };
            self.below(&[Step::Key("items")], |checker| checker.check(items, level, within));
        }
        let skips_types = is_true(schema, "x-kubernetes-int-or-string");
        for key in ["allOf", "anyOf", "oneOf"] {
            let nested = map.get(key).and_then(|entry| entry.node.as_list()).unwrap_or(&[]);
            for (index, schema) in nested.iter().enumerate() {
                // `anyOf: [{type: integer}, {type: string}]` says what `int-or-string` is, also inside of `allOf`.
                if skips_types
                    && (is_either(nested) || (key == "allOf" && index == 0 && is_either(any_of(schema))))
                {
                    continue;
                }
                self.below(&[Step::Key(key), Step::Index(index)], |checker| {
                    checker.check(schema, Level::Nested, within);
                });
            }
        }
        if let Some(schema) = schema.get("not") {
            self.below(&[Step::Key("not")], |checker| checker.check(schema, Level::Nested, within));
        }
    }

    /// Keywords that no schema may have, or not here.
    fn check_keywords(&mut self, schema: &'c Node, level: Level, within: Within) {
        for key in UNSUPPORTED.iter().filter(|key| schema.get(key).is_some_and(|node| !is_unset(node))) {
            self.refuse_key(key, format!("`{key}` is not supported in structural schemas"), "write it out");
        }
        if is_true(schema, "uniqueItems") {
            let help = "write `x-kubernetes-list-type: set`";
            self.refuse_key("uniqueItems", "`uniqueItems` cannot be true", help);
        }
        if schema.get("default").is_some_and(|node| !node.is_null()) && !within.defaults {
            self.refuse_key("default", "`default` cannot stand in metadata", "remove it");
        }
        if let Some(values) = schema.get("additionalProperties").filter(|node| !node.is_null()) {
            let has_properties = properties(schema).next().is_some();
            let message = if level == Level::Root {
                "`additionalProperties` cannot stand at the root"
            } else if has_properties && values.as_bool() != Some(true) {
                "`additionalProperties` cannot stand beside `properties`"
            } else if is_true(schema, "x-kubernetes-embedded-resource") {
                "`additionalProperties` cannot stand in an embedded resource"
            } else {
                ""
            };
            if !message.is_empty() {
                self.refuse_key("additionalProperties", message, "remove one of them");
            }
        }
        if schema.get("items").is_some_and(|node| node.as_list().is_some()) {
            self.refuse_key("items", "`items` must be one schema and no list", "write one for all items");
        }
        let preserve = "x-kubernetes-preserve-unknown-fields";
        if schema.get(preserve).and_then(Node::as_bool) == Some(false) {
            self.refuse_key(preserve, format!("`{preserve}` must be true, or not be there"), "remove it");
        }
        if within.meta && is_true(schema, "x-kubernetes-embedded-resource") {
            let key = "x-kubernetes-embedded-resource";
            self.refuse_key(key, format!("`{key}` cannot stand in metadata"), "remove it");
        }
    }

    fn check_type(&mut self, schema: &'c Node, level: Level) {
        let of = text(schema, "type");
        let int_or_string = is_true(schema, "x-kubernetes-int-or-string");
        let preserves = is_true(schema, "x-kubernetes-preserve-unknown-fields");
        let embedded = is_true(schema, "x-kubernetes-embedded-resource");
        match of {
            Some(of) if !TYPES.contains(&of) => {
                let message = format!("there is no type `{of}`");
                let help = format!("the types are {}", listed(TYPES));
                self.below(&[Step::Key("type")], |checker| checker.refuse(Code::K004, message, help));
            }
            Some(of) if level == Level::Root && of != "object" => {
                self.refuse_key("type", "`type` must be `object` at the root", "write `object`");
            }
            Some(of) if embedded && of != "object" => {
                let message = "`type` must be `object` of an embedded resource";
                self.refuse_key("type", message, "write `object`");
            }
            None if level != Level::Nested && (embedded || !(int_or_string || preserves)) => {
                let help =
                    "write one, or `x-kubernetes-int-or-string` or `x-kubernetes-preserve-unknown-fields`";
                self.refuse_key("type", "`type` is missing", help);
            }
            _ => {}
        }
        if level == Level::Nested {
            return;
        }
        if of == Some("array") && schema.get("items").is_none_or(Node::is_null) {
            self.refuse_key("items", "`items` is missing: a list needs the schema of its items", "add it");
        }
        if int_or_string {
            for key in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
                if is_true(schema, key) {
                    let message = format!("`{key}` cannot stand beside `x-kubernetes-int-or-string`");
                    self.refuse_key(key, message, "remove one of them");
                }
            }
        }
        if embedded && !preserves && properties(schema).next().is_none() {
            let message =
                "`properties` is missing: an embedded resource that keeps no other fields needs them";
            let help = "add them, or `x-kubernetes-preserve-unknown-fields: true`";
            self.refuse_key("properties", message, help);
        }
    }

    /// `apiVersion`, `kind` and `metadata` are what they are in every object.
    fn check_meta(&mut self, key: &str, schema: &'c Node, level: Level) {
        let wanted = if key == "metadata" { "object" } else { "string" };
        if text(schema, "type").is_some_and(|of| of != wanted && TYPES.contains(&of)) {
            self.refuse_key(
                "type",
                format!("`{key}` must be of type `{wanted}`"),
                format!("write `{wanted}`"),
            );
        }
        if key == "metadata" && level == Level::Root {
            let other_key =
                |key: &str| !matches!(key, "type" | "properties" | "description" | "title" | "default");
            let set = schema.as_map().into_iter().flatten().filter(|(_, entry)| !is_unset(&entry.node));
            let narrows = set.map(|(key, _)| &**key).any(other_key);
            let names_other = properties(schema).any(|(key, _)| !matches!(&**key, "name" | "generateName"));
            if narrows || names_other {
                let message = "the schema of `metadata` may only describe `name` and `generateName`";
                self.refuse(Code::K018, message, "remove the rest: the API server knows it");
            }
        }
    }

    /// `x-kubernetes-list-type` and its keys, and `x-kubernetes-map-type`.
    fn check_list_type(&mut self, schema: &'c Node) {
        let of = text(schema, "type");
        let maps = text(schema, "x-kubernetes-map-type");
        if let Some(maps) = maps {
            if of != Some("object") {
                let message = "`type` must be `object` beside `x-kubernetes-map-type`";
                self.refuse_key("type", message, "write `object`, or remove the other");
            }
            self.check_word("x-kubernetes-map-type", maps, &["atomic", "granular"]);
        }
        let lists = text(schema, "x-kubernetes-list-type");
        let keys: Vec<&str> =
            list(schema, "x-kubernetes-list-map-keys").iter().filter_map(scalar_text).collect();
        if let Some(lists) = lists {
            self.check_word("x-kubernetes-list-type", lists, &["atomic", "map", "set"]);
            if of != Some("array") {
                let message = "`type` must be `array` beside `x-kubernetes-list-type`";
                self.refuse_key("type", message, "write `array`, or remove the other");
            }
        }
        if !keys.is_empty()
            && lists != Some("map")
            && lists.is_none_or(|lists| matches!(lists, "set" | "atomic"))
        {
            let message = "`x-kubernetes-list-type` must be `map` where `x-kubernetes-list-map-keys` has any";
            self.refuse_key("x-kubernetes-list-type", message, "write `map`, or remove the keys");
        }
        let Some(items) = schema.get("items").filter(|items| items.as_map().is_some()) else { return };
        if matches!(lists, Some("set" | "map")) && is_true(items, "nullable") {
            let steps = [Step::Key("items"), Step::Key("nullable")];
            self.below(&steps, |checker| {
                checker.refuse(Code::K018, "items of a set or map cannot be null", "remove it")
            });
        }
        match lists {
            Some("set") => self.check_set_items(items),
            Some("map") => self.check_map_items(items, &keys),
            _ => {}
        }
    }

    /// Items of a set are compared as a whole.
    fn check_set_items(&mut self, items: &'c Node) {
        let (key, fits) = match text(items, "type") {
            Some("array") => {
                let of = text(items, "x-kubernetes-list-type");
                ("x-kubernetes-list-type", of.is_none_or(|of| of == "atomic"))
            }
            Some("object") => {
                ("x-kubernetes-map-type", text(items, "x-kubernetes-map-type") == Some("atomic"))
            }
            _ => return,
        };
        if !fits {
            self.below(&[Step::Key("items"), Step::Key(key)], |checker| {
                checker.refuse(
                    Code::K018,
                    format!("`{key}` of the items of a set must be `atomic`"),
                    "write `atomic`",
                );
            });
        }
    }

    /// Items of a map are told apart by scalars that each of them has.
    fn check_map_items(&mut self, items: &'c Node, keys: &[&'c str]) {
        let keys_key = "x-kubernetes-list-map-keys";
        if keys.is_empty() {
            let message = format!("`{keys_key}` is missing: a list of type `map` needs keys");
            return self.refuse_key(keys_key, message, "name the properties that tell its items apart");
        }
        match text(items, "type") {
            Some("object") => {}
            // A type that is missing or unknown was reported.
            None => return,
            Some(of) if !TYPES.contains(&of) => return,
            Some(_) => {
                return self.below(&[Step::Key("items"), Step::Key("type")], |checker| {
                    checker.refuse(
                        Code::K018,
                        "items of a list of type `map` must be objects",
                        "write `object`",
                    );
                });
            }
        }
        let required: Vec<&str> = list(items, "required").iter().filter_map(scalar_text).collect();
        let mut seen = BTreeSet::new();
        for key in keys {
            if !seen.insert(key) {
                self.refuse_key(keys_key, format!("`{keys_key}` has `{key}` twice"), "remove one of them");
            }
            let Some(property) = items.get("properties").and_then(|properties| properties.get(key)) else {
                let message = format!("`{keys_key}` has `{key}`, which is not a property of the items");
                self.refuse_key(keys_key, message, "name properties of the items");
                continue;
            };
            let at = [Step::Key("items"), Step::Key("properties"), Step::Key(key)];
            self.below(&at, |checker| {
                if matches!(text(property, "type"), Some("array" | "object")) {
                    checker.refuse_key("type", "a key of a list must be a scalar", "name another key");
                }
                let has_default = property.get("default").is_some_and(|node| !node.is_null());
                if !has_default && !required.contains(key) {
                    let message =
                        format!("`default` is missing: `{key}` is a key of its list, and not required");
                    checker.refuse_key("default", message, "make it required, or add a default");
                }
                if is_true(property, "nullable") {
                    checker.refuse_key("nullable", "a key of a list cannot be null", "remove it");
                }
            });
        }
    }

    fn check_word(&mut self, key: &'c str, word: &str, allowed: &[&str]) {
        if !allowed.contains(&word) {
            let message = format!("`{key}` cannot be `{word}`");
            let help = format!("the allowed values are {}", listed(allowed));
            self.below(&[Step::Key(key)], |checker| checker.refuse(Code::K004, message, help));
        }
    }

    /// The rules of `x-kubernetes-validations`, but for their expressions.
    fn check_rules(&mut self, schema: &'c Node) {
        const REASONS: &[&str] =
            &["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
        for (index, rule) in list(schema, "x-kubernetes-validations").iter().enumerate() {
            let raw =
                |key: &str| rule.get(key).filter(|node| !node.is_null()).and_then(scalar_text).unwrap_or("");
            let (expression, message) = (raw("rule").trim(), raw("message"));
            let is_one_line = |text: &str| !text.contains(['\n', '\r']);
            self.below(&[Step::Key("x-kubernetes-validations"), Step::Index(index)], |checker| {
                if expression.is_empty() {
                    // One that is not there at all was reported by the strict check.
                    if rule.get("rule").is_some() {
                        checker.refuse_key("rule", "`rule` is empty", "write an expression of CEL");
                    }
                } else if !message.is_empty() && message.trim().is_empty() {
                    checker.refuse_key("message", "`message` is blank", "leave it out, or write one");
                } else if !is_one_line(message.trim()) {
                    checker.refuse_key("message", "`message` must be one line", "write it in one line");
                } else if !is_one_line(expression) && message.trim().is_empty() {
                    let text = "`message` is missing: the rule has more than one line";
                    checker.refuse_key("message", text, "add one");
                }
                for key in ["messageExpression", "fieldPath"] {
                    if !raw(key).is_empty() && raw(key).trim().is_empty() {
                        checker.refuse_key(key, format!("`{key}` is blank"), "leave it out, or write one");
                    }
                }
                if rule.get("reason").is_some_and(|node| !node.is_null()) && !REASONS.contains(&raw("reason"))
                {
                    let help = format!("the allowed values are {}", listed(REASONS));
                    checker.below(&[Step::Key("reason")], |checker| {
                        checker.refuse(Code::K004, "`reason` has a value that is not allowed", help);
                    });
                }
                if !raw("fieldPath").trim().is_empty() && !is_field_path(schema, raw("fieldPath")) {
                    let help = "name a field below this schema, as `.spec.color`";
                    checker.refuse_key("fieldPath", "`fieldPath` names no field of the schema", help);
                }
            });
        }
    }

    /// What narrows a field has that field beside it (`validateStructuralCompleteness`).
    fn check_completeness(&mut self, schema: &'c Node) {
        for nested in narrowing(schema) {
            self.check_covers(Some(schema), nested);
        }
        for (key, entry) in properties(schema) {
            let steps = [Step::Key("properties"), Step::Key(key)];
            self.below(&steps, |checker| checker.check_completeness(&entry.node));
        }
        for key in ["items", "additionalProperties"] {
            if let Some(below) = schema.get(key).filter(|node| node.as_map().is_some()) {
                self.below(&[Step::Key(key)], |checker| checker.check_completeness(below));
            }
        }
    }

    /// Reports each field that `nested` speaks of and `schema` does not have.
    fn check_covers(&mut self, schema: Option<&'c Node>, nested: &'c Node) {
        let Some(schema) = schema else {
            let message = "a field that is narrowed below `allOf`, `anyOf`, `oneOf` or `not` is missing here";
            return self.refuse(Code::K018, message, "add it with its type");
        };
        for inner in narrowing(nested) {
            self.check_covers(Some(schema), inner);
        }
        for (key, entry) in properties(nested) {
            let known = schema.get("properties").and_then(|properties| properties.get(key));
            let steps = [Step::Key("properties"), Step::Key(key)];
            self.below(&steps, |checker| checker.check_covers(known, &entry.node));
        }
        if let Some(items) = nested.get("items").filter(|node| node.as_map().is_some()) {
            let known = schema.get("items");
            self.below(&[Step::Key("items")], |checker| checker.check_covers(known, items));
        }
    }

    /// Rules compile, and speak of fields that the schema has (`cel.Compile`). Below `allOf` and its kin are none.
    ///
    /// `count` is how many values of the schema there may be in one object.
    fn check_expressions(&mut self, schema: &'c Node, whole: bool, count: f64) {
        if let Some(of) = Type::of_schema(schema, whole) {
            let scope = Scope::default().with("self", of.clone()).with("oldSelf", of);
            for (index, rule) in list(schema, "x-kubernetes-validations").iter().enumerate() {
                for (key, wanted) in [("rule", Type::Bool), ("messageExpression", Type::Text)] {
                    let Some(text) = text(rule, key) else { continue };
                    let finding = expression_finding(text, &scope, &wanted).or_else(|| {
                        parse(text).ok().filter(|rule| is_too_much(rule, schema, count))?;
                        let message =
                            "the expression may cost more than a hundred times what the API server allows";
                        let help =
                            "set `maxItems`, `maxProperties` and `maxLength` in the schema, or ask for less";
                        Some(finding(Code::K019, message).help(help))
                    });
                    let Some(finding) = finding else { continue };
                    self.below(
                        &[Step::Key("x-kubernetes-validations"), Step::Index(index), Step::Key(key)],
                        |checker| {
                            checker.place.report_below(checker.fact, &checker.steps, finding);
                        },
                    );
                }
            }
        }
        for (key, entry) in properties(schema) {
            let steps = [Step::Key("properties"), Step::Key(key)];
            self.below(&steps, |checker| checker.check_expressions(&entry.node, false, count));
        }
        for key in ["items", "additionalProperties"] {
            if let Some(below) = schema.get(key).filter(|node| node.as_map().is_some()) {
                let count = count * max_count(schema);
                self.below(&[Step::Key(key)], |checker| checker.check_expressions(below, false, count));
            }
        }
    }

    /// Defaults are values of their schemas (`ValidateDefaults`).
    fn check_defaults(&mut self, schema: &'c Node) {
        if let Some(default) = schema.get("default").filter(|node| !node.is_null()) {
            self.below(&[Step::Key("default")], |checker| checker.check_default(schema, default));
        }
        for (key, entry) in properties(schema) {
            let steps = [Step::Key("properties"), Step::Key(key)];
            self.below(&steps, |checker| checker.check_defaults(&entry.node));
        }
        for key in ["items", "additionalProperties"] {
            if let Some(below) = schema.get(key).filter(|node| node.as_map().is_some()) {
                self.below(&[Step::Key(key)], |checker| checker.check_defaults(below));
            }
        }
    }

    fn check_default(&mut self, schema: &Node, default: &'c Node) {
        let Ok(schema) = from_node::<serde_json::Value>(schema) else { return };
        let patterns = &self.place.context.target.api.patterns;
        for violation in json_schema::violations(&schema, default, patterns, json_schema::Unknown::Refuse) {
            let steps: Vec<Step<'_>> = violation
                .steps
                .iter()
                .map(|step| match step {
                    json_schema::Step::Key(key) => Step::Key(key),
                    json_schema::Step::Index(index) => Step::Index(*index),
                })
                .collect();
            let all: Vec<Step<'_>> = self.steps.iter().copied().chain(steps).collect();
            self.sound = false;
            let finding = finding(Code::K018, format!("the default {}", violation.message));
            self.place.report_below(self.fact, &all, finding.help("write a value that the schema takes"));
        }
    }
}

/// The schemas that narrow values of this one.
fn narrowing(schema: &Node) -> impl Iterator<Item = &Node> {
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| list(schema, key));
    lists.chain(schema.get("not").filter(|node| node.as_map().is_some()))
}

/// Whether a path such as `.a.b` leads to a field below the schema. Keys in brackets are left to the server.
fn is_field_path(schema: &Node, path: &str) -> bool {
    if path.contains('[') {
        return true;
    }
    let Some(keys) = path.strip_prefix('.') else { return false };
    let mut at = schema;
    for key in keys.split('.') {
        let property = at.get("properties").and_then(|properties| properties.get(key));
        match property.or_else(|| at.get("additionalProperties").filter(|node| node.as_map().is_some())) {
            Some(below) => at = below,
            None => return false,
        }
    }
    true
}

fn properties(schema: &Node) -> impl Iterator<Item = (&std::sync::Arc<str>, &crate::yaml::Entry)> {
    schema.get("properties").and_then(Node::as_map).into_iter().flat_map(Map::iter)
}

fn any_of(schema: &Node) -> &[Node] {
    list(schema, "anyOf")
}

/// Whether these are the two schemas `{type: integer}` and `{type: string}`.
fn is_either(schemas: &[Node]) -> bool {
    let of = |node: &Node, wanted: &str| {
        node.as_map().is_some_and(|map| map.len() == 1) && text(node, "type") == Some(wanted)
    };
    matches!(schemas, [first, second] if of(first, "integer") && of(second, "string"))
}

fn list<'n>(schema: &'n Node, key: &str) -> &'n [Node] {
    schema.get(key).and_then(Node::as_list).unwrap_or(&[])
}

/// A text that says something.
fn text<'n>(schema: &'n Node, key: &str) -> Option<&'n str> {
    schema.get(key).filter(|node| !is_absent(node)).and_then(scalar_text)
}

fn is_true(schema: &Node, key: &str) -> bool {
    schema.get(key).and_then(Node::as_bool) == Some(true)
}

/// Whether the server has the zero value there: nothing, `false`, or an empty collection.
fn is_unset(node: &Node) -> bool {
    is_absent(node) || node.as_bool() == Some(false) || node.as_map().is_some_and(|map| map.is_empty())
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
