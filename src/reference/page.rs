//! The place of the reference in a page: between two markers.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Reported, Session};
use crate::source::{SourceId, Span};

/// The line that the reference of a chart begins with.
pub(super) fn begin(chart: &str) -> String {
    format!("<!-- plimsoll docs {chart} -->")
}

/// The line that every reference ends with.
pub(super) const END: &str = "<!-- end plimsoll docs -->";

/// A page with the reference put between its markers; the rest of it stays as it is.
///
/// # Errors
/// P002 for a page that has not both markers once.
pub fn insert(session: &Session, page: SourceId, chart: &str, reference: &str) -> Outcome<String> {
    let text = session.source(page).text.clone();
    let place = find(session, page, chart)?;
    Ok(format!("{}{reference}{}", &text[..place.start], &text[place.end..]))
}

/// Whether the reference in a page is the current one.
///
/// # Errors
/// P001 if it is not, with the first line that differs; P002 for a page that has not both markers once.
pub fn check(session: &Session, page: SourceId, chart: &str, reference: &str) -> Outcome<()> {
    let text = session.source(page).text.clone();
    let place = find(session, page, chart)?;
    let found = &text[place.clone()];
    if found.replace("\r\n", "\n") == reference {
        return Ok(());
    }
    Err(session.report(stale(session, Span::new(page, place.start, place.end), chart, (found, reference))))
}

/// Where the reference of a chart stands in a page, markers included.
fn find(session: &Session, page: SourceId, chart: &str) -> Outcome<Range<usize>> {
    let text = session.source(page).text.clone();
    let begin = begin(chart);
    let starts: Vec<usize> =
        lines(&text).filter(|(_, line)| line.trim_end() == begin).map(|(at, _)| at).collect();
    let [start] = starts.as_slice() else { return Err(no_place(session, page, &begin, starts.len())) };
    let end = lines(&text).find(|(at, line)| at > start && line.trim_end() == END);
    match end {
        Some((at, line)) => Ok(*start..at + line.len()),
        None => Err(no_place(session, page, END, 0)),
    }
}

/// The lines of a text with their places.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    })
}

fn no_place(session: &Session, page: SourceId, marker: &str, count: usize) -> Reported {
    let name = &session.source(page).name;
    let what = if count == 0 { "no line".to_owned() } else { format!("{count} lines") };
    let finding = Diagnostic::error(Code::P002, format!("`{name}` has {what} `{marker}`"));
    let help =
        "write the two markers into the page, each on a line of its own, where the reference is to stand";
    session.report(finding.help(help))
}

/// Lines of a difference that are shown.
const MAX_SHOWN: usize = 3;

fn stale(session: &Session, place: Span, chart: &str, (found, wanted): (&str, &str)) -> Diagnostic {
    let (old, new): (Vec<&str>, Vec<&str>) = (found.lines().collect(), wanted.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let alike =
        old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same..old.len() - alike], &new[same..new.len() - alike]);
    let at = lines(found).nth(same).map_or(place.first_byte(), |(at, line)| {
        let start = place.start as usize + at;
        Span::new(place.source, start, start + line.trim_end().len())
    });
    let name = &session.source(place.source).name;
    let finding =
        Diagnostic::error(Code::P001, format!("the reference of `{chart}` in `{name}` is not current"));
    let finding = finding.at(at, "here it differs first");
    let shown = |sign: &str, lines: &[&str]| {
        let first: Vec<String> = lines.iter().take(MAX_SHOWN).map(|line| format!("{sign} {line}")).collect();
        let more = lines.len().saturating_sub(MAX_SHOWN);
        let rest = (more > 0).then(|| format!("{sign} … and {more} more"));
        first.into_iter().chain(rest).collect::<Vec<_>>()
    };
    let notes = shown("-", old).into_iter().chain(shown("+", new));
    notes
        .fold(finding, Diagnostic::note)
        .help(format!("write it with `--output {name}` instead of `--check`"))
}
