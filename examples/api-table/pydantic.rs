//! The classes of Python that are made of CRDs, as in the packages `cloudcoil-models-*`, and of the types of Argo, as in
//! `hera`, read back as structural schemas.
//!
//! ```text
//! class Gateway(Resource):
//!     __cloudcoil_api__: ClassVar[dict] = {"plural": "gateways", "scope": "Namespaced", "status": True}
//!     spec: GatewaySpec | None = None
//!     api_version: Annotated[Literal["networking.istio.io/v1"], Field(alias="apiVersion")] = "networking…"
//!     kind: Literal["Gateway"] = "Gateway"
//! class GatewaySpec(BaseModel):
//!     model_config = ConfigDict(extra='allow')                 other fields are kept
//!     servers: list[GatewaySpecServersItem]                    required
//!     port: Annotated[int | None, Field(alias="portNumber", ge=1)] = None
//! ```
//!
//! List types and rules are not kept, and an object that keeps any field looks like a value of any type, which it is
//! read as.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::described::{Described, any_map, anything, int_or_string, object};

/// Kinds whose classes do not say what they are called and where they live.
const KINDS: &[(&str, &str, bool)] = &[
    ("Workflow", "workflows", true),
    ("WorkflowTemplate", "workflowtemplates", true),
    ("ClusterWorkflowTemplate", "clusterworkflowtemplates", false),
    ("CronWorkflow", "cronworkflows", true),
    ("WorkflowEventBinding", "workfloweventbindings", true),
    ("EventSource", "eventsources", true),
    ("EventBus", "eventbus", true),
    ("Sensor", "sensors", true),
];
const KINDS_GROUP: &str = "argoproj.io";
const KINDS_VERSION: &str = "v1alpha1";

/// Fields that are texts in Python, and that the Go types read numbers and booleans as texts for (`AnyString`), or that
/// hold whole objects of a kind that is not known.
const WIDER: &[(&str, &[&str])] = &[
    ("Parameter", &["default", "enum", "value"]),
    ("ValueFrom", &["default"]),
    ("TriggerParameterSource", &["value"]),
    ("ArtifactLocation", &["resource"]),
];

/// A field that stands for the fields of another type in the same object, though the description of the API says otherwise.
const EMBEDDED: &str = "webhookContext";

/// An expression, as far as types need it.
#[derive(Clone, Debug, PartialEq)]
enum Expression {
    /// `None`, `list[str]`, `Annotated[int, Field(ge=1)]`, `v1.Container`.
    Name(String, Vec<Expression>),
    Union(Vec<Expression>),
    Text(String),
    Number(String),
    Call(String, Vec<(String, Expression)>),
    List(Vec<Expression>),
}

#[derive(Debug, Default)]
struct Class {
    /// In the order of the file, with whether there is a default.
    fields: Vec<(String, Expression, bool)>,
    /// Whether other fields are kept.
    open: bool,
    /// What `__cloudcoil_api__` says, as it is written.
    api: Option<String>,
    /// Whether it stands for the type of its field `root`.
    is_root: bool,
}

/// A file.
#[derive(Debug, Default)]
struct Module {
    classes: BTreeMap<String, Class>,
    aliases: BTreeMap<String, Expression>,
    /// The files that names stand for.
    imports: BTreeMap<String, String>,
}

/// Reads all modules of a package.
///
/// # Errors
/// A file that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Described>, String> {
    let mut modules = BTreeMap::new();
    for path in crate::crd::files(folder, "py")? {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
        modules.insert(name, parse(&text));
    }
    let mut found = Vec::new();
    for (path, module) in &modules {
        for (name, class) in &module.classes {
            found.extend(described(&modules, path, name, class));
        }
    }
    Ok(found)
}

