//! `plimsoll secrets`: a values layer with fresh random secrets, made once and kept by the user.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use plimsoll::pipeline::{self, Settled};
use plimsoll::session::Session;
use plimsoll::yaml::{Entry, Node, Value, print_yaml};
use serde_json::Value as Json;

use crate::args::SecretsArgs;
use crate::terminal::{self, Voice};

pub fn run(args: &SecretsArgs, voice: Voice) -> Result<ExitCode> {
    let session = voice.session();
    // Merged only: what is missing is what this command is there for.
    let settled = pipeline::merge(&session, &args.source.request());
    terminal::conclude(&session, voice, settled, |settled| terminal::print(&layer(&session, &settled)?))
}

fn layer(session: &Session, settled: &Settled) -> Result<String> {
    let chart = &settled.chart;
    let Some(source) = chart.schema else { bail!("the chart `{}` has no values schema", chart.name) };
    let schema: Json =
        serde_json::from_str(&session.source(source).text).context("the values schema is no JSON")?;
    let mut wanted = Vec::new();
    Walk::over(&schema, &mut wanted).visit(&schema, Some(&settled.values), &mut Vec::new());
    let mut layer = Node::empty_map(settled.values.span);
    for (path, recipe) in &wanted {
        let secret =
            Recipe::read(recipe).with_context(|| format!("`x-generate` of `{}`", path.join(".")))?.make()?;
        insert(&mut layer, path, &secret);
    }
    let head = match wanted.len() {
        0 => format!("# Every secret of {} that can be made is set already.\n", chart.name),
        _ => format!(
            "# Secrets for {}, made once: keep this file safe, and give it to every render with `-f`.\n\
             # Making it again makes other secrets, and what is installed would not know them.\n",
            chart.name
        ),
    };
    Ok(head + &print_yaml(&layer))
}

/// Collects the properties that ask for a random secret and have none.
struct Walk<'s, 'w> {
    root: &'s Json,
    wanted: &'w mut Vec<(Vec<String>, &'s Json)>,
    /// The schemas that are being looked at, from the root down.
    open: Vec<&'s Json>,
    visits: usize,
}

/// Schemas that are looked at before the walk ends: references can make a small schema very large.
const MAX_VISITS: usize = 100_000;

