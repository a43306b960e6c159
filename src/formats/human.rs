//! Findings as plain text: for people with the place in the source, drawn as compilers draw it, and `short`, a line
//! each.
//!
//! annotate-snippets draws. It takes one *group* for the finding, with a *snippet* of source for each cluster of
//! labels, and one for a suggested change:
//!
//! ```text
//! warning[Y007]: odd                       ┐
//!  --> values/prod.yaml:3:11               │
//!   |                                      │ first group: a title, a snippet for each cluster,
//! 3 | replicas: two                        │ then notes and help
//!   |           ^^^                        │
//!   |                                      │
//!   = note: a note                         ┘
//! help: a number                           ┐
//!   |                                      │ second group: the patch, with the first help as its title
//! 3 - replicas: two                        │
//! 3 + replicas: 2                          ┘
//! ```
//!
//! It is given excerpts (`excerpt.rs`) and not whole sources, for two reasons: it would look for lines
//! from the first byte on for each snippet, and it shows what it is given, secrets and control characters included.
//!
//! The price is that columns are off where a line of an excerpt was cut or escaped. So positions are put right in the
//! text that comes out ([`Drawing::correct_position`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::excerpt::MaskedTexts;
use super::finding::{Location, count, sets_of, unique_findings};
use super::tested::Tested;
use crate::diagnostic::{Diagnostic, Label, Level};
use crate::session::Session;
use crate::source::{Span, escaped};
use annotate_snippets::renderer::Renderer;
use annotate_snippets::{AnnotationKind, Group, Level as Heading, Patch as Edit, Snippet};

/// Whether the text goes to a terminal that shows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// With ANSI escape sequences.
    Color,
}

/// How much of the findings people are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Whether findings are counted and not shown. Otherwise each is shown; one that says the same at many places is
    /// shown once, with all of them.
    pub counts_only: bool,
    /// Warnings that were left out, and are counted all the same.
    pub hidden_warnings: usize,
}

/// What findings for people end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Summary {
    /// Counts of findings, if there are any.
    Findings {
        /// What errors prevented, such as `rendered`: "nothing was rendered".
        prevented: &'static str,
    },
    /// Counts of files and findings, always.
    Lint {
        /// Files that were looked at.
        files: usize,
        /// What to know besides, a phrase each.
        notes: Vec<String>,
        /// What to do about many findings: words of the program's own, of one or several lines.
        help: Vec<String>,
    },
    /// Cases of tests, a line each before the findings, and counts of them.
    Tests(Tested),
}

/// Everything that was reported, each finding once, and a summary; empty when there is nothing. Derived places are
/// followed to their template, secrets are masked, and no control character of the input comes through.
pub fn write_human(session: &Session, style: Style) -> String {
    write_with_summary(session, style, Detail::default(), &Summary::Findings { prevented: "rendered" })
}

/// The same, with a summary of what was done.
pub(super) fn write_with_summary(
    session: &Session,
    style: Style,
    detail: Detail,
    summary: &Summary,
) -> String {
    let findings = unique_findings(session);
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let mut drawing = Drawing { session, texts: MaskedTexts::new(session), corrections: Vec::new() };
    let mut out = match summary {
        Summary::Tests(tested) if !detail.counts_only => case_lines(tested, style),
        _ => String::new(),
    };
    let shown = if detail.counts_only { Vec::new() } else { with_places_joined(session, &findings) };
    for finding in &shown {
        let groups = drawing.finding(finding);
        let rendered = renderer.render(&groups);
        out.push_str(&drawing.with_corrected_positions(rendered));
        out.push_str("\n\n");
    }
    // A render without findings prints manifests alone; a lint says that something was checked.
    if findings.is_empty() && matches!(summary, Summary::Findings { .. }) {
        return out;
    }
    out.push_str(&renderer.render(&[summary_group(&findings, detail, summary)]));
    out.push('\n');
    out
}

