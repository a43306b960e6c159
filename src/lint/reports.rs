//! Reports about paths that cannot be linted and modelines that name what does not exist.
//!
//! | code | of |
//! |---|---|
//! | L001 | a file that is nothing that can be linted |
//! | L002 | a modeline: a word without meaning, a chart or a preset that does not exist |
//! | S001 | a path that cannot be read |

use super::modeline::Word;
use super::recognize::is_kustomization;
use crate::chart as charts;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::{ReadError, SourceKind, Span};

/// A file that was read to find out what it is. Its text becomes a source of the session only if a finding points into
/// it: of most files, the run that lints them will add it.
#[derive(Clone, Copy)]
pub(super) struct InspectedFile<'f> {
    pub(super) session: &'f Session,
    pub(super) name: &'f str,
    pub(super) text: &'f str,
}

impl InspectedFile<'_> {
    /// Reports presets of a modeline that the chart does not have (L002). Whether it has all of them.
    pub(super) fn check_presets(&self, chart: &str, words: &[Word<'_>]) -> bool {
        // Only to know the names: what is wrong with the chart itself is reported when the file is linted.
        let own = self.session.fresh();
        let Ok(chart) = charts::open(&own, chart) else { return true };
        let unknown: Vec<&Word<'_>> =
            words.iter().filter(|word| !chart.presets.contains_key(word.text)).collect();
        for word in &unknown {
            let message = format!("the chart `{}` has no preset `{}`", chart.name, word.text);
            let known = chart.presets.keys().map(String::as_str);
            let finding = Diagnostic::error(Code::L002, message).at(self.span(word), "this preset");
            let finding = match chart.preset_of_dependency(word.text) {
                Some(help) => finding.help(help),
                None => finding,
            };
            self.session
                .report(finding.did_you_mean(word.text, known).help("`plimsoll charts` lists presets"));
        }
        unknown.is_empty()
    }

    /// Reports a chart that does not exist (L002).
    pub(super) fn report_unknown_chart(&self, word: &Word<'_>) {
        let message = format!("there is no chart `{}`", word.text);
        let finding = Diagnostic::error(Code::L002, message).at(self.span(word), "this chart");
        let known = charts::bundled().map(|bundled| bundled.name);
        let help = "name a bundled chart, or the path of a chart's folder relative to this file";
        self.session.report(finding.did_you_mean(word.text, known).help(help));
    }

    /// Reports words that mean nothing in a modeline (L002): a mistyped `preset=` must not be passed over.
    pub(super) fn report_unknown_words(&self, words: &[Word<'_>]) {
        for word in words {
            let message = format!("`{}` has no meaning in a modeline", word.text);
            let finding = Diagnostic::error(Code::L002, message).at(self.span(word), "this word");
            let finding = finding.did_you_mean(word.text, ["chart=", "preset=", "allow("]);
            self.session.report(finding.help("write `# plimsoll: chart=NAME preset=NAME`"));
        }
    }

    /// Reports a file that is nothing that can be linted (L001).
    /// `noun` is what else it is, if that is known.
    pub(super) fn report_unclassified(&self, noun: Option<&str>) {
        let name = self.name;
        let message = match noun.filter(|noun| *noun != "no manifest") {
            Some(noun) => format!("`{name}` is {noun}, and no manifest"),
            None => {
                format!("`{name}` is not a manifest, and nothing says which chart it is a values file of")
            }
        };
        let help = if is_kustomization(name) {
            "lint what it makes: `kubectl kustomize FOLDER | plimsoll lint -`"
        } else {
            "write `# plimsoll: chart=NAME` into its first line, add it to `charts` in `plimsoll.yaml`, \
             or give `--chart NAME`; a manifest needs `apiVersion` and `kind`"
        };
        self.session.report(Diagnostic::error(Code::L001, message).help(help));
    }

    /// The span of a word, in a source that is added now.
    fn span(&self, word: &Word<'_>) -> Span {
        let source = self.session.add_source(SourceKind::File, self.name, self.text);
        Span::new(source, word.range.start, word.range.end)
    }
}

/// Reports a path that cannot be read (S001).
pub(super) fn report_unreadable(session: &Session, name: &str, error: &ReadError) {
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    let known = charts::bundled().map(|bundled| bundled.name);
    let finding = finding.did_you_mean(name, known);
    session.report(finding.help("name a file, a folder, a bundled chart, or `-` for standard input"));
}

/// Warns of a link in a folder that is not followed (S001): who applies the folder may follow it.
pub(super) fn report_link(session: &Session, name: &str) {
    let message = format!("the link `{name}` leads out of the folder, or to nothing, and is ignored");
    let help = "lint the folder that it leads to as well, or put the file there";
    session.report(Diagnostic::warning(Code::S001, message).help(help));
}
