//! The validators of a schema: of all of it, or, for a schema that is built in, of what the first values touch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value as JsonValue;

use super::cut::{Parts, cut};
use super::instance::Tree;
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

/// The validators of one schema. That of a whole schema is dear, so it is made for the second values that come; the first
/// get one of their own.
#[derive(Debug, Default)]
pub(super) struct Validators {
    /// A schema that is built in, whole and in parts.
    built_in: Option<(Arc<str>, Parts)>,
    whole: OnceLock<Option<Checked>>,
    cut: OnceLock<Option<Checked>>,
    asked: AtomicBool,
}

impl Validators {
    /// Of a schema that was read with care.
    pub(super) fn of(whole: Checked) -> Self {
        Validators { whole: OnceLock::from(Some(whole)), ..Validators::default() }
    }

    /// Of a schema that is known to be right.
    pub(super) fn built_in(text: Arc<str>, parts: Parts) -> Self {
        Validators { built_in: Some((text, parts)), ..Validators::default() }
    }

    /// What these values are held against. None if it could not be made, which the tests of the bundled schemas rule out.
    pub(super) fn for_values(&self, values: &Node) -> Option<&Checked> {
        let Some((text, parts)) = &self.built_in else { return self.whole.get()?.as_ref() };
        if !self.asked.swap(true, Ordering::Relaxed) {
            let cut = || Checked::new(cut(parts, values)?).ok();
            if let Some(cut) = self.cut.get_or_init(cut) {
                return Some(cut);
            }
        }
        let whole = || Checked::new(serde_json::from_str(text).ok()?).ok();
        self.whole.get_or_init(whole).as_ref()
    }
}
