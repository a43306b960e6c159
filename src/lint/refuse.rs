//! What is said about paths and modelines that lead nowhere.

use super::look::is_kustomization;
use super::modeline::Word;
use crate::chart as charts;
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::{ReadError, SourceKind, Span};

/// A file that is not kept: it is registered where a finding must show it.
#[derive(Clone, Copy)]
pub(super) struct File<'f> {
    pub(super) session: &'f Session,
    pub(super) name: &'f str,
    pub(super) text: &'f str,
}

impl File<'_> {
    /// Whether the chart has all of these presets; those that it has not are reported.
    pub(super) fn has_presets(&self, chart: &str, words: &[Word<'_>]) -> bool {
        let own = self.session.fresh();
        // A chart that cannot be opened says so when it is linted.
        let Ok(chart) = charts::open(&own, chart) else { return true };
        let unknown: Vec<&Word<'_>> =
            words.iter().filter(|word| !chart.presets.contains_key(word.text)).collect();
        for word in &unknown {
            let message = format!("the chart `{}` has no preset `{}`", chart.name, word.text);
            let known = chart.presets.keys().map(String::as_str);
            let finding = Diagnostic::error(Code::L002, message).at(self.place(word), "this preset");
            self.session
                .report(finding.did_you_mean(word.text, known).help("`plimsoll charts` lists presets"));
        }
        unknown.is_empty()
    }

    pub(super) fn refuse_chart(&self, word: &Word<'_>) {
        let message = format!("there is no chart `{}`", word.text);
        let finding = Diagnostic::error(Code::L002, message).at(self.place(word), "this chart");
        let known = charts::bundled().map(|bundled| bundled.name);
        let help = "name a bundled chart, or the path of a chart's folder relative to this file";
        self.session.report(finding.did_you_mean(word.text, known).help(help));
    }

    pub(super) fn refuse_words(&self, words: &[Word<'_>]) {
        for word in words {
            let message = format!("`{}` has no meaning in a modeline", word.text);
            let finding = Diagnostic::error(Code::L002, message).at(self.place(word), "this word");
            let finding = finding.did_you_mean(word.text, ["chart=", "preset=", "allow("]);
            self.session.report(finding.help("write `# plimsoll: chart=NAME preset=NAME`"));
        }
    }

    /// Reports a file that is nothing that can be linted (L001).
    pub(super) fn refuse_unknown(&self) {
        let name = self.name;
        let message = format!("`{name}` is no manifest, and nothing says which chart it is a values file of");
        let help = if is_kustomization(name) {
            "lint what it makes: `kubectl kustomize FOLDER | plimsoll lint -`"
        } else {
            "write `# plimsoll: chart=NAME` into its first line, add it to `charts` in `plimsoll.yaml`, \
             or give `--chart NAME`; a manifest needs `apiVersion` and `kind`"
        };
        self.session.report(Diagnostic::error(Code::L001, message).help(help));
    }

    /// A file that was not kept is registered where a finding must show it.
    fn place(&self, word: &Word<'_>) -> Span {
        let source = self.session.add_source(SourceKind::File, self.name, self.text);
        Span::new(source, word.place.start, word.place.end)
    }
}

/// Reports a path that cannot be read.
pub(super) fn refuse_unread(session: &Session, name: &str, error: &ReadError) {
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    let known = charts::bundled().map(|bundled| bundled.name);
    let finding = finding.did_you_mean(name, known);
    session.report(finding.help("name a file, a folder, a bundled chart, or `-` for standard input"));
}
