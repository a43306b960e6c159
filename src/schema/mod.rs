//! JSON Schema over the spanned tree: what a chart wants by path, and every violation at the data's own place.
//!
//! [`Schema::compile`] reads a schema, refuses what is not local or not bounded, and works out its
//! [`Wants`]; [`check`] holds values against it.

mod accept;
mod author;
mod check;
mod conditions;
mod facts;
mod holds;
mod instance;
mod keys;
mod limits;
mod outline;
mod sentence;
mod survey;
pub mod table;
mod validator;
mod walk;
mod wants;

pub use accept::BuiltIn;
pub use check::{Demands, accepted, check, check_demanding, findings, missing};
pub use conditions::{Rule, RuleKind, rules};
pub(crate) use conditions::{below, pattern};
pub(crate) use keys::elsewhere;
pub(crate) use limits::code;
pub use outline::{About, Outline, Spot};

use std::sync::{Arc, OnceLock};

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::{SourceId, Span, Text};
use crate::yaml::{self, Node, PackedWants, Wants};

/// A compiled schema, with what it wants by path.
#[derive(Debug)]
pub struct Schema {
    source: SourceId,
    text: Text,
    wants: Arc<Wants>,
    described: OnceLock<Arc<Wants>>,
    judge: validator::Judge,
    chart: String,
}

impl Schema {
    /// Reads and compiles a schema, in JSON or YAML.
    ///
    /// # Errors
    /// C004 for what is not a schema, a `$ref` that leaves the file (nothing is ever fetched), a regular expression
    /// without linear time, and a schema that grows beyond bounds.
    pub fn compile(session: &Session, source: SourceId) -> Outcome<Schema> {
        let root = read(session, source)?;
        let checked = validator::Checked::new(instance::to_json(&root));
        let checked = checked.map_err(|error| refuse(session, &root, &error))?;
        let judge = validator::Judge::of(checked);
        let wants = Arc::new(wants::wants(&root));
        let described = OnceLock::from(Arc::clone(&wants));
        let text = session.source(source).text.clone();
        Ok(Schema { source, text, wants, described, judge, chart: "CHART".to_owned() })
    }

    /// A schema that is built in: it was surveyed when the program was tested, and `wants` were worked out then. It is read
    /// when values come that `built_in` does not accept, and when a message needs its words.
    pub fn prepared(
        session: &Session,
        source: SourceId,
        wants: &'static PackedWants,
        built_in: BuiltIn,
    ) -> Schema {
        let text = session.source(source).text.clone();
        let judge = validator::Judge::built_in(text.clone(), built_in);
        let (wants, described) = (Arc::new(Wants::packed(wants)), OnceLock::new());
        Schema { source, text, wants, described, judge, chart: "CHART".to_owned() }
    }

    /// The same schema, for the chart with this name: messages that suggest a command name it.
    pub fn for_chart(self, name: impl Into<String>) -> Self {
        Schema { chart: name.into(), ..self }
    }

    /// What is wanted by path.
    pub fn wants(&self) -> &Arc<Wants> {
        &self.wants
    }

    /// What is wanted by path, with the schema's words for it.
    fn described(&self) -> &Wants {
        self.described.get_or_init(|| {
            let json = serde_json::from_str(&self.text).unwrap_or_default();
            let root = instance::from_json(&json, Span::new(self.source, 0, 0));
            Arc::new(wants::wants(&root))
        })
    }
}

/// A schema as a tree with its places, surveyed.
fn read(session: &Session, source: SourceId) -> Outcome<Node> {
    yaml::refuse_reserved(session, source)?;
    let nothing = || Node::empty_map(Span::new(source, 0, 0));
    let root = yaml::parse_one(session, source)?.unwrap_or_else(nothing);
    if root.as_map().is_none() && root.as_bool().is_none() {
        let message = format!("a schema is a map, and this is {}", root.noun());
        let finding = Diagnostic::error(Code::C004, message).at(root.span, "the whole schema");
        return Err(session.report(finding.help("write a JSON Schema: `{\"type\": \"object\", …}`")));
    }
    survey::survey(session, &root)?;
    Ok(root)
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