/// A line for each case, with what differs from its snapshot below, and an empty line behind all; nothing for none.
///
/// ```text
/// production: the autoscaler owns the replicas ... ok
/// production: a host is needed ... FAILED
/// ```
fn case_lines(tested: &Tested, style: Style) -> String {
    let mut text = String::new();
    for case in tested.cases.iter().filter(|case| !tested.failed_alone || !case.is_passed()) {
        let (word, color) = if case.is_passed() { ("ok", "\x1b[32m") } else { ("FAILED", "\x1b[31m") };
        let end = match style {
            Style::Plain => word.to_owned(),
            Style::Color => format!("{color}{word}\x1b[0m"),
        };
        text.push_str(&format!("{}: {} ... {end}\n", escaped(&case.suite), escaped(&case.name)));
        if let Some([plain, colored]) = &case.differences {
            text.push_str(if style == Style::Color { colored } else { plain });
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The findings, where one that says the same at many places is there once, and names the other places.
fn with_places_joined(session: &Session, findings: &[Diagnostic]) -> Vec<Diagnostic> {
    fn said(finding: &Diagnostic) -> (&str, Level, &str) {
        (finding.code.id, finding.level, &finding.message)
    }
    let mut same: HashMap<_, Vec<&Diagnostic>> = HashMap::new();
    for finding in findings {
        same.entry(said(finding)).or_default().push(finding);
    }
    let mut joined = Vec::with_capacity(same.len());
    for finding in findings {
        // Errors are to be mended one by one, and warnings are mostly one decision.
        let min = if finding.level == Level::Error { MIN_JOINED_ERRORS } else { MIN_JOINED_WARNINGS };
        match same.get(&said(finding)).map(Vec::as_slice) {
            Some([first, others @ ..]) if others.len() + 1 >= min => {
                if std::ptr::eq(*first, finding) {
                    joined.push(with_places(session, finding, others));
                }
            }
            _ => joined.push(finding.clone()),
        }
    }
    joined
}

/// A finding with the places of others that say the same.
fn with_places(session: &Session, finding: &Diagnostic, others: &[&Diagnostic]) -> Diagnostic {
    let place = |finding: &&Diagnostic| {
        let place = Location::primary(session, finding)?;
        Some(format!("{}:{}:{}", place.file, place.line, place.column))
    };
    let named: Vec<String> = others.iter().filter_map(place).take(MAX_PLACES).collect();
    let more = match others.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    finding.clone().note(format!("the same at {}{more}", named.join(", ")))
}

/// So many errors that say the same are shown as one.
const MIN_JOINED_ERRORS: usize = 10;

/// So many warnings that say the same are shown as one.
const MIN_JOINED_WARNINGS: usize = 3;

/// Places that a joined finding names.
const MAX_PLACES: usize = 8;

/// Labels of one source that are further apart than this many lines are drawn apart: a snippet shows all lines from its
/// first label to its last.
const FAR: usize = 12;

/// Draws findings, one after the other.
struct Drawing<'s> {
    session: &'s Session,
    texts: MaskedTexts<'s>,
    /// Positions of this finding as the renderer prints them, and as they must be printed.
    corrections: Vec<(String, String)>,
}

/// A label of a finding, with its place.
struct PlacedLabel<'f> {
    label: &'f Label,
    /// Of the label, in the template if its text was rendered from one.
    span: Span,
}

impl Drawing<'_> {
    /// The groups of one finding, one or two.
    fn finding(&mut self, finding: &Diagnostic) -> Vec<Group<'static>> {
        let title = heading(finding.level).primary_title(escaped(&finding.message)).id(finding.code.id);
        let mut group = Group::with_title(title);
        for cluster in self.clusters(finding) {
            group = group.element(self.snippet(&cluster));
        }
        // The first help is the heading of the suggested change, if there is one: it says in words what the change
        // shows.
        let (suggestion_title, help) = match (&finding.patch, finding.help.split_first()) {
            (None, _) => (None, &finding.help[..]),
            (Some(_), Some((first, rest))) => (Some(escaped(first)), rest),
            (Some(_), None) => (Some("write this instead".to_owned()), &[][..]),
        };
        group = group.elements(finding.notes.iter().map(|note| Heading::NOTE.message(escaped(note))));
        group = group.elements(help.iter().map(|help| Heading::HELP.message(escaped(help))));
        let mut groups = vec![group];
        if let Some(title) = suggestion_title {
            groups.extend(self.suggestion(finding, title));
        }
        groups
    }

    /// The labels with their places in sources, those that are drawn in one snippet together; the primary one first. No
    /// cluster is empty.
    fn clusters<'f>(&mut self, finding: &'f Diagnostic) -> Vec<Vec<PlacedLabel<'f>>> {
        let mut clusters: Vec<Vec<PlacedLabel<'_>>> = Vec::new();
        for label in &finding.labels {
            let span = self.session.resolve(label.span);
            // Lines of the masked text are those of the source: masking keeps line breaks.
            let text = self.texts.get(span.source, span.range());
            let line = text.line(span.start as usize);
            // Near to all labels of a cluster and not to one: a chain of labels would draw a long text as a whole.
            let is_near = |other: &PlacedLabel<'_>| {
                let Span { source, start, .. } = other.span;
                source == span.source && text.line(start as usize).abs_diff(line) <= FAR
            };
            match clusters.iter_mut().find(|cluster| cluster.iter().all(is_near)) {
                Some(cluster) => cluster.push(PlacedLabel { label, span }),
                None => clusters.push(vec![PlacedLabel { label, span }]),
            }
        }
        clusters
    }

    /// An excerpt of a source with the labels of a cluster.
    fn snippet(
        &mut self,
        cluster: &[PlacedLabel<'_>],
    ) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
        // The position in the head of a snippet is that of the first label. `clusters` makes none that is empty.
        let head = cluster[0].span;
        let starts = || cluster.iter().map(|placed| placed.span.start as usize);
        let shown = starts().min().unwrap_or(0)..starts().max().unwrap_or(0);
        let text = self.texts.get(head.source, shown);
        // A label over several lines would show all of them, and bury what is said about it.
        let ranges: Vec<_> = cluster.iter().map(|placed| text.in_first_line(placed.span.range())).collect();
        let excerpt = text.excerpt(&ranges);
        let mut annotations = Vec::with_capacity(cluster.len());
        for (PlacedLabel { label, .. }, range) in cluster.iter().zip(&ranges) {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let words = Some(escaped(&label.text)).filter(|words| !words.is_empty());
            annotations.push(kind.span(excerpt.translate(range)).label(words));
        }
        let name = escaped(&self.session.source(head.source).name);
        let printed = excerpt.line_column(excerpt.translate(&ranges[0]).start);
        self.correct_position(&name, printed, head);
        let snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line);
        snippet.annotations(annotations).path(name)
    }

    /// The renderer counts columns in the line that it is given. Where that line was cut or escaped, its column is not
    /// that of the source, which has to be put in its place afterwards: the renderer has no setting for it.
    ///
    /// `printed` is the line and column that the renderer will print, `span` is in the source that `name` names.
    fn correct_position(&mut self, name: &str, printed: (usize, usize), span: Span) {
        let right = self.session.source(span.source).line_column(span.start as usize);
        if printed != right {
            let position = |(line, column): (usize, usize)| format!("{name}:{line}:{column}");
            self.corrections.push((position(printed), position(right)));
        }
    }

    /// The text of a finding as the renderer gave it, with the positions that were noted put right.
    fn with_corrected_positions(&mut self, mut rendered: String) -> String {
        for (printed, right) in self.corrections.drain(..) {
            // The first match alone: the position stands in the head of its snippet, and its text may occur in a source
            // line below.
            rendered = rendered.replacen(&printed, &right, 1);
        }
        rendered
    }

    /// The suggested change, drawn as a diff of one line; none if it would be of several.
    fn suggestion(&mut self, finding: &Diagnostic, title: String) -> Option<Group<'static>> {
        let patch = finding.patch.as_ref()?;
        let span = self.session.resolve(patch.span);
        let range = span.range();
        let text = self.texts.get(span.source, range.clone());
        // The lines of an excerpt are those that ranges begin in, so a patch that goes on into the next line could not
        // be drawn.
        if text.in_first_line(range.clone()) != range {
            return None;
        }
        // One line, whatever the labels show: the diff is read by itself.
        let excerpt = text.excerpt(std::slice::from_ref(&range));
        let edit = Edit::new(excerpt.translate(&range), escaped(&patch.replacement));
        let mut snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line).patch(edit);
        // The snippet above has the name of the file, if it is of the same file. A name here would look like one more
        // place.
        let primary = finding.primary().map(|label| self.session.resolve(label.span).source);
        if primary != Some(span.source) {
            snippet = snippet.path(escaped(&self.session.source(span.source).name));
        }
        Some(Group::with_title(Heading::HELP.secondary_title(title)).element(snippet))
    }
}

