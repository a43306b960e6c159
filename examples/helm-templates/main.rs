//! Runs charts of Helm, one after the other, and says what each template prints: what `fuzz/helm.py` and the tests against
//! the real Helm hold against it.
//!
//! ```sh
//! echo '{"chart": "charts/shop", "values": {"replicas": 3}, "release": "r", "namespace": "n"}' | cargo run --example helm-templates
//! {"templates":{"shop/templates/pod.yaml":"…"}}
//! {"error":"H005: …"}
//! ```
//!
//! A line of JSON for each chart, and a line for each answer.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;

use plimsoll::helm::host::{FIXED_NOW, Host, Moment};
use plimsoll::helm::objects::{Capabilities, Release};
use plimsoll::helm::parsed::ParsedFiles;
use plimsoll::helm::render::{self, Context, Wanted};
use plimsoll::helm::schema::{self, Schemas};
use plimsoll::helm::strvals::Flag;
use plimsoll::helm::user::{self, UserFile};
use plimsoll::helm::{chart, dependencies};
use plimsoll::session::{Outcome, Session};
use plimsoll::source::SourceKind;
use serde_json::{Map, Value as Json, json};

fn main() -> ExitCode {
    match answer_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer_all() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Json = serde_json::from_str(&line?)?;
        let session = Session::new();
        let answer = match templates(&session, &request) {
            Ok(templates) => json!({ "templates": templates }),
            Err(_) => json!({ "error": said(&session) }),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// What each template of a chart prints.
fn templates(session: &Session, request: &Json) -> Outcome<Map<String, Json>> {
    let text = |name: &str, otherwise: &str| request[name].as_str().unwrap_or(otherwise).to_owned();
    let chart = Arc::new(chart::open(session, &text("chart", "."))?);
    let flags = match &request["values"] {
        Json::Null => Vec::new(),
        values => vec![(Flag::SetJson, session.add_source(SourceKind::Flag, "values", values.to_string()))],
    };
    let no_files: [&UserFile; 0] = [];
    let user = user::user_values(session, no_files, &flags, &mut |path| Err(format!("{path} is not read")))?;
    let values = dependencies::values(session, &chart, &user, 0)?;
    schema::check(session, &Schemas::default(), &values)?;
    let release = Release {
        name: text("release", "r"),
        namespace: text("namespace", "n"),
        is_upgrade: false,
        revision: 1,
    };
    let Ok(capabilities) = Capabilities::new(None, &[]) else { return Ok(Map::new()) };
    let host = Host::fixed(request["now"].as_str().and_then(Moment::parse).unwrap_or(FIXED_NOW));
    let context = Context {
        release: &release,
        capabilities: &capabilities,
        wanted: Wanted { hooks: true, tests: true },
        parsed: &ParsedFiles::default(),
        host: &host,
    };
    let rendered = render::run(session, &values, &context)?;
    let printed = rendered.templates.into_iter();
    Ok(printed.map(|template| (template.name, shown(template.text.as_bytes()).into())).collect())
}

/// Bytes as Go writes them in JSON: each that is no UTF-8 as U+FFFD.
fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{FFFD}'));
    }
    text
}

/// The findings, each in a line.
fn said(session: &Session) -> String {
    let findings = session.diagnostics();
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.code, finding.message))
        .collect::<Vec<_>>()
        .join("\n")
}
