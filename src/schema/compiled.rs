//! A schema that is ready to be held against values: read, checked for bounds, with its wants and its table.
//!
//! | | a schema's text ([`Schema::compile`]) | a precompiled one ([`Schema::from_precompiled`]) |
//! |---|---|---|
//! | text read, bounds checked | at once | when it was precompiled; read when words are needed |
//! | wants, table | worked out at once | read |
//! | validator of jsonschema | when the table does not accept; at once for a schema that may be wrong | when the table does not accept |
//!
//! What is kept by [`PrecompiledSchema`] is all that right values need. Words stay in the schema's text.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use jsonschema::{ValidationError, Validator};
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;

use super::address::References;
use super::bounds;
use super::fast_path::AuthorWarning;
use super::json_adapter;
use super::library::{self, Library};
use super::table::Table;
use super::{soundness, table_builder, wants};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Node, ValuePath, Wants};

/// A compiled schema, with what it wants by path.
#[derive(Debug)]
pub struct Schema {
    pub(super) source: SourceId,
    pub(super) wants: Arc<Wants>,
    /// What the fast path walks.
    table: Arc<Table>,
    /// The text as a tree, for its words and for the validator. None inside if it cannot be read, which only that of
    /// a precompiled schema could be that belongs to another text.
    tree: OnceLock<Option<Node>>,
    /// jsonschema's validator. To compile it takes longer than the rest of a render, so it is made when values come
    /// that the fast path does not accept. The finding inside says why it could not be made.
    validator: OnceLock<Result<CompiledValidator, Box<Diagnostic>>>,
    /// Where the types come from that it refers to and does not have.
    library: Option<Arc<dyn Library>>,
    /// The name for commands in messages.
    pub(super) chart: String,
}

/// What of a schema can be kept beside it: all that right values need. It belongs to the schema's text, and says
/// nothing of another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrecompiledSchema {
    wants: Arc<Wants>,
    table: Arc<Table>,
}

impl PrecompiledSchema {
    /// Whether it can be used: every index is in bounds, and every walk through it ends, with a stack of a known
    /// depth. What was made here is sound; a file may be damaged, or written by somebody else.
    pub fn is_sound(&self) -> bool {
        self.wants.is_sound() && soundness::is_sound(&self.table)
    }
}

impl Schema {
    /// Reads and compiles a schema, in JSON or YAML.
    ///
    /// # Errors
    /// C004 for what is not a schema, a `$ref` that leaves the file (nothing is ever fetched), a regular expression
    /// without linear time, and a schema that grows beyond bounds.
    pub fn compile(session: &Session, source: SourceId) -> Outcome<Schema> {
        Schema::compile_by(session, source, None)
    }

    /// As [`Schema::compile`], of a schema that may refer to types of a library.
    ///
    /// # Errors
    /// As [`Schema::compile`], and C004 for a type that the library does not have.
    pub fn compile_with(session: &Session, source: SourceId, library: Arc<dyn Library>) -> Outcome<Schema> {
        Schema::compile_by(session, source, Some(library))
    }

    fn compile_by(session: &Session, source: SourceId, library: Option<Arc<dyn Library>>) -> Outcome<Schema> {
        let root = read(session, source, library.as_deref())?;
        let schema = Schema::compile_tree(session, source, root)?;
        Ok(Schema { library, ..schema })
    }

    /// Reads the text of a schema, with the types of a library that it refers to, without more.
    ///
    /// # Errors
    /// C004 for what is no schema or a type that the library does not have, and what is not YAML.
    pub fn read(session: &Session, source: SourceId, library: &dyn Library) -> Outcome<Node> {
        read(session, source, Some(library))
    }

    /// As [`Schema::compile`], of a tree that is put together of several texts; `source` is that of the most of it.
    ///
    /// # Errors
    /// As there.
    pub fn compile_tree(session: &Session, source: SourceId, root: Node) -> Outcome<Schema> {
        let references = Rc::new(References::new(&root));
        // Before anything else sees it: all that follows counts on walks that end.
        bounds::check_bounds(session, &references)?;
        let built = table_builder::build(&references);
        let validator = OnceLock::new();
        if !built.is_surely_valid {
            let compiled = CompiledValidator::new(json_adapter::to_json(&root));
            let compiled = compiled.map_err(|error| session.report(refusal(&root, &error)))?;
            validator.get_or_init(|| Ok(compiled));
        }
        let wants = Arc::new(wants::wants(&references));
        drop(references);
        Ok(Schema {
            source,
            wants,
            table: Arc::new(built.table),
            tree: OnceLock::from(Some(root)),
            validator,
            library: None,
            chart: UNNAMED_CHART.to_owned(),
        })
    }