/// The word in front of a title, with its colour.
fn heading(level: Level) -> Heading<'static> {
    match level {
        Level::Error => Heading::ERROR,
        Level::Warning => Heading::WARNING,
    }
}

/// The last group: counts, what errors prevented, and where to read more.
fn summary_group(findings: &[Diagnostic], detail: Detail, summary: &Summary) -> Group<'static> {
    let errors = count(findings, Level::Error);
    let warnings = count(findings, Level::Warning) + detail.hidden_warnings;
    if let Summary::Tests(tested) = summary {
        return summary_of_tests(findings, tested, errors, warnings);
    }
    let mut counts = Vec::new();
    if let Summary::Lint { files, .. } = summary {
        counts.push(counted(*files, "file"));
    }
    for (count, noun) in [(errors, "error"), (warnings, "warning")] {
        // A lint also says that there was nothing.
        if count > 0 || matches!(summary, Summary::Lint { .. }) {
            counts.push(counted(count, noun));
        }
    }
    let mut title = counts.join(", ");
    if let Summary::Findings { prevented } = summary
        && errors > 0
    {
        title = format!("{title}; nothing was {prevented}");
    }
    // The worst that was found gives the colour. Only a lint gets here with nothing at all.
    let title = match (errors, warnings) {
        (0, 0) => Heading::NOTE.with_name("linted").primary_title(title),
        (0, _) => Heading::WARNING.primary_title(title),
        _ => Heading::ERROR.primary_title(title),
    };
    let (notes, help) = match summary {
        Summary::Findings { .. } | Summary::Tests(_) => (&[][..], &[][..]),
        Summary::Lint { notes, help, .. } => (&notes[..], &help[..]),
    };
    let mut group = title.elements(notes.iter().map(|note| Heading::NOTE.message(escaped(note))));
    if findings.len() >= MANY {
        group = group.element(Heading::NOTE.message(counts_by_name(findings)));
        group = group.elements(help.iter().map(|help| Heading::HELP.message(help.clone())));
    }
    if findings.is_empty() {
        group
    } else {
        group.element(Heading::NOTE.with_name("for more").message(explain_commands(findings)))
    }
}