impl<'s, 'w> Walk<'s, 'w> {
    fn over(root: &'s Json, wanted: &'w mut Vec<(Vec<String>, &'s Json)>) -> Self {
        Walk { root, wanted, open: Vec::new(), visits: 0 }
    }

    fn visit(&mut self, schema: &'s Json, value: Option<&Node>, path: &mut Vec<String>) {
        self.visits += 1;
        // A schema inside itself asks for nothing new.
        let inside_itself = self.open.iter().any(|open| std::ptr::eq(*open, schema));
        if inside_itself || self.visits > MAX_VISITS || !is_in_use(value) {
            return;
        }
        self.open.push(schema);
        self.look(schema, value, path);
        self.open.pop();
    }

    fn look(&mut self, schema: &'s Json, value: Option<&Node>, path: &mut Vec<String>) {
        if let Some(recipe) = schema.get("x-generate")
            && !is_given(value)
            && !self.wanted.iter().any(|(known, _)| known == path)
        {
            self.wanted.push((path.clone(), recipe));
        }
        for part in self.parts(schema) {
            self.visit(part, value, path);
        }
        for (key, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            path.push(key.clone());
            self.visit(property, value.and_then(|value| value.get(key)), path);
            path.pop();
        }
    }

    /// Schemas that hold for the same value: what `$ref` names, and all of `allOf`.
    fn parts(&self, schema: &'s Json) -> Vec<&'s Json> {
        let pointer = schema.get("$ref").and_then(Json::as_str).and_then(|target| target.strip_prefix('#'));
        let target = pointer.and_then(|pointer| self.root.pointer(pointer));
        target.into_iter().chain(schema.get("allOf").and_then(Json::as_array).into_iter().flatten()).collect()
    }
}

/// A part that is switched off, or takes its secrets from an existing Secret, needs none.
fn is_in_use(value: Option<&Node>) -> bool {
    let Some(value) = value else { return true };
    let off = value.get("enabled").and_then(Node::as_bool) == Some(false);
    let existing = value.get("existingSecret").and_then(Node::as_str).is_some_and(|name| !name.is_empty());
    !off && !existing
}

fn is_given(value: Option<&Node>) -> bool {
    value.is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
}

fn insert(layer: &mut Node, path: &[String], secret: &str) {
    let Some((key, rest)) = path.split_first() else { return };
    let span = layer.span;
    let Value::Map(map) = &mut layer.value else { return };
    let child = if rest.is_empty() { Node::string(secret, span) } else { Node::empty_map(span) };
    let entry = map.or_insert_with(Arc::from(key.as_str()), || Entry { key_span: span, node: child });
    insert(&mut entry.node, rest, secret);
}

/// How a secret is made: `{"bytes": 32, "as": "hex"}` or `{"length": 32, "as": "alphanumeric"}`.
#[derive(Debug, PartialEq)]
enum Recipe {
    Hex { bytes: usize },
    Alphanumeric { length: usize },
}

/// Longer secrets are mistakes in the schema.
const LONGEST_SECRET: usize = 1_024;

impl Recipe {
    fn read(recipe: &Json) -> Result<Self> {
        let number = |key: &str| {
            let number = recipe.get(key).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok());
            let number = number.with_context(|| format!("`{key}` must be a number"))?;
            ensure!((1..=LONGEST_SECRET).contains(&number), "`{key}` must be from 1 to {LONGEST_SECRET}");
            Ok(number)
        };
        match recipe.get("as").and_then(Json::as_str) {
            Some("hex") => Ok(Recipe::Hex { bytes: number("bytes")? }),
            Some("alphanumeric") => Ok(Recipe::Alphanumeric { length: number("length")? }),
            _ => bail!("`as` must be `hex` or `alphanumeric`"),
        }
    }

    fn make(&self) -> Result<String> {
        match self {
            Recipe::Hex { bytes } => Ok(random(*bytes)?.iter().map(|byte| format!("{byte:02x}")).collect()),
            Recipe::Alphanumeric { length } => alphanumeric(*length),
        }
    }
}

/// Letters and digits, each as likely as the others: bytes that would favour some are thrown away.
fn alphanumeric(length: usize) -> Result<String> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const FAIR: u8 = 62 * 4;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let fair = random(length)?.into_iter().filter(|byte| *byte < FAIR);
        let letters = fair.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        text.extend(letters.take(length - text.len()));
    }
    Ok(text)
}

fn random(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll::source::SourceKind;
    use serde_json::json;

    fn wanted(schema: &Json, values: &str) -> Vec<String> {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "values.yaml", values);
        let values = plimsoll::yaml::parse_one(&session, source).unwrap();
        let mut wanted = Vec::new();
        Walk::over(schema, &mut wanted).visit(schema, values.as_ref(), &mut Vec::new());
        wanted.into_iter().map(|(path, _)| path.join(".")).collect()
    }

    #[test]
    fn what_is_not_set_and_needed_is_wanted() {
        let secret = json!({"writeOnly": true, "x-generate": {"length": 32, "as": "alphanumeric"}});
        let schema = json!({
            "$defs": {"store": {"properties": {"password": secret, "self": {"$ref": "#/$defs/store"}}}},
            "$ref": "#",
            "properties": {
                "jwt": secret,
                "store": {"allOf": [{"$ref": "#/$defs/store"}]},
                "plain": {"type": "string"}
            }
        });
        assert!(wanted(&schema, "{}").starts_with(&["jwt".to_owned(), "store.password".to_owned()]));
        let given = wanted(&schema, "jwt: x\nstore: {password: '', self: {enabled: false}}\n");
        assert_eq!(given, ["store.password"]);
        assert_eq!(wanted(&schema, "jwt: x\nstore: {existingSecret: mine}\n"), Vec::<String>::new());
    }

    #[test]
    fn secrets_are_as_the_schema_says() {
        let hex = Recipe::read(&json!({"bytes": 32, "as": "hex"})).unwrap().make().unwrap();
        assert!(hex.len() == 64 && hex.chars().all(|c| c.is_ascii_hexdigit()));
        let recipe = Recipe::read(&json!({"length": 40, "as": "alphanumeric"})).unwrap();
        let (one, two) = (recipe.make().unwrap(), recipe.make().unwrap());
        assert!(one.len() == 40 && one.chars().all(|c| c.is_ascii_alphanumeric()) && one != two);
        for wrong in
            [json!({}), json!({"as": "hex"}), json!({"as": "hex", "bytes": 0}), json!({"as": "rot13"})]
        {
            assert!(Recipe::read(&wrong).is_err(), "{wrong}");
        }
    }
}