    /// A schema that was compiled before, from the text that `source` has. The text is read when a message needs its
    /// words, or when something is wrong with values.
    ///
    /// It must be sound ([`PrecompiledSchema::is_sound`]).
    pub fn from_precompiled(source: SourceId, precompiled: &PrecompiledSchema) -> Schema {
        Schema {
            source,
            wants: Arc::clone(&precompiled.wants),
            table: Arc::clone(&precompiled.table),
            tree: OnceLock::new(),
            validator: OnceLock::new(),
            // What refers to a library is not precompiled.
            library: None,
            chart: UNNAMED_CHART.to_owned(),
        }
    }

    /// What can be kept of it.
    pub fn precompiled(&self) -> PrecompiledSchema {
        PrecompiledSchema { wants: Arc::clone(&self.wants), table: Arc::clone(&self.table) }
    }

    /// The same schema, for the chart with this name: messages that suggest a command name it.
    pub fn for_chart(self, name: impl Into<String>) -> Self {
        Schema { chart: name.into(), ..self }
    }

    /// What is wanted by path.
    pub fn wants(&self) -> &Arc<Wants> {
        &self.wants
    }

    /// The schema's words for a path.
    pub(super) fn description(&self, session: &Session, path: &ValuePath) -> Option<Arc<str>> {
        let references = Rc::new(References::new(self.read_tree(session)?));
        wants::description(&references, path)
    }

    /// The schema itself as a tree, with its words: what [`SettingTree::new`](super::SettingTree::new) walks.
    ///
    /// # Errors
    /// None for a schema that was compiled from the same session: it was read then.
    pub fn tree(&self, session: &Session) -> Outcome<Node> {
        match self.tree.get() {
            Some(Some(tree)) => Ok(tree.clone()),
            _ => read(session, self.source, self.library.as_deref()),
        }
    }

    /// The author's warnings about values that are right otherwise, by the fast path. None when something is wrong,
    /// and when only jsonschema knows.
    pub(super) fn accept(&self, values: &Node) -> Option<Vec<AuthorWarning<'_>>> {
        self.table.accept(values)
    }

    /// The validator of the slow path; see the field.
    ///
    /// # Errors
    /// What to report of a schema that jsonschema does not take, although the table was made of it.
    pub(super) fn validator(&self, session: &Session) -> Result<&CompiledValidator, &Diagnostic> {
        let compile = || {
            let unreadable = || Diagnostic::error(Code::C004, "the schema cannot be read");
            let root = self.read_tree(session).ok_or_else(unreadable)?;
            CompiledValidator::new(json_adapter::to_json(root))
                .map_err(|error| Box::new(refusal(root, &error)))
        };
        self.validator.get_or_init(compile).as_ref().map_err(|finding| &**finding)
    }

    fn read_tree(&self, session: &Session) -> Option<&Node> {
        self.tree.get_or_init(|| read(session, self.source, self.library.as_deref()).ok()).as_ref()
    }
}

/// A validator, and the schema that it was made of.
#[derive(Debug)]
pub(super) struct CompiledValidator {
    pub(super) validator: Validator,
    /// With the words that messages quote, except descriptions.
    pub(super) schema: JsonValue,
}

impl CompiledValidator {
    /// Compiles a validator.
    ///
    /// # Errors
    /// As for [`json_adapter::validator`].
    pub(super) fn new(schema: JsonValue) -> Result<Self, ValidationError<'static>> {
        let validator = json_adapter::validator(&schema)?;
        Ok(CompiledValidator { validator, schema })
    }
}

/// How commands in messages name a chart whose name is not known.
const UNNAMED_CHART: &str = "CHART";

/// A schema as a tree with its places.
fn read(session: &Session, source: SourceId, library: Option<&dyn Library>) -> Outcome<Node> {
    yaml::refuse_reserved(session, source)?;
    // An empty file is an empty schema, which allows anything.
    let nothing = || Node::empty_map(Span::new(source, 0, 0));
    let mut root = yaml::parse_one(session, source)?.unwrap_or_else(nothing);
    if root.as_map().is_none() && root.as_bool().is_none() {
        let message = format!("a schema is a map, and this is {}", root.noun());
        let finding = Diagnostic::error(Code::C004, message).at(root.span, "the whole schema");
        return Err(session.report(finding.help("write a JSON Schema: `{\"type\": \"object\", …}`")));
    }
    if let Some(library) = library {
        library::resolve(session, &mut root, library)?;
    }
    Ok(root)
}

/// What is wrong with a schema, at the place in the schema.
fn refusal(root: &Node, error: &ValidationError<'_>) -> Diagnostic {
    let path = ValuePath::from_pointer(error.instance_path().as_str(), root);
    // jsonschema held the schema against the meta-schema, so the *instance* of its error is the schema.
    let place = path.find(root).unwrap_or(root);
    let at = if path.0.is_empty() { "the schema".to_owned() } else { format!("`{path}`") };
    let finding = Diagnostic::error(Code::C004, format!("{at} is not valid in a schema"));
    // Masked, as the message would quote all of a large schema.
    let finding = finding.at(place.span, "here").note(error.masked_with("this").to_string());
    let help = "JSON Schema draft 07 and 2020-12 are understood; patterns are regular expressions without look-around";
    finding.help(help)
}