/// The last group of tests: how many cases there are, and how many failed.
fn summary_of_tests(
    findings: &[Diagnostic],
    tested: &Tested,
    errors: usize,
    warnings: usize,
) -> Group<'static> {
    // What is wrong beside the cases: a file of tests that cannot be read, say.
    let beside = match errors {
        1 => "1 error beside them".to_owned(),
        errors => format!("{errors} errors beside them"),
    };
    let title = match (tested.cases.len(), tested.failed()) {
        (0, _) => "no case was run".to_owned(),
        (count, 0) if errors > 0 => format!("{}, none failed; {beside}", counted(count, "case")),
        (count, 0) => format!("{}, none failed", counted(count, "case")),
        (count, failed) => format!("{}, {failed} failed", counted(count, "case")),
    };
    let title = match (errors, warnings) {
        (0, 0) => Heading::NOTE.with_name("tested").primary_title(title),
        (0, _) => Heading::WARNING.primary_title(title),
        _ => Heading::ERROR.primary_title(title),
    };
    let group = title.elements(tested.notes.iter().map(|note| Heading::NOTE.message(escaped(note))));
    if findings.is_empty() {
        group
    } else {
        group.element(Heading::NOTE.with_name("for more").message(explain_commands(findings)))
    }
}

/// From so many findings on, they are counted by what found them.
const MANY: usize = 10;

