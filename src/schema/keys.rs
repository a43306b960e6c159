//! Keys that should not be there, and keys that are missing.

use std::collections::{HashSet, VecDeque};

use super::check::{Judge, Place};
use super::sentence::{described, name};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::yaml::{Segment, Types, ValuePath, WantId, WantRef};

/// A key that the schema does not know, at `path`.
pub(super) fn unknown(judge: &Judge<'_>, path: &ValuePath, key: &str) -> Diagnostic {
    let place = Place::new(judge.session, judge.values, path.key(key));
    let message = format!("{} is not a setting of this chart", name(&place.path));
    let finding = Diagnostic::error(Code::V101, message);
    let finding = match place.span {
        Some(span) => finding.at(span, "not known here"),
        None => finding,
    };
    let known: Vec<&str> = judge.want(path).map(|want| want.known_keys().collect()).unwrap_or_default();
    if let Some(near) = nearest(key, known.iter().copied()) {
        let span = place.span;
        let finding = finding.help(format!("did you mean `{near}`?"));
        return match span.filter(|span| judge.session.text(*span) == key) {
            Some(span) => finding.patch(span, near),
            None => finding,
        };
    }
    let elsewhere = elsewhere(judge.wants(), key);
    if !elsewhere.is_empty() {
        return finding.help(format!("the chart knows it as {}", elsewhere.join(" and ")));
    }
    finding.help(match known.as_slice() {
        [] => "remove it: nothing can be set here".to_owned(),
        known => format!("remove it, or use one of {}", quoted(known)),
    })
}

/// The first few of the names, in backticks.
fn quoted(names: &[&str]) -> String {
    let first = names.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > MAX_NAMED { format!("{first}, …") } else { first }
}

/// Names in a help line.
const MAX_NAMED: usize = 8;

/// Where else the schema knows this key: the shortest paths, three at most.
pub(crate) fn elsewhere(root: WantRef<'_>, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen: HashSet<WantId> = HashSet::new();
    let mut waiting = VecDeque::from([(ValuePath::root(), root)]);
    while let Some((path, want)) = waiting.pop_front() {
        if found.len() == 3 || !seen.insert(want.id()) {
            continue;
        }
        for known in want.known_keys() {
            let path = path.key(known);
            if known == key {
                found.push(format!("`{path}`"));
            }
            waiting.extend(want.property(known).map(|want| (path, want)));
        }
    }
    found.truncate(3);
    found
}

/// A key that must be there and is not.
pub(super) fn missing(judge: &Judge<'_>, path: &ValuePath, key: &str) -> Diagnostic {
    let place = Place::new(judge.session, judge.values, path.key(key));
    let want = judge.want(&place.path);
    let message = format!("{} is required, and nothing sets it", name(&place.path));
    let finding = Diagnostic::error(Code::V102, message);
    let finding = match place.span {
        Some(span) if path.0.is_empty() => finding.at(span, format!("`{key}` is not among these values")),
        Some(span) => finding.at(span, format!("`{key}` is missing here")),
        None => finding,
    };
    described(finding, judge.description(&place.path)).help(remedy(judge, &place.path, want))
}

/// What would set a missing value.
fn remedy(judge: &Judge<'_>, path: &ValuePath, want: Option<WantRef<'_>>) -> String {
    let flag = flag_path(path);
    let Some(want) = want else { return format!("set it: `--set {flag}=…`") };
    if want.secret() && want.generate().is_some() {
        let chart = judge.chart();
        return format!(
            "make one with `plimsoll secrets {chart} > secrets.yaml`, and give it with `-f secrets.yaml`"
        );
    }
    if want.secret() {
        return format!(
            "set it: `--set-file {flag}=FILE`, or in a values file that stays out of version control"
        );
    }
    let scalars = Types::BOOLEAN.or(Types::NUMBER).or(Types::STRING);
    if want.types().allows(scalars) {
        return format!("set it: `--set {flag}=…`");
    }
    format!("set `{path}` in a values file, or with `--set-json '{flag}=…'`")
}

/// A path as the `--set` grammar has it.
fn flag_path(path: &ValuePath) -> String {
    let mut flag = String::new();
    for segment in &path.0 {
        match segment {
            Segment::Index(index) => flag.push_str(&format!("[{index}]")),
            Segment::Key(key) => {
                if !flag.is_empty() {
                    flag.push('.');
                }
                for character in key.chars() {
                    if matches!(character, '.' | ',' | '=' | '[' | '\\') {
                        flag.push('\\');
                    }
                    flag.push(character);
                }
            }
        }
    }
    flag
}
