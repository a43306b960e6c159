//! Findings for people: the place in the source, drawn as compilers draw it.

use std::collections::{BTreeMap, BTreeSet};

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{AnnotationKind, Group, Level as Drawn, Patch as Edit, Snippet};

use super::excerpt::Masked;
use super::{Closing, Diagnostic, Label, Level, escaped, unique};
use crate::session::Session;
use crate::source::{SourceId, Span};

/// Whether the text goes to a terminal that shows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// With ANSI escape sequences.
    Color,
}

/// Everything that was reported, each finding once, and a summary; empty when there is nothing. Derived places are
/// followed to their template, secrets are masked, and no control character of the input comes through.
pub fn write_human(session: &Session, style: Style) -> String {
    write_closing(session, style, &Closing::Undone("rendered"))
}

/// The same, with a summary of what was done.
pub(super) fn write_closing(session: &Session, style: Style, closing: &Closing) -> String {
    let findings = unique(session);
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let mut desk = Desk { session, masked: BTreeMap::new(), columns: Vec::new() };
    let mut out = String::new();
    for finding in &findings {
        let groups = desk.report(finding);
        out.push_str(&desk.with_columns(renderer.render(&groups)));
        out.push_str("\n\n");
    }
    if matches!(closing, Closing::Undone(_)) && findings.is_empty() {
        return out;
    }
    out.push_str(&renderer.render(&[summary(&findings, closing)]));
    out.push('\n');
    out
}

/// The sources that were shown already: masking a text costs a pass over it.
struct Desk<'s> {
    session: &'s Session,
    masked: BTreeMap<SourceId, Masked>,
    /// Places of this finding as the renderer counts them, in a cut or escaped line, and as they are in the source.
    columns: Vec<(String, String)>,
}

/// Labels of one source that are further apart than this many lines are drawn apart.
const FAR: usize = 12;

