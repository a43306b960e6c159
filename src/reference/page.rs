//! The place of the reference in a page: between two markers, which are comments of HTML and so not seen.
//!
//! ```markdown
//! <!-- plimsoll docs skyflo -->
//! …
//! <!-- end plimsoll docs -->
//! ```
//!
//! A page may have the references of several charts, as the first marker names its chart.
//!
//! [`insert`] writes, and [`check`] compares, for a pipeline that must not change files. Both look for whole lines and
//! know no Markdown: what stands around the markers is not touched, whatever it is.

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
    let range = find(session, page, chart)?;
    Ok(format!("{}{reference}{}", &text[..range.start], &text[range.end..]))
}

/// Whether the reference in a page is the current one.
///
/// # Errors
/// P001 if it is not, with the first line that differs; P002 for a page that has not both markers once.
pub fn check(session: &Session, page: SourceId, chart: &str, reference: &str) -> Outcome<()> {
    let text = session.source(page).text.clone();
    let range = find(session, page, chart)?;
    let found = &text[range.clone()];
    // Git may have checked the page out with line breaks of Windows.
    if found.replace("\r\n", "\n") == reference {
        return Ok(());
    }
    let span = Span::new(page, range.start, range.end);
    Err(session.report(not_current(session, span, chart, found, reference)))
}

/// The bytes of the reference of a chart in a page, markers and the last line break included.
fn find(session: &Session, page: SourceId, chart: &str) -> Outcome<Range<usize>> {
    let text = session.source(page).text.clone();
    let begin = begin(chart);
    let starts: Vec<usize> =
        lines(&text).filter(|(_, line)| line.trim_end() == begin).map(|(at, _)| at).collect();
    // Two beginnings are refused: which of them is the reference, only the author of the page knows.
    let [start] = starts.as_slice() else {
        return Err(report_marker(session, page, &begin, starts.len()));
    };
    // The first end behind the beginning: a page may have the references of several charts, each with its own end.
    let end = lines(&text).find(|(at, line)| at > start && line.trim_end() == END);
    match end {
        Some((at, line)) => Ok(*start..at + line.len()),
        None => Err(report_marker(session, page, END, 0)),
    }
}

/// The lines of a text with the bytes that they begin at. A line has its line break.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    })
}

/// Reports a page that has a marker `count` times instead of once.
fn report_marker(session: &Session, page: SourceId, marker: &str, count: usize) -> Reported {
    let name = &session.source(page).name;
    let what = if count == 0 { "no line".to_owned() } else { format!("{count} lines") };
    let finding = Diagnostic::error(Code::P002, format!("`{name}` has {what} `{marker}`"));
    let help =
        "write the two markers into the page, each on a line of its own, where the reference should be";
    session.report(finding.help(help))
}

/// Lines of a difference that are shown.
const MAX_SHOWN: usize = 3;

/// The finding that `found`, which stands at `span`, is not the reference `wanted`. It shows the lines between the
/// common beginning and the common end of both.
fn not_current(session: &Session, span: Span, chart: &str, found: &str, wanted: &str) -> Diagnostic {
    let old: Vec<&str> = found.lines().collect();
    let new: Vec<&str> = wanted.lines().collect();
    // No general diff: nearly always one setting was added or changed, and then this shows just that.
    let prefix = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let suffix = old[prefix..]
        .iter()
        .rev()
        .zip(new[prefix..].iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let removed = &old[prefix..old.len() - suffix];
    let added = &new[prefix..new.len() - suffix];
    let first_difference = lines(found).nth(prefix).map_or(span.first_byte(), |(at, line)| {
        let start = span.start as usize + at;
        Span::new(span.source, start, start + line.trim_end().len())
    });
    let name = &session.source(span.source).name;
    let mut finding =
        Diagnostic::error(Code::P001, format!("the reference of `{chart}` in `{name}` is not current"))
            .at(first_difference, "here it differs first");
    for (sign, lines) in [('-', removed), ('+', added)] {
        for line in lines.iter().take(MAX_SHOWN) {
            finding = finding.note(format!("{sign} {line}"));
        }
        if lines.len() > MAX_SHOWN {
            finding = finding.note(format!("{sign} … and {} more", lines.len() - MAX_SHOWN));
        }
    }
    finding.help(format!("write it with `--output {name}` instead of `--check`"))
}