fn described(
    modules: &BTreeMap<PathBuf, Module>,
    path: &Path,
    name: &str,
    class: &Class,
) -> Option<Described> {
    let reader = Reader { modules, within: RefCell::default() };
    let (group, version, plural, namespaced, has_status) = match &class.api {
        Some(api) => {
            let of_class = class.fields.iter().find(|(field, ..)| field == "api_version");
            let written = of_class.and_then(|(_, of, _)| literal(of))?;
            let (group, version) = written.split_once('/')?;
            let text =
                |key: &str| Some(api.split(&format!("\"{key}\":\"")).nth(1)?.split('"').next()?.to_owned());
            let namespaced = text("scope")? == "Namespaced";
            (
                group.to_owned(),
                version.to_owned(),
                text("plural")?,
                namespaced,
                api.contains("\"status\":True"),
            )
        }
        None => {
            let of_argo = path.to_string_lossy().contains("argo");
            let (_, plural, namespaced) = KINDS.iter().find(|(kind, ..)| *kind == name && of_argo)?;
            (KINDS_GROUP.to_owned(), KINDS_VERSION.to_owned(), (*plural).to_owned(), *namespaced, false)
        }
    };
    let mut schema = reader.class(path, name, class);
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut)?;
    for key in ["apiVersion", "kind", "metadata"] {
        properties.remove(key);
    }
    properties.get("spec").or(properties.get("submit"))?;
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|key| !["apiVersion", "kind", "metadata"].iter().any(|of| key == of));
    }
    if schema.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        schema.as_object_mut()?.remove("required");
    }
    Some(Described { group, version, kind: name.to_owned(), plural, namespaced, has_status, schema })
}

