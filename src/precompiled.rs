//! The precompiled form of a chart: what its schema and its templates come to, made once and kept beside them.
//!
//! Before the first value is looked at, a chart's schema is compiled, and its templates are parsed, held against the
//! schema and instrumented. All of that depends on the chart alone, and takes a third of a small render. So it can be
//! kept: `plimsoll precompile CHART` writes `precompiled.bin` into the chart's folder, and bundled charts have theirs
//! in the program. Both are made and read here; nothing else knows the difference.
//!
//! ```text
//! plimsoll precompiled chart 0.2.0\n    a line of text: what it is, and the version of the program that made it
//! 8 bytes                               the fingerprint of the schema and the templates that it was made of
//! 8 bytes                               the fingerprint of the bytes that follow
//! …                                     a `Form` in postcard's encoding
//! ```
//!
//! It changes nothing but the time that a render takes. It is used only if this version made it, both fingerprints are
//! right, and everything in it is in bounds. Otherwise the schema and the templates are read as if it was not there,
//! with a warning (C007).
//!
//! The fingerprints tell what is stale or damaged. They do not protect against an author who means harm, and need not
//! as far as output goes: who can write this file can write the templates and the schema. Its plan puts nothing into a
//! template but what the program itself would put somewhere, and its table is walked in bounded time. One thing it can
//! do that a template cannot: leave out what measures how large values grow. So it is trusted as far as its chart is,
//! and `plimsoll precompile --check` tells whether it is what this program makes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::chart::{Chart, PRECOMPILED};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{self, Library, PrecompiledSchema, Schema};
use crate::session::{Outcome, Session};
use crate::source::{combined, fingerprint};
use crate::template::{self, Plan, TemplateFile};
use crate::yaml::Wants;

/// What a chart's schema and templates come to.
#[derive(Debug)]
pub struct Precompiled {
    /// None for a chart without a schema.
    pub schema: Option<Schema>,
    /// How the templates are compiled.
    pub plan: Plan,
}

/// The same as it is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Form {
    schema: Option<PrecompiledSchema>,
    plan: Plan,
}

/// What the line at the beginning of each file says before the version.
const HEAD: &str = "plimsoll precompiled chart ";

/// Why a precompiled form is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unusable {
    /// It is something else.
    Foreign,
    /// Another version of the program made it.
    Version,
    /// It was made of another schema or other templates.
    Stale,
    /// What it holds is not what was written.
    Damaged,
}

impl Unusable {
    fn words(self) -> &'static str {
        match self {
            Unusable::Foreign => "is not a precompiled form of a chart",
            Unusable::Version => "is stale: another version of plimsoll made it",
            Unusable::Stale => "is stale: the chart has changed since it was made",
            Unusable::Damaged => "is damaged",
        }
    }
}

/// What is kept for a chart with these templates (those of the library included, in the order of the render). None if
/// nothing is kept; and if that cannot be used, which is a warning (C007).
///
/// A bundled chart whose form is stale has no warning, as its user can do nothing about it. That happens while the
/// program is being worked on, and a test says so then.
pub fn read(session: &Session, chart: &Chart, templates: &[TemplateFile]) -> Option<Precompiled> {
    let bytes = chart.precompiled.as_deref()?;
    // Which types those are depends on the version of Kubernetes. Bundled charts refer to none.
    let may_need_library = |source| schema::may_need_library(&session.source(source).text);
    if !chart.is_bundled && chart.schema.is_some_and(may_need_library) {
        return None;
    }
    let decoded = decode(bytes, fingerprint_of(session, chart, templates));
    // What is in the program was made with it, so it need not be looked through.
    let sound = decoded.and_then(|form| {
        let sound = chart.is_bundled || form.is_sound(session, chart, templates);
        sound.then_some(form).ok_or(Unusable::Damaged)
    });
    match sound {
        Ok(Form { schema, plan }) => {
            let schema =
                chart.schema.zip(schema).map(|(source, schema)| Schema::from_precompiled(source, &schema));
            Some(Precompiled { schema: schema.map(|schema| schema.for_chart(&chart.name)), plan })
        }
        Err(reason) => {
            if !chart.is_bundled {
                let message = format!("`{}/{PRECOMPILED}` {}", chart.shown_folder, reason.words());
                session.report(Diagnostic::warning(Code::C007, message).help(help(chart, Some(reason))));
            }
            None
        }
    }
}

