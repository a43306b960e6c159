//! A schema that is ready to be held against values: read, checked for bounds, with its validator and its wants.
//!
//! | | a user's schema ([`Schema::compile`]) | a built-in one ([`Schema::prepared`]) |
//! |---|---|---|
//! | text read, bounds checked | at once | by the tests; at run time only when words are needed |
//! | wants | worked out at once | static data, without descriptions |
//! | fast path | none | static data |
//! | validator of jsonschema | at once: a wrong schema must be reported | when the fast path does not accept |

use std::sync::{Arc, OnceLock};

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value as JsonValue;

use super::bounds;
use super::fast_path::{AuthorWarning, BuiltIn};
use super::json_adapter::{self, Tree};
use super::wants;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::{SourceId, Span, Text};
use crate::yaml::{self, Node, PackedWants, ValuePath, Wants};

/// A compiled schema, with what it wants by path.
#[derive(Debug)]
pub struct Schema {
    pub(super) source: SourceId,
    /// Kept, as what is lazy below has no session to ask for it.
    text: Text,
    pub(super) wants: Arc<Wants>,
    /// The same with descriptions, which the packed wants of a built-in schema leave out: only messages need them.
    with_descriptions: OnceLock<Arc<Wants>>,
    /// Of a schema that is built in: what the fast path walks.
    built_in: Option<BuiltIn>,
    /// jsonschema's validator. Compiling that of a built-in schema is what takes longest, so it is made when
    /// values come that the fast path does not accept. None inside if it could not be made, which the tests
    /// of the bundled schemas rule out.
    validator: OnceLock<Option<CompiledValidator>>,
    /// The name for commands in messages.
    pub(super) chart: String,
}

impl Schema {
    /// Reads and compiles a schema, in JSON or YAML.
    ///
    /// # Errors
    /// C004 for what is not a schema, a `$ref` that leaves the file (nothing is ever fetched), a regular expression
    /// without linear time, and a schema that grows beyond bounds.
    pub fn compile(session: &Session, source: SourceId) -> Outcome<Schema> {
        let root = read(session, source)?;
        let validator = CompiledValidator::new(json_adapter::to_json(&root));
        let validator = validator.map_err(|error| refuse(session, &root, &error))?;
        let wants = Arc::new(wants::wants(&root));
        Ok(Schema {
            source,
            text: session.source(source).text.clone(),
            // Worked out from the whole tree, so this one has descriptions: one table is both.
            with_descriptions: OnceLock::from(Arc::clone(&wants)),
            wants,
            built_in: None,
            validator: OnceLock::from(Some(validator)),
            chart: UNNAMED_CHART.to_owned(),
        })
    }

    /// A schema that is built in: its bounds were checked when the program was tested, and `wants` were worked out
    /// then. It is read when values come that `built_in` does not accept, and when a message needs its words.
    ///
    /// All three must be made of the text of `source`; `tests/values/precomputed.rs` holds them against it.
    pub fn prepared(
        session: &Session,
        source: SourceId,
        wants: &'static PackedWants,
        built_in: BuiltIn,
    ) -> Schema {
        Schema {
            source,
            text: session.source(source).text.clone(),
            wants: Arc::new(Wants::packed(wants)),
            with_descriptions: OnceLock::new(),
            built_in: Some(built_in),
            validator: OnceLock::new(),
            chart: UNNAMED_CHART.to_owned(),
        }
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
    pub(super) fn with_descriptions(&self) -> &Wants {
        self.with_descriptions.get_or_init(|| {
            // A built-in schema is JSON, which serde_json reads faster than `yaml` does: no places are needed here. If
            // it were not, messages would lack descriptions and nothing else.
            let json = serde_json::from_str(&self.text).unwrap_or_default();
            let root = json_adapter::from_json(&json, Span::new(self.source, 0, 0));
            Arc::new(wants::wants(&root))
        })
    }

    /// The schema itself as a tree, with its words: what [`SettingTree::new`](super::SettingTree::new) walks.
    ///
    /// # Errors
    /// None for a schema that was compiled from the same session: it was read then.
    pub fn tree(&self, session: &Session) -> Outcome<Node> {
        let empty = || Node::empty_map(Span::new(self.source, 0, 0));
        Ok(yaml::parse_one(session, self.source)?.unwrap_or_else(empty))
    }

    /// The author's warnings about values that are right otherwise, by the fast path. None when something is wrong, and
    /// for a schema that is not built in.
    pub(super) fn accept(&self, values: &Node) -> Option<Vec<AuthorWarning>> {
        self.built_in?.accept(values)
    }

    /// The validator of the slow path; see the field.
    pub(super) fn validator(&self) -> Option<&CompiledValidator> {
        // Only a built-in schema comes here without one, so the text is JSON.
        let compile = || CompiledValidator::new(serde_json::from_str(&self.text).ok()?).ok();
        self.validator.get_or_init(compile).as_ref()
    }
}

/// A validator, and the schema that it was made of.
#[derive(Debug)]
pub(super) struct CompiledValidator {
    pub(super) validator: Validator<Tree>,
    /// With the words that messages quote, except descriptions.
    pub(super) schema: JsonValue,
}

impl CompiledValidator {
    /// Compiles a validator. Nothing is fetched, and expressions take linear time.
    ///
    /// # Errors
    /// What jsonschema says of a schema that breaks the meta-schema, or has a pattern with look-around or
    /// back references. Its own default is an engine that has these and backtracks; a pattern and a value
    /// could then take for ever together.
    pub(super) fn new(schema: JsonValue) -> Result<Self, ValidationError<'static>> {
        // The draft is the one that `$schema` names, and 2020-12 where nothing is said.
        let options = jsonschema::options_for::<Tree>().offline();
        let validator = options.with_pattern_options(PatternOptions::regex()).build(&schema)?;
        Ok(CompiledValidator { validator, schema })
    }
}

/// How commands in messages name a chart whose name is not known.
const UNNAMED_CHART: &str = "CHART";

/// A schema as a tree with its places, checked for bounds.
fn read(session: &Session, source: SourceId) -> Outcome<Node> {
    yaml::refuse_reserved(session, source)?;
    // An empty file is an empty schema, which allows anything.
    let nothing = || Node::empty_map(Span::new(source, 0, 0));
    let root = yaml::parse_one(session, source)?.unwrap_or_else(nothing);
    if root.as_map().is_none() && root.as_bool().is_none() {
        let message = format!("a schema is a map, and this is {}", root.noun());
        let finding = Diagnostic::error(Code::C004, message).at(root.span, "the whole schema");
        return Err(session.report(finding.help("write a JSON Schema: `{\"type\": \"object\", …}`")));
    }
    // Before jsonschema sees it: that follows references as far as they lead.
    bounds::check_bounds(session, &root)?;
    Ok(root)
}

/// Says what is wrong with a schema, at the place in the schema.
fn refuse(session: &Session, root: &Node, error: &ValidationError<'_>) -> Reported {
    let path = ValuePath::from_pointer(error.instance_path().as_str(), root);
    // jsonschema held the schema against the meta-schema, so the *instance* of its error is the schema.
    let place = path.find(root).unwrap_or(root);
    let at = if path.0.is_empty() { "the schema".to_owned() } else { format!("`{path}`") };
    let finding = Diagnostic::error(Code::C004, format!("{at} is not valid in a schema"));
    // Masked, as the message would quote all of a large schema.
    let finding = finding.at(place.span, "here").note(error.masked_with("this").to_string());
    let help = "JSON Schema draft 07 and 2020-12 are understood; patterns are regular expressions without look-around";
    session.report(finding.help(help))
}