/// `Annotated[Literal["v1"], …]`.
fn literal(of: &Expression) -> Option<&str> {
    match of {
        Expression::Name(name, inside) if name == "Annotated" => literal(inside.first()?),
        Expression::Name(name, inside) if name == "Literal" => match inside.first()? {
            Expression::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

struct Reader<'m> {
    modules: &'m BTreeMap<PathBuf, Module>,
    /// The classes that are being read, from the outermost. One that holds itself is left open there: the types of CRDs
    /// are finite.
    within: RefCell<Vec<(PathBuf, String)>>,
}

impl Reader<'_> {
    fn class(&self, path: &Path, name: &str, class: &Class) -> Value {
        let this = (path.to_owned(), name.to_owned());
        if self.within.borrow().contains(&this) {
            return anything();
        }
        self.within.borrow_mut().push(this);
        let schema = self.fields(path, name, class);
        self.within.borrow_mut().pop();
        schema
    }

    fn fields(&self, path: &Path, name: &str, class: &Class) -> Value {
        if class.is_root {
            let root = class.fields.iter().find(|(field, ..)| field == "root");
            return root.map_or_else(anything, |(_, of, _)| self.schema(path, of));
        }
        let wider = WIDER.iter().find(|(of, _)| *of == name && class.api.is_none() && !self.has_apis());
        let mut properties = BTreeMap::new();
        let mut required = Vec::new();
        for (field, of, has_default) in &class.fields {
            let key = alias(of).unwrap_or_else(|| field.clone());
            let mut schema = match wider {
                Some((_, fields)) if fields.contains(&key.as_str()) => anything(),
                _ => self.schema(path, of),
            };
            if !has_default {
                required.push(key.clone());
                if may_be_null(of)
                    && let Some(schema) = schema.as_object_mut()
                {
                    schema.insert("nullable".to_owned(), json!(true));
                }
            }
            // Embedded in the Go type: its fields are fields of the object itself.
            match (key.as_str(), schema.get("properties").and_then(Value::as_object)) {
                (EMBEDDED, Some(fields)) => {
                    properties.extend(fields.iter().map(|(key, schema)| (key.clone(), schema.clone())));
                }
                _ => {
                    properties.insert(key, schema);
                }
            }
        }
        let open = class.open || properties.is_empty();
        object(properties, required, open)
    }

    /// Whether the package says where its kinds live.
    fn has_apis(&self) -> bool {
        self.modules.values().any(|module| module.classes.values().any(|class| class.api.is_some()))
    }

    fn schema(&self, path: &Path, of: &Expression) -> Value {
        match of {
            Expression::Union(parts) => {
                let parts: Vec<&Expression> = parts.iter().filter(|part| !is_none(part)).collect();
                let is = |name: &str| parts.iter().any(|part| **part == named(name));
                match parts.as_slice() {
                    [only] => self.schema(path, only),
                    [_, _] if is("int") && is("str") => int_or_string(),
                    // The schema has one object with `oneOf`, of which each part becomes a class.
                    parts => merged(parts.iter().map(|part| self.schema(path, part)).collect()),
                }
            }
            Expression::Name(name, inside) => self.named(path, name, inside),
            _ => anything(),
        }
    }

    fn named(&self, path: &Path, name: &str, inside: &[Expression]) -> Value {
        match (name, inside) {
            ("str", _) => json!({ "type": "string" }),
            ("int", _) => json!({ "type": "integer" }),
            ("float", _) => json!({ "type": "number" }),
            ("bool", _) => json!({ "type": "boolean" }),
            ("AwareDatetime", _) => json!({ "type": "string", "format": "date-time" }),
            ("Base64Str" | "Base64Bytes", _) => json!({ "type": "string", "format": "byte" }),
            ("Annotated", [of, field, ..]) => constrained(self.schema(path, of), field),
            ("list" | "List", [items]) => {
                json!({ "type": "array", "items": self.schema(path, items) })
            }
            ("dict" | "Dict", [_, values]) if *values != named("Any") => {
                json!({ "type": "object", "additionalProperties": self.schema(path, values) })
            }
            ("Optional", [of]) => self.schema(path, of),
            ("Literal", values) => {
                let texts: Option<Vec<&String>> = values
                    .iter()
                    .map(|value| match value {
                        Expression::Text(text) => Some(text),
                        _ => None,
                    })
                    .collect();
                texts.map_or_else(anything, |texts| json!({ "type": "string", "enum": texts }))
            }
            ("ObjectMeta" | "v1.ObjectMeta", _) => any_map(),
            _ => self.declared(path, name).unwrap_or_else(anything),
        }
    }

    /// A name that a module declares: this one, or one that it imports.
    fn declared(&self, path: &Path, name: &str) -> Option<Value> {
        let module = self.modules.get(path)?;
        if let Some(class) = module.classes.get(name) {
            return Some(self.class(path, name, class));
        }
        if let Some(of) = module.aliases.get(name) {
            return Some(self.schema(path, of));
        }
        let (module, name) = match name.split_once('.') {
            Some((module_name, name)) => (module.imports.get(module_name)?, name),
            None => (module.imports.get(name)?, name),
        };
        match name {
            "IntOrString" => return Some(int_or_string()),
            "Time" | "MicroTime" => return Some(json!({ "type": "string", "format": "date-time" })),
            _ => {}
        }
        // A dot for this folder, and one more for each above it.
        let levels = module.chars().take_while(|sign| *sign == '/').count();
        let target = match levels {
            0 => PathBuf::from(module),
            levels => path.ancestors().nth(levels)?.join(module.trim_start_matches('/')),
        };
        let (path, module) = self.modules.get_key_value(&target)?;
        Some(self.class(path, name, module.classes.get(name)?))
    }
}

/// An object with what any of these objects may have, and must have what all must have.
fn merged(parts: Vec<Value>) -> Value {
    let mut properties = BTreeMap::new();
    let mut required: Option<Vec<String>> = None;
    let mut open = false;
    for part in parts {
        let Some(fields) = part.get("properties").and_then(Value::as_object) else { return anything() };
        properties.extend(fields.iter().map(|(key, schema)| (key.clone(), schema.clone())));
        let names = part.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let names: Vec<String> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        required = Some(match required {
            Some(before) => before.into_iter().filter(|name| names.contains(name)).collect(),
            None => names,
        });
        open |= part.get("x-kubernetes-preserve-unknown-fields").is_some();
    }
    object(properties, required.unwrap_or_default(), open)
}

fn named(name: &str) -> Expression {
    Expression::Name(name.to_owned(), Vec::new())
}

fn is_none(of: &Expression) -> bool {
    *of == named("None")
}

fn may_be_null(of: &Expression) -> bool {
    match of {
        Expression::Union(parts) => parts.iter().any(is_none),
        Expression::Name(name, inside) if name == "Annotated" => inside.first().is_some_and(may_be_null),
        _ => false,
    }
}

fn field_arguments(of: &Expression) -> &[(String, Expression)] {
    match of {
        Expression::Call(name, arguments) if name == "Field" => arguments,
        Expression::Name(name, inside) if name == "Annotated" => inside.get(1).map_or(&[], field_arguments),
        _ => &[],
    }
}

fn alias(of: &Expression) -> Option<String> {
    field_arguments(of).iter().find_map(|(key, value)| match value {
        Expression::Text(text) if key == "alias" => Some(text.clone()),
        _ => None,
    })
}

/// A schema with what `Field(…)` says of its values.
fn constrained(mut schema: Value, field: &Expression) -> Value {
    let is_list = schema.get("type") == Some(&json!("array"));
    let is_map = schema.get("type") == Some(&json!("object"));
    let Some(map) = schema.as_object_mut() else { return schema };
    if !map.contains_key("type") {
        return schema;
    }
    for (key, value) in field_arguments(field) {
        let keyword = match key.as_str() {
            "ge" => "minimum",
            "le" => "maximum",
            "min_length" if is_map => "minProperties",
            "max_length" if is_map => "maxProperties",
            "min_length" if is_list => "minItems",
            "max_length" if is_list => "maxItems",
            "min_length" => "minLength",
            "max_length" => "maxLength",
            "pattern" => "pattern",
            _ => continue,
        };
        let value = match value {
            Expression::Number(digits) => serde_json::from_str(digits).ok(),
            Expression::Text(text) => Some(json!(text)),
            _ => None,
        };
        if let Some(value) = value {
            map.insert(keyword.to_owned(), value);
        }
    }
    schema
}

fn parse(text: &str) -> Module {
    let mut module = Module::default();
    let mut current: Option<String> = None;
    for (indent, line) in logical_lines(text) {
        if indent == 0 {
            current = None;
        }
        if indent == 0 && line.starts_with("from ") {
            add_imports(&mut module.imports, &line);
        } else if let Some(rest) = line.strip_prefix("class ").filter(|_| indent == 0) {
            let (name, bases) = rest.split_once('(').unwrap_or((rest.trim_end_matches(':'), ""));
            let class = Class { is_root: bases.trim_start().starts_with("RootModel"), ..Class::default() };
            module.classes.insert(name.to_owned(), class);
            current = Some(name.to_owned());
        } else if let Some((name, rest)) = line.split_once(" = TypeAliasType(").filter(|_| indent == 0) {
            if let Expression::Call(_, arguments) = expression(&format!("TypeAliasType({rest}"))
                && let Some((_, of)) = arguments.into_iter().nth(1)
            {
                module.aliases.insert(name.to_owned(), of);
            }
        } else if let Some(class) = current.as_ref().and_then(|name| module.classes.get_mut(name))
            && indent == 4
        {
            if line.starts_with("model_config") {
                class.open |= line.contains("extra='allow'") || line.contains("extra=\"allow\"");
            } else if let Some((name, rest)) = line.split_once(": ").filter(|(name, _)| is_identifier(name)) {
                if name == "__cloudcoil_api__" {
                    class.api = Some(rest.split_whitespace().collect());
                    continue;
                }
                let mut parser = Parser::new(rest);
                let of = parser.union();
                class.fields.push((name.to_owned(), of, parser.peek() == Some(&Token::Sign('='))));
            }
        }
    }
    module
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

/// `from a.b.c import v1 as v1_1, X`.
fn add_imports(imports: &mut BTreeMap<String, String>, line: &str) {
    let Some((module, names)) = line["from ".len()..].split_once(" import ") else { return };
    let folder = module.replace('.', "/");
    for name in names.trim_matches(['(', ')']).split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let (name, known_as) = name.split_once(" as ").unwrap_or((name, name));
        let is_module = name.starts_with('v') && name[1..].starts_with(|digit: char| digit.is_ascii_digit());
        let target = if is_module || name.chars().all(|c| c.is_lowercase() || c == '_') {
            format!("{folder}/{name}")
        } else {
            folder.clone()
        };
        imports.insert(known_as.to_owned(), target);
    }
}

/// Lines with their indentation, those in brackets and in texts of several lines joined.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut current: Option<(usize, String)> = None;
    let mut depth = 0_i32;
    let mut in_documentation = false;
    for line in text.lines() {
        let marks = line.matches("\"\"\"").count();
        if in_documentation || marks % 2 == 1 {
            in_documentation ^= marks % 2 == 1;
            continue;
        }
        if current.is_none() && (line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        depth += brackets(line);
        let indent = line.len() - line.trim_start().len();
        let (_, joined) = current.get_or_insert_with(|| (indent, String::new()));
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line.trim());
        if depth <= 0 {
            depth = 0;
            lines.extend(current.take());
        }
    }
    lines
}

