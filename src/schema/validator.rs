//! What holds values against a schema: jsonschema, and before it, for a schema that is built in, the quick way.

use std::sync::OnceLock;

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value as JsonValue;

use super::accept::{BuiltIn, Warned};
use super::instance::Tree;
use crate::source::Text;
use crate::yaml::Node;

/// A validator, and the schema that it was made of.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) validator: Validator<Tree>,
    /// With the words that messages quote, except descriptions.
    pub(super) schema: JsonValue,
}

impl Checked {
    /// Compiles a validator. Nothing is fetched, and expressions take linear time.
    pub(super) fn new(schema: JsonValue) -> Result<Self, ValidationError<'static>> {
        let options = jsonschema::options_for::<Tree>().offline();
        let validator = options.with_pattern_options(PatternOptions::regex()).build(&schema)?;
        Ok(Checked { validator, schema })
    }
}

/// What holds values against one schema. The validator of a schema that is built in is dear, so it is made when values come
/// that are not right.
#[derive(Debug)]
pub(super) struct Judge {
    /// A schema that is built in, and its text.
    built_in: Option<(Text, BuiltIn)>,
    checked: OnceLock<Option<Checked>>,
}

impl Judge {
    /// Of a schema that was read with care.
    pub(super) fn of(checked: Checked) -> Self {
        Judge { built_in: None, checked: OnceLock::from(Some(checked)) }
    }

    /// Of a schema that is known to be right.
    pub(super) fn built_in(text: Text, built_in: BuiltIn) -> Self {
        Judge { built_in: Some((text, built_in)), checked: OnceLock::new() }
    }

    /// The author's warnings about values that are right otherwise.
    pub(super) fn accept(&self, values: &Node) -> Option<Vec<Warned>> {
        self.built_in.as_ref()?.1.accept(values)
    }

    /// The validator. None if it could not be made, which the tests of the bundled schemas rule out.
    pub(super) fn checked(&self) -> Option<&Checked> {
        let make = || {
            let (text, _) = self.built_in.as_ref()?;
            Checked::new(serde_json::from_str(text).ok()?).ok()
        };
        self.checked.get_or_init(make).as_ref()
    }
}