/// Makes the precompiled form of a chart, as the bytes of its file. Whatever the chart keeps already is not looked at. One
/// whose schema refers to types of the library is never used ([`read`]).
///
/// # Errors
/// What is wrong with the schema or the templates.
pub fn make(
    session: &Session,
    chart: &Chart,
    templates: &[TemplateFile],
    library: &Arc<dyn Library>,
) -> Outcome<Vec<u8>> {
    let compile = |source| Schema::compile_with(session, source, Arc::clone(library));
    let schema = chart.schema.map(compile).transpose()?;
    let wants =
        schema.as_ref().map_or_else(|| Arc::new(Wants::anything()), |schema| Arc::clone(schema.wants()));
    // Compiled and not only analysed: what the engine refuses is to be found here, as nobody looks for it later.
    let program = template::compile(session, templates, &wants)?;
    let form = Form { schema: schema.map(|schema| schema.precompiled()), plan: program.plan().clone() };
    Ok(encode(&form, fingerprint_of(session, chart, templates)))
}

/// Reports a precompiled form that is missing, or that is not what [`make`] makes: C007.
///
/// # Errors
/// Then, and as [`make`].
pub fn check(
    session: &Session,
    chart: &Chart,
    templates: &[TemplateFile],
    library: &Arc<dyn Library>,
) -> Outcome<()> {
    let made = make(session, chart, templates, library)?;
    let reason = match chart.precompiled.as_deref() {
        Some(kept) if kept == made => return Ok(()),
        // It can be read and is not what is made now: somebody has changed it.
        Some(kept) => {
            Some(decode(kept, fingerprint_of(session, chart, templates)).err().unwrap_or(Unusable::Damaged))
        }
        None => None,
    };
    let words = reason.map_or("does not exist", Unusable::words);
    let message = format!("`{}/{PRECOMPILED}` {words}", chart.shown_folder);
    Err(session.report(Diagnostic::error(Code::C007, message).help(help(chart, reason))))
}

/// Whether a file is a precompiled form, of whichever chart and version: it may be replaced.
pub fn is_precompiled(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD.as_bytes())
}

impl Form {
    /// Whether nothing in it leads out of bounds, in itself or in the templates.
    fn is_sound(&self, session: &Session, chart: &Chart, templates: &[TemplateFile]) -> bool {
        let schema_is_sound = match &self.schema {
            Some(schema) => chart.schema.is_some() && schema.is_sound(),
            None => chart.schema.is_none(),
        };
        schema_is_sound && self.plan.is_sound(session, templates)
    }
}

/// What to do about a form that is not there, or not used.
fn help(chart: &Chart, reason: Option<Unusable>) -> String {
    let folder = &chart.shown_folder;
    match reason {
        None => format!("make it: `plimsoll precompile {folder}`"),
        Some(Unusable::Foreign) => "move it away, as its name belongs to `plimsoll precompile`".to_owned(),
        Some(_) => format!("make it again: `plimsoll precompile {folder}`"),
    }
}

/// The line that this version begins its files with.
fn head() -> String {
    format!("{HEAD}{}\n", env!("CARGO_PKG_VERSION"))
}

fn encode(form: &Form, of: u64) -> Vec<u8> {
    #[expect(
        clippy::expect_used,
        reason = "it has no maps without a length, which are all that postcard cannot encode"
    )]
    let body = postcard::to_allocvec(form).expect("plain data");
    let mut bytes = head().into_bytes();
    bytes.extend_from_slice(&of.to_le_bytes());
    bytes.extend_from_slice(&fingerprint(&body).to_le_bytes());
    bytes.extend_from_slice(&body);
    bytes
}

/// Reads a form that should be of a chart with this fingerprint.
fn decode(bytes: &[u8], of: u64) -> Result<Form, Unusable> {
    let Some(rest) = bytes.strip_prefix(head().as_bytes()) else {
        return Err(if is_precompiled(bytes) { Unusable::Version } else { Unusable::Foreign });
    };
    let (made_of, rest) = rest.split_first_chunk().ok_or(Unusable::Damaged)?;
    let (body_is, body) = rest.split_first_chunk().ok_or(Unusable::Damaged)?;
    // First, as a file that was damaged seldom is stale as well, and one that is stale need not be read.
    if u64::from_le_bytes(*made_of) != of {
        return Err(Unusable::Stale);
    }
    if u64::from_le_bytes(*body_is) != fingerprint(body) {
        return Err(Unusable::Damaged);
    }
    // Memory is taken for what was read, not for what a length says is to come.
    postcard::from_bytes(body).map_err(|_| Unusable::Damaged)
}

/// The fingerprint of everything that a precompiled form is made of.
fn fingerprint_of(session: &Session, chart: &Chart, templates: &[TemplateFile]) -> u64 {
    let schema = chart.schema.map(|source| session.source(source).text.fingerprint());
    let templates = templates.iter().flat_map(|file| {
        let role: &[u8] = match file.role {
            template::Role::Document => b"document",
            template::Role::Library => b"library",
        };
        let text = session.source(file.source).text.fingerprint();
        [fingerprint(file.name.as_bytes()), fingerprint(role), text]
    });
    combined(schema.into_iter().chain(templates))
}

#[cfg(test)]
mod tests;
