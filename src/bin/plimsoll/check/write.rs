//! Stale files, for people and for programs.

use plimsoll::diagnostic::{Style, escaped, github_command};
use plimsoll::diff;
use serde_json::{Value, json};

use super::{Stale, Why};

/// A line for each file, with what changed in it, and how many there are; empty when there are none.
pub fn write_human(stale: &[&Stale], style: Style) -> String {
    let mut text: String = stale.iter().map(|file| entry(file, style)).collect();
    if !stale.is_empty() {
        let files = if stale.len() == 1 { "1 file is" } else { &format!("{} files are", stale.len()) };
        let foreign = stale.iter().any(|file| matches!(file.why, Why::Foreign));
        let then = if foreign { "; what is in the way must be removed first" } else { "" };
        text.push_str(&format!(
            "{files} not current: the same command without `--check` writes them{then}\n"
        ));
    }
    text
}

/// A line for each file and for each field that differs in it.
pub fn write_short(stale: &[&Stale]) -> String {
    let lines = |file: &&Stale| {
        let head = format!("{}: {}\n", shown(file), said(&file.why));
        match &file.why {
            Why::Changed(changes) => head + &diff::write_short(changes),
            _ => head,
        }
    };
    stale.iter().map(lines).collect()
}

/// Workflow commands of GitHub Actions: an error at each file.
pub fn write_github(stale: &[&Stale]) -> String {
    let command = |file: &&Stale| {
        let text = write_short(&[file]);
        let path = file.path.display().to_string();
        let path = path.strip_prefix("./").unwrap_or(&path);
        github_command("error", Some(path), "not current", text.trim_end())
    };
    stale.iter().map(command).collect()
}

/// One JSON object: `{"current": false, "files": [{"path": …, "state": …, "changes": […]}]}`.
pub fn write_json(stale: &[&Stale]) -> String {
    let files: Vec<Value> = stale.iter().map(|file| as_json(file)).collect();
    format!("{:#}\n", json!({"current": stale.is_empty(), "files": files}))
}

fn entry(file: &Stale, style: Style) -> String {
    let (sign, color) = match file.why {
        Why::Missing => ('+', "\x1b[32m"),
        Why::Superfluous => ('-', "\x1b[31m"),
        _ => ('~', "\x1b[33m"),
    };
    let (before, after) = if style == Style::Color { (color, "\x1b[0m") } else { ("", "") };
    let line = format!("{before}{sign} {}: {}{after}\n", shown(file), said(&file.why));
    match &file.why {
        Why::Changed(changes) => line + &diff::write_objects(changes, style, "    "),
        _ => line,
    }
}

fn shown(file: &Stale) -> String {
    escaped(&file.path.display().to_string())
}

fn said(why: &Why) -> &'static str {
    match why {
        Why::Missing => "missing",
        Why::Superfluous => "no longer rendered",
        Why::Changed(_) => "not what is rendered now",
        Why::Rewritten => "the same object, written differently (by hand or by another program)",
        Why::Broken => "cannot be read as a manifest",
        Why::Foreign => "not written by plimsoll, and in the way",
        Why::Index => "does not list these files",
        Why::Interrupted => "a run that was to write these files was interrupted",
    }
}

fn as_json(file: &Stale) -> Value {
    let mut entry = json!({"path": file.path.display().to_string(), "state": state(&file.why)});
    if let Why::Changed(changes) = &file.why {
        entry["changes"] = diff::as_json(changes);
    }
    entry
}

fn state(why: &Why) -> &'static str {
    match why {
        Why::Missing => "missing",
        Why::Superfluous => "superfluous",
        Why::Changed(_) => "changed",
        Why::Rewritten => "rewritten",
        Why::Broken => "broken",
        Why::Foreign => "foreign",
        Why::Index => "index",
        Why::Interrupted => "interrupted",
    }
}
