//! The validator of a schema; that of a schema which is built in is made beside the rest of the work.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use super::instance::Tree;

/// Compiles a validator. Nothing is fetched, and expressions take linear time.
pub(super) fn build(json: &Value) -> Result<Validator<Tree>, ValidationError<'static>> {
    jsonschema::options_for::<Tree>().offline().with_pattern_options(PatternOptions::regex()).build(json)
}

/// A validator that is there, or that another thread is making while values are read and templates compiled.
#[derive(Debug)]
pub(super) struct Beside {
    made: OnceLock<Option<Validator<Tree>>>,
    maker: Mutex<Option<JoinHandle<Option<Validator<Tree>>>>>,
}

impl Beside {
    /// Begins to make the validator of a schema in JSON that is known to be right.
    pub(super) fn start(text: Arc<str>) -> Self {
        let maker = std::thread::spawn(move || {
            let json: Value = serde_json::from_str(&text).ok()?;
            build(&json).ok()
        });
        Beside { made: OnceLock::new(), maker: Mutex::new(Some(maker)) }
    }

    /// A validator that is there already.
    pub(super) fn done(validator: Validator<Tree>) -> Self {
        Beside { made: OnceLock::from(Some(validator)), maker: Mutex::new(None) }
    }

    /// Waits for the validator. None if it could not be made, which the tests of the bundled schemas rule out.
    pub(super) fn get(&self) -> Option<&Validator<Tree>> {
        let wait = || {
            let maker = self.maker.lock().unwrap_or_else(PoisonError::into_inner).take();
            maker.and_then(|maker| maker.join().ok()).flatten()
        };
        self.made.get_or_init(wait).as_ref()
    }
}
