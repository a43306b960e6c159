//! JSON Schema over the spanned tree: what a chart wants by path, and every violation at the data's own place.
//!
//! [`Schema::compile`] reads a schema, refuses what is not local or not bounded, and works out its
//! [`Wants`]; [`check`] holds values against it.

mod author;
mod check;
mod facts;
mod instance;
mod keys;
mod sentence;
mod survey;
mod validator;
mod walk;
mod wants;

pub use check::{check, findings};

use jsonschema::Validator;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::{self, Node, Wants};

/// A compiled schema, with what it wants by path.
#[derive(Debug)]
pub struct Schema {
    root: Node,
    validator: validator::Beside,
    wants: Wants,
    chart: String,
}

impl Schema {
    /// Reads and compiles a schema, in JSON or YAML.
    ///
    /// # Errors
    /// C004 for what is not a schema, a `$ref` that leaves the file (nothing is ever fetched), a regular expression
    /// without linear time, and a schema that grows beyond bounds.
    pub fn compile(session: &Session, source: SourceId) -> Outcome<Schema> {
        let (root, json, trusted) = read(session, source)?;
        let validator = if trusted {
            validator::Beside::start(json)
        } else {
            validator::Beside::done(build(session, &root, &json)?)
        };
        let wants = wants::wants(&root);
        Ok(Schema { root, validator, wants, chart: "CHART".to_owned() })
    }

    /// The same schema, for the chart with this name: messages that suggest a command name it.
    pub fn for_chart(self, name: impl Into<String>) -> Self {
        Schema { chart: name.into(), ..self }
    }

    /// What is wanted by path.
    pub fn wants(&self) -> &Wants {
        &self.wants
    }
}

/// A schema as a tree with its places, and as JSON; and whether it is one of the program's own.
fn read(session: &Session, source: SourceId) -> Outcome<(Node, serde_json::Value, bool)> {
    if let Some(json) = trusted(session, source) {
        return Ok((instance::from_json(&json, Span::new(source, 0, 0)), json, true));
    }
    yaml::refuse_reserved(session, source)?;
    let nothing = || Node::empty_map(Span::new(source, 0, 0));
    let root = yaml::parse_one(session, source)?.unwrap_or_else(nothing);
    if root.as_map().is_none() && root.as_bool().is_none() {
        let message = format!("a schema is a map, and this is {}", root.noun());
        let finding = Diagnostic::error(Code::C004, message).at(root.span, "the whole schema");
        return Err(session.report(finding.help("write a JSON Schema: `{\"type\": \"object\", …}`")));
    }
    survey::survey(session, &root)?;
    let json = instance::to_json(&root);
    Ok((root, json, false))
}

/// A schema that is built in was surveyed when the program was tested, and no one needs its places: every start is
/// milliseconds faster for it.
fn trusted(session: &Session, source: SourceId) -> Option<serde_json::Value> {
    let source = session.source(source);
    (source.kind == SourceKind::Bundled).then(|| serde_json::from_str(&source.text).ok()).flatten()
}

fn build(session: &Session, root: &Node, json: &serde_json::Value) -> Outcome<Validator<instance::Tree>> {
    validator::build(json).map_err(|error| refuse(session, root, &error))
}

/// Says what is wrong with a schema, at the place in the schema.
fn refuse(session: &Session, root: &Node, error: &jsonschema::ValidationError<'_>) -> Reported {
    let path = yaml::ValuePath::from_pointer(error.instance_path().as_str(), root);
    let place = path.find(root).unwrap_or(root);
    let at = if path.0.is_empty() { "the schema".to_owned() } else { format!("`{path}`") };
    let finding = Diagnostic::error(Code::C004, format!("{at} is not valid in a schema"));
    let finding = finding.at(place.span, "here").note(error.masked_with("this").to_string());
    let help = "JSON Schema draft 07 and 2020-12 are understood; patterns are regular expressions without look-around";
    session.report(finding.help(help))
}