/// How many brackets a line opens more than it closes, outside of texts.
fn brackets(line: &str) -> i32 {
    let mut depth = 0;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') => break,
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    depth
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&character) = rest.peek() {
        if character.is_whitespace() {
            rest.next();
        } else if character == '"' || character == '\'' {
            rest.next();
            let raw = tokens.last() == Some(&Token::Name("r".to_owned()));
            if raw {
                tokens.pop();
            }
            let mut text = String::new();
            while let Some(next) = rest.next() {
                match next {
                    '\\' if raw => text.extend([Some('\\'), rest.next()].into_iter().flatten()),
                    '\\' => match rest.next() {
                        Some('n') => text.push('\n'),
                        Some('t') => text.push('\t'),
                        Some(escaped @ ('\\' | '"' | '\'')) => text.push(escaped),
                        other => text.extend([Some('\\'), other].into_iter().flatten()),
                    },
                    close if close == character => break,
                    other => text.push(other),
                }
            }
            // Texts that follow each other are one.
            match tokens.last_mut() {
                Some(Token::Text(before)) => before.push_str(&text),
                _ => tokens.push(Token::Text(text)),
            }
        } else if character.is_alphabetic() || character == '_' {
            let mut name = String::new();
            while let Some(&next) = rest.peek().filter(|next| next.is_alphanumeric() || "_.".contains(**next))
            {
                name.push(next);
                rest.next();
            }
            tokens.push(Token::Name(name));
        } else if character.is_ascii_digit() || character == '-' {
            let mut digits = String::new();
            while let Some(&next) = rest.peek().filter(|next| next.is_ascii_digit() || "-.e".contains(**next))
            {
                digits.push(next);
                rest.next();
            }
            tokens.push(Token::Number(digits));
        } else {
            tokens.push(Token::Sign(character));
            rest.next();
        }
    }
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

