//! `plimsoll explain`: the page of a code, the history of a setting, the origin of a field.

mod json;
mod table;
mod text;

use std::process::ExitCode;

use anyhow::{Result, bail};
use plimsoll::diagnostic::{CODES, find_code, nearest};
use plimsoll::explain::{self, Reached};
use plimsoll::pipeline::{self, Rendering};
use plimsoll::session::{Outcome, Session};

use crate::args::{ExplainArgs, Report};
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

/// What a chart makes of the values, as far as it comes.
struct Answer {
    setting: explain::Setting,
    /// None when the values do not render.
    fields: Option<Vec<Reached>>,
}

/// The layers are explained also where the output cannot be made; the findings then say why.
fn setting(args: &ExplainArgs, voice: Voice, path: &str) -> Result<ExitCode> {
    let session = Session::new();
    let answer = match pipeline::render_keeping(&session, &args.request()) {
        Ok(rendering) => answer(&session, &rendering, path),
        Err(_) => return unrendered(args, voice, path, &session),
    };
    finish(&session, voice, answer, |answer| print(voice, &answer))
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

fn answer(session: &Session, rendering: &Rendering, path: &str) -> Outcome<Answer> {
    let setting = explain::setting(session, &rendering.settled, path)?;
    let fields = explain::fields_of(session, rendering, &setting.path);
    Ok(Answer { setting, fields: Some(fields) })
}

/// The values alone, in a session of their own, so that each finding of the failed render is said once.
fn unrendered(args: &ExplainArgs, voice: Voice, path: &str, failed: &Session) -> Result<ExitCode> {
    let session = Session::new();
    let Ok(settled) = pipeline::merge(&session, &args.request()) else {
        return terminal::conclude(failed, voice, Ok(()), |()| Ok(()));
    };
    let answer = explain::setting(&session, &settled, path);
    if answer.is_ok() {
        terminal::say(failed, voice)?;
    }
    finish(&session, voice, answer, |setting| print(voice, &Answer { setting, fields: None }))
}

fn print(voice: Voice, answer: &Answer) -> Result<()> {
    terminal::print(&match voice.report {
        Report::Human => text::setting(&answer.setting, answer.fields.as_deref()),
        Report::Json => json::setting(&answer.setting, answer.fields.as_deref()),
    })
}

fn field(args: &ExplainArgs, voice: Voice, object: &str, path: &str) -> Result<ExitCode> {
    let session = Session::new();
    let rendering = pipeline::render_keeping(&session, &args.request());
    let fields = rendering.and_then(|rendering| explain::field(&session, &rendering, object, path));
    finish(&session, voice, fields, |fields| {
        terminal::print(&match voice.report {
            Report::Human => text::fields(&fields),
            Report::Json => json::fields(&fields),
        })
    })
}