/// How often each rule or code speaks, the most frequent first: ``12 `latest-tag` (R301), 3 K001``.
fn counts_by_name(findings: &[Diagnostic]) -> String {
    let counts: Vec<String> = frequencies(findings)
        .into_iter()
        .map(|(code, name, count)| match name {
            Some(name) => format!("{count} `{name}` ({code})"),
            None => format!("{count} {code}"),
        })
        .collect();
    counts.join(", ")
}

/// What found how many, the most frequent first. Facts of validation are counted by their codes, as there are many of them.
fn frequencies(findings: &[Diagnostic]) -> Vec<(&'static str, Option<&'static str>, usize)> {
    let mut counts: BTreeMap<&'static str, (Option<&'static str>, usize)> = BTreeMap::new();
    for finding in findings {
        let rule = finding.name.filter(|_| finding.code.id.starts_with('R'));
        counts.entry(finding.code.id).or_insert((rule, 0)).1 += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(code, (name, count))| (code, name, count)).collect();
    // Stable: those that speak equally often stay in the order of their codes.
    counts.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    counts
}

/// The rules and codes that warn most often, at most so many, with the rules that tell the same findings.
pub fn frequent_rules(session: &Session, most: usize) -> Vec<&'static str> {
    let mut findings = unique_findings(session);
    findings.retain(|finding| finding.level == Level::Warning);
    let mut rules = Vec::new();
    for (code, name, _) in frequencies(&findings).into_iter().take(most) {
        let name = name.unwrap_or(code);
        let of_rule = findings.iter().filter(|finding| finding.code.id == code);
        let told =
            of_rule.filter_map(|finding| finding.lack.as_ref()).flat_map(|lack| lack.rules.iter().copied());
        for rule in std::iter::once(name).chain(told) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    rules
}

/// A count with its noun: `no errors`, `1 error`, `2 errors`.
fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// The commands that print the pages of the first three codes that were met.
fn explain_commands(findings: &[Diagnostic]) -> String {
    // Each once and in the order of their numbers.
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code.id).collect();
    let shown: Vec<String> = codes.iter().take(3).map(|code| format!("`plimsoll explain {code}`")).collect();
    shown.join(", ")
}

/// A line for each finding, for editors and `grep`: `path:line:column: error[K003]: message`; `plimsoll` stands for the
/// place of one that has none. Control characters are written out, so a finding never takes two lines.
pub fn write_short(session: &Session) -> String {
    let mut text = String::new();
    for finding in unique_findings(session) {
        text.push_str(&short_line(session, &finding));
        text.push('\n');
    }
    text
}

/// The line of one finding, without its break.
pub(super) fn short_line(session: &Session, finding: &Diagnostic) -> String {
    let location = match Location::primary(session, finding) {
        Some(location) => format!("{}:{}:{}", escaped(&location.file), location.line, location.column),
        // As `gcc` and `make` do: the name of the program in the place of a file.
        None => "plimsoll".to_owned(),
    };
    let sets = sets_of(finding).map_or_else(String::new, |sets| format!(" (with {})", escaped(&sets)));
    format!("{location}: {}[{}]: {}{sets}", finding.level, finding.code, escaped(&finding.message))
}