fn expression(text: &str) -> Expression {
    Parser::new(text).union()
}

impl Parser {
    fn new(text: &str) -> Parser {
        Parser { tokens: tokens(text), at: 0 }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, sign: char) -> bool {
        let is_there = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is_there);
        is_there
    }

    fn union(&mut self) -> Expression {
        let mut parts = vec![self.term()];
        while self.take('|') {
            parts.push(self.term());
        }
        match parts.len() {
            1 => parts.remove(0),
            _ => Expression::Union(parts),
        }
    }

    fn term(&mut self) -> Expression {
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Text(text)) => Expression::Text(text),
            Some(Token::Number(digits)) => Expression::Number(digits),
            Some(Token::Name(name)) if self.take('[') => Expression::Name(name, self.items(']')),
            Some(Token::Name(name)) if self.take('(') => {
                let mut arguments = Vec::new();
                while !self.take(')') && self.peek().is_some() {
                    let key = match (self.peek(), self.tokens.get(self.at + 1)) {
                        (Some(Token::Name(key)), Some(Token::Sign('='))) => Some(key.clone()),
                        _ => None,
                    };
                    if key.is_some() {
                        self.at += 2;
                    }
                    arguments.push((key.unwrap_or_default(), self.union()));
                    self.take(',');
                }
                Expression::Call(name, arguments)
            }
            Some(Token::Name(name)) => Expression::Name(name, Vec::new()),
            Some(Token::Sign('(')) => {
                let mut items = self.items(')');
                if items.len() == 1 { items.remove(0) } else { Expression::List(items) }
            }
            Some(Token::Sign('[')) => Expression::List(self.items(']')),
            Some(Token::Sign('{')) => Expression::List(self.items('}')),
            _ => named("Any"),
        }
    }

    fn items(&mut self, close: char) -> Vec<Expression> {
        let mut items = Vec::new();
        while !self.take(close) && self.peek().is_some() {
            items.push(self.union());
            if !self.take(',') {
                self.take(':');
            }
        }
        items
    }
}
