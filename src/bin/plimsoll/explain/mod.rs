//! `plimsoll explain`: the page of a code, the history of a setting, the origin of a field.

mod json;
mod table;
mod text;

use std::process::ExitCode;

use anyhow::{Result, bail};
use plimsoll::diagnostic::{CODES, find_code, nearest};
use plimsoll::explain::{self, AffectedField, Location, SettingUse, VariableDefinitions};
use plimsoll::pipeline;
use plimsoll::session::{Outcome, Session};

use crate::args::ExplainArgs;
use crate::terminal::{self, Voice};

pub fn run(args: &ExplainArgs, voice: Voice) -> Result<ExitCode> {
    let subject = args.subject.trim();
    match (&args.field, &args.path) {
        (None, None) if looks_like_a_code(subject) => page(subject),
        (Some(object), Some(path)) => field(args, voice, object, path),
        (Some(_), None) => bail!("`--field` needs a field behind the chart, such as `spec.replicas`"),
        (None, path) => setting(args, voice, path.as_deref().unwrap_or_default()),
    }
}

/// A letter and digits, and nothing else.
fn looks_like_a_code(text: &str) -> bool {
    let digits = text.strip_prefix(|c: char| c.is_ascii_alphabetic());
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn page(id: &str) -> Result<ExitCode> {
    let Some(code) = find_code(id) else {
        match nearest(&id.to_ascii_uppercase(), CODES.iter().map(|code| code.id)) {
            Some(near) => bail!("there is no code `{id}`; did you mean `{near}`?"),
            None => bail!("there is no code `{id}`; a code is a letter and three digits, such as `K003`"),
        }
    };
    terminal::print(code.page)?;
    Ok(ExitCode::SUCCESS)
}

/// What a setting does to the output.
struct Reach {
    fields: Vec<AffectedField>,
    looks: Vec<SettingUse>,
}

/// The layers are explained also where the output cannot be made; the findings then say why.
fn setting(args: &ExplainArgs, voice: Voice, path: &str) -> Result<ExitCode> {
    let session = voice.session();
    let known = pipeline::prepare(&session, &args.request()).and_then(|prepared| {
        let settled = prepared.settle(&session)?;
        Ok((explain::setting(&session, &settled, path)?, prepared))
    });
    finish(&session, voice, known, |(setting, prepared)| {
        let rendering = prepared.render(&session, &[]).ok();
        let reach = rendering.map(|rendering| Reach {
            fields: explain::affected_fields(&session, &rendering, &setting.path),
            looks: explain::setting_uses(&session, &rendering, &setting.path),
        });
        if reach.is_none() {
            terminal::say(&session, voice)?;
        }
        terminal::print(&if voice.is_json() {
            json::setting(&setting, reach.as_ref())
        } else {
            text::setting(&setting, reach.as_ref())
        })
    })
}

/// Prints an answer. What values are warned of is no part of it.
fn finish<T>(
    session: &Session,
    voice: Voice,
    answer: Outcome<T>,
    print: impl FnOnce(T) -> Result<()>,
) -> Result<ExitCode> {
    match answer {
        Ok(answer) => print(answer).map(|()| ExitCode::SUCCESS),
        Err(reported) => terminal::conclude(session, voice, Err::<(), _>(reported), |()| Ok(())),
    }
}

fn field(args: &ExplainArgs, voice: Voice, object: &str, path: &str) -> Result<ExitCode> {
    let session = voice.session();
    let rendering = pipeline::render_keeping(&session, &args.request());
    let fields = rendering.and_then(|rendering| {
        let fields = explain::field(&session, &rendering, object, path)?;
        Ok((fields, VariableDefinitions::new(&session, &rendering)))
    });
    finish(&session, voice, fields, |(fields, definitions)| {
        let made = |user: &Location, name: &str| definitions.location(&session, user, name);
        terminal::print(&if voice.is_json() {
            json::fields(&fields, &made)
        } else {
            text::fields(&fields, &made)
        })
    })
}

/// Where a template makes a variable that one of its expressions reads.
type Made<'m> = &'m dyn Fn(&Location, &str) -> Option<Location>;