impl Desk<'_> {
    fn report(&mut self, finding: &Diagnostic) -> Vec<Group<'static>> {
        let title = drawn(finding.level).primary_title(escaped(&finding.message)).id(finding.code.id);
        let mut group = Group::with_title(title);
        for cluster in self.clusters(finding) {
            group = self.picture(group, &cluster);
        }
        let (title, help) = self.titled(finding);
        group = group.elements(finding.notes.iter().map(|note| Drawn::NOTE.message(escaped(note))));
        group = group.elements(help.iter().map(|help| Drawn::HELP.message(escaped(help))));
        let suggestion = title.and_then(|title| self.suggestion(finding, title));
        std::iter::once(group).chain(suggestion).collect()
    }

    /// The heading of the suggested change, if there is one, and the help that is left to say.
    fn titled<'f>(&self, finding: &'f Diagnostic) -> (Option<String>, &'f [String]) {
        match (&finding.patch, finding.help.split_first()) {
            (None, _) => (None, &finding.help),
            (Some(_), Some((first, rest))) => (Some(escaped(first)), rest),
            (Some(_), None) => (Some("write this instead".to_owned()), &[]),
        }
    }

    /// The labels with their places in sources, those that are drawn in one picture together; the primary one first.
    fn clusters(&mut self, finding: &Diagnostic) -> Vec<Vec<(Span, Label)>> {
        let mut clusters: Vec<Vec<(Span, Label)>> = Vec::new();
        for label in &finding.labels {
            let span = self.session.resolve(label.span);
            let line = self.masked(span.source).line(span.start as usize);
            let near = clusters.iter().position(|cluster| {
                cluster.iter().all(|(other, _)| {
                    other.source == span.source
                        && self.masked(span.source).line(other.start as usize).abs_diff(line) <= FAR
                })
            });
            match near {
                Some(index) => clusters[index].push((span, label.clone())),
                None => clusters.push(vec![(span, label.clone())]),
            }
        }
        clusters
    }

    fn picture(&mut self, group: Group<'static>, cluster: &[(Span, Label)]) -> Group<'static> {
        let Some((head, _)) = cluster.first() else { return group };
        let masked = self.masked(head.source);
        let ranges: Vec<_> = cluster.iter().map(|(span, _)| masked.in_first_line(span.range())).collect();
        let excerpt = masked.excerpt(&ranges);
        let annotations = cluster.iter().zip(&ranges).map(|((_, label), range)| {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let text = Some(escaped(&label.text)).filter(|text| !text.is_empty());
            kind.span(excerpt.translate(range)).label(text)
        });
        let snippet = Snippet::source(excerpt.text.clone()).line_start(excerpt.first_line);
        let snippet = snippet.annotations(annotations.collect::<Vec<_>>());
        let shown = excerpt.line_column(excerpt.translate(&ranges[0]).start);
        let name = escaped(&self.session.source(head.source).name);
        self.correct(&name, shown, *head);
        group.element(snippet.path(name))
    }

    /// The renderer counts columns in the line that is shown; notes down what it must say where that line was changed.
    fn correct(&mut self, name: &str, shown: (usize, usize), span: Span) {
        let meant = self.session.source(span.source).line_column(span.start as usize);
        if shown != meant {
            let place = |(line, column): (usize, usize)| format!("{name}:{line}:{column}");
            self.columns.push((place(shown), place(meant)));
        }
    }

    fn with_columns(&mut self, rendered: String) -> String {
        self.columns.drain(..).fold(rendered, |text, (shown, meant)| text.replacen(&shown, &meant, 1))
    }

    fn suggestion(&mut self, finding: &Diagnostic, title: String) -> Option<Group<'static>> {
        let patch = finding.patch.as_ref()?;
        let span = self.session.resolve(patch.span);
        let range = span.range();
        let masked = self.masked(span.source);
        if masked.in_first_line(range.clone()) != range {
            return None;
        }
        let excerpt = masked.excerpt(std::slice::from_ref(&range));
        let edit = Edit::new(excerpt.translate(&range), escaped(&patch.replacement));
        let snippet = Snippet::source(excerpt.text.clone()).line_start(excerpt.first_line).patch(edit);
        let name = escaped(&self.session.source(span.source).name);
        let here =
            finding.primary().is_some_and(|label| self.session.resolve(label.span).source == span.source);
        let snippet = if here { snippet } else { snippet.path(name) };
        Some(Group::with_title(Drawn::HELP.secondary_title(title)).element(snippet))
    }

    fn masked(&mut self, source: SourceId) -> &Masked {
        let text = || Masked::new(self.session.source(source).masked_text());
        self.masked.entry(source).or_insert_with(text)
    }
}

fn drawn(level: Level) -> Drawn<'static> {
    match level {
        Level::Error => Drawn::ERROR,
        Level::Warning => Drawn::WARNING,
    }
}

fn summary(findings: &[Diagnostic], closing: &Closing) -> Group<'static> {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let found = [(count(Level::Error), "error"), (count(Level::Warning), "warning")];
    let met = found.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| plural(*count, noun));
    let (title, notes) = match closing {
        Closing::Undone(_) => (met.collect::<Vec<_>>().join(", "), &[][..]),
        Closing::Linted { files, notes } => {
            let all = found.iter().map(|(count, noun)| plural(*count, noun));
            (std::iter::once(plural(*files, "file")).chain(all).collect::<Vec<_>>().join(", "), &notes[..])
        }
    };
    let title = match (found, closing) {
        ([(0, _), (0, _)], _) => Drawn::NOTE.with_name("linted").primary_title(title),
        ([(0, _), _], _) => Drawn::WARNING.primary_title(title),
        (_, Closing::Undone(what)) => Drawn::ERROR.primary_title(format!("{title}; nothing was {what}")),
        _ => Drawn::ERROR.primary_title(title),
    };
    let group = title.elements(notes.iter().map(|note| Drawn::NOTE.message(escaped(note))));
    if findings.is_empty() {
        group
    } else {
        group.element(Drawn::NOTE.with_name("for more").message(explain(findings)))
    }
}

fn plural(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// The commands that print the pages of the codes that were met.
fn explain(findings: &[Diagnostic]) -> String {
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code.id).collect();
    let shown: Vec<String> = codes.iter().take(3).map(|code| format!("`plimsoll explain {code}`")).collect();
    shown.join(", ")
}
