//! The only file that names every stage: from a request to judged documents.
//!
//! ```text
//! opened ─► merged ─► checked ─► printed ─► documents ─► judged ─► install order
//!      └───────────── prepared ────┴────────────┴──────────┘
//! ```
//!
//! Each state is a type that promises what its name says, and the function from one to the next stands in the file of
//! the next. None can be had in another way: documents are made of [`Checked`] values alone.
//!
//! | state | it promises | stages on the way to it |
//! |---|---|---|
//! | [`Opened`] | the chart and all that a request lays over its defaults could be read | `chart::open`, `values::read_layer`, `Schema::compile` |
//! | [`Merged`] | all layers and flags fit each other, and are one tree, with what is derived from them | `values::LayerStack`, `derived::evaluate` |
//! | [`Checked`] | the schema finds nothing wrong in it | `schema::check` |
//! | `Printed` | it is what the templates made of checked values | `template::run` |
//! | `Documents` | each was held against the API | `template::bind`, `manifest::split`, `kube::check_all` |
//! | `Judged` | each is an object as Kubernetes takes it, no two are one, and no rule forbids one | `manifest::report_duplicates`, `rules::Judge`, which calls `kube::decode` |
//! | [`Prepared`] | templates, CRDs and `plimsoll.yaml` were read, once for all renders | `template::compile`, `kube::Api` |
//!
//! Every command is a prefix or a fold of this line: `values` ends at checked, `lint` at judged, `diff` renders twice,
//! `render --each` begins at merged, on one [`Prepared`]. Plain manifests begin at documents.

mod api_types;
mod checked;
mod derived;
mod described;
mod documents;
mod helm;
mod judged;
mod manifests;
mod merged;
mod opened;
mod prepared;
mod printed;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use crate::kube::{Completion, PatchTarget, is_built_in_kind};
pub use api_types::api_types;
pub use checked::{Checked, CheckedOrIncomplete};
pub use described::infer_schema;
pub use manifests::{ManifestSet, ManifestSets, SetText, is_whole, manifest_sets, manifests};
pub use merged::{FurtherLayers, Merged};
pub use opened::{Opened, compile_schema, templates};
pub use prepared::{Prepared, prepare};

use crate::chart::{self, Chart, Snapshot};
use crate::emit;
use crate::helm::chart as helm_chart;
use crate::inputs;
use crate::kube::{self, Api, Target};
use crate::manifest::{self, Document, PackedDocument, ReadDocument};
use crate::release;
use crate::request::{HelmOptions, Request, ValuesFile};
use crate::rules;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind};
use crate::template::{Program, SecondThread, SettingReads};
use crate::values;
use crate::yaml::{Node, ValuePath};
use documents::Documents;
use judged::Judged;
use printed::{Printed, Printing};

/// What a render made, with everything that it was made from.
#[derive(Debug)]
pub struct Rendering {
    /// Judged documents, in the order in which they are installed.
    pub documents: Vec<PackedDocument>,
    /// The chart and its values.
    pub checked: Checked,
    /// The chart's templates.
    pub program: Arc<Program>,
    /// The templates of the charts that it brings along and that are on, with the values of each.
    pub members: Vec<(Arc<Program>, Arc<Node>)>,
    /// The texts of the documents that templates of Helm printed.
    of_helm: BTreeSet<SourceId>,
}

impl Rendering {
    /// Warns of settings that files and flags set and that no template of a chart of Helm reads (V111). Of those that a chart of ours
    /// depends on, they are no concern of a template of ours either.
    pub fn report_unread_of_helm(&self, session: &Session) {
        let checked = &self.checked;
        if checked.chart().is_helm {
            return checked.report_unread_of_helm(session, |_, _| true);
        }
        if checked.helm.is_none() {
            return;
        }
        // Templates that cannot be read would make every setting look unread.
        let Some(reads) = self.reads_of_ours(session) else { return };
        let files = values::sources_over_defaults(&checked.layers);
        let is_given =
            |source: SourceId| files.contains(&source) || session.source(source).kind == SourceKind::Flag;
        checked.report_unread_of_helm(session, |path, source| is_given(source) && !reads.is_read(path));
    }

    /// What templates and derived values of ours read.
    fn reads_of_ours(&self, session: &Session) -> Option<SettingReads> {
        let opened = &self.checked.opened;
        let mut reads = self.program.setting_reads(session).ok()?;
        if let Some(derived) = &opened.derived {
            reads.add_below(&ValuePath::root(), derived.setting_reads(session).ok()?);
        }
        let is_ours = |(opened, on): &(&opened::OpenedMember, &bool)| **on && opened.member.helm.is_none();
        let ours = opened.members.iter().zip(self.checked.on.iter()).filter(is_ours);
        for ((opened, _), (program, _)) in ours.zip(&self.members) {
            reads.add_below(&opened.member.place, program.setting_reads(session).ok()?);
            if let Some(derived) = &opened.derived {
                reads.add_below(&opened.member.place, derived.setting_reads(session).ok()?);
            }
        }
        Some(reads)
    }

    /// Whether a template of Helm printed a document.
    pub fn is_of_helm(&self, document: &Document) -> bool {
        self.of_helm.contains(&document.node.span.source)
    }
}

/// Reads and merges the values of a chart without holding them against its schema.
///
/// # Errors
/// What is wrong with the chart, a layer or a flag.
pub fn merge(session: &Session, request: &Request) -> Outcome<Merged> {
    opened::open(session, request)?.merge(session, &[])
}

/// Reads, merges and checks the values of a chart.
///
/// # Errors
/// What is wrong with the chart, a layer or a flag, and everything that the schema says against the merged values.
pub fn values(session: &Session, request: &Request) -> Outcome<Checked> {
    merge(session, request)?.check(session)
}

/// Renders a chart: judged documents in the order in which they are installed.
///
/// # Errors
/// Everything that is wrong with the chart, the values, the templates or a document; if nothing is, what rules forbid.
pub fn render(session: &Session, request: &Request) -> Outcome<Vec<PackedDocument>> {
    Ok(render_keeping(session, request)?.documents)
}

/// Renders a chart and keeps what the documents were made from.
///
/// # Errors
/// As [`render`].
pub fn render_keeping(session: &Session, request: &Request) -> Outcome<Rendering> {
    let rendered = Ready::open(session, request)
        .and_then(|ready| ready.merge(session).and_then(|merged| ready.render(session, merged)));
    if rendered.is_err() {
        // It may have ended before documents were judged.
        settle(session, request);
    }
    rendered
}

/// A chart that is prepared for one render, with the thread that works on that render alone.
#[derive(Debug)]
pub struct Ready {
    prepared: Prepared,
    second_thread: Option<SecondThread>,
}

impl Ready {
    /// Prepares a chart, and begins to compile its templates on another thread.
    ///
    /// # Errors
    /// As [`prepare`].
    pub fn open(session: &Session, request: &Request) -> Outcome<Ready> {
        let (prepared, second_thread) = prepared::prepare_one(session, request, |_| {})?;
        Ok(Ready { prepared, second_thread })
    }

    /// As [`Ready::open`], and warns into another session, an overlay of this one, of what should not be in a chart of Helm
    /// (H012, H013): those are no matter of values.
    ///
    /// # Errors
    /// As [`prepare`].
    pub fn open_to_lint(session: &Session, request: &Request) -> (Outcome<Ready>, Session) {
        let mut advice = None;
        let prepared = prepared::prepare_one(session, request, |opened| {
            if let Some(chart) = &opened.helm {
                let own = session.snapshot().overlay();
                helm_chart::advice::report(&own, chart);
                advice = Some(own);
            }
        });
        let advice = advice.unwrap_or_else(|| session.fresh());
        (prepared.map(|(prepared, second_thread)| Ready { prepared, second_thread }), advice)
    }

    /// The prepared chart, for one render with the thread that is to work on it, or for many.
    pub fn into_prepared(self, is_for_one: bool) -> (Prepared, Option<SecondThread>) {
        if is_for_one { (self.prepared, self.second_thread) } else { (self.prepared.for_many(), None) }
    }

    /// The chart.
    pub fn chart(&self) -> &Chart {
        &self.prepared.opened.chart
    }

    /// The values of the request.
    ///
    /// # Errors
    /// Layers or flags that do not fit.
    pub fn merge(&self, session: &Session) -> Outcome<Merged> {
        self.prepared.opened.merge(session, &[])
    }

    /// Checks and renders these values.
    ///
    /// # Errors
    /// Everything that is wrong with the values, the templates or a document; if nothing is, what rules forbid.
    pub fn render(self, session: &Session, merged: Merged) -> Outcome<Rendering> {
        finish(session, &self.prepared, Printing::begin(session, &self.prepared, merged, self.second_thread))
    }
}

impl Prepared {
    /// Renders the chart with further values files over all others. The session is the one that it was prepared in, or
    /// an overlay of that: spans and origins of what was prepared must have a meaning there.
    ///
    /// # Errors
    /// Everything that is wrong with the values, the templates or a document; if nothing is, what rules forbid.
    pub fn render(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Rendering> {
        let merged = self.opened.merge(session, files)?;
        finish(session, self, Printing::begin(session, self, merged, None))
    }

    /// Holds values against the schema, renders them with dummy values for secrets that are not demanded, and judges
    /// what was rendered.
    ///
    /// Returns the required settings that are left for the user to set. If there are any, nothing can be rendered, and
    /// only the values were checked.
    ///
    /// # Errors
    /// As [`Prepared::render`].
    pub fn lint(
        &self,
        session: &Session,
        merged: Merged,
        second_thread: Option<SecondThread>,
    ) -> Outcome<Vec<ValuePath>> {
        let checked = merged.check_demanded(session)?;
        // Wrong templates fail every set of values, complete or not.
        self.program()?;
        match checked {
            CheckedOrIncomplete::Incomplete(unset) => Ok(unset),
            CheckedOrIncomplete::Checked(checked) => {
                judge(session, self, Printed::of(session, self, checked, second_thread)?)?;
                Ok(Vec::new())
            }
        }
    }
}

/// The documents of a chart as its templates print them, with these files over its other values. The session is the one that the
/// chart was prepared in, or an overlay of that. What is wrong with one is reported, and keeps none from being given:
/// for comparing two charts of which neither has to be right.
///
/// # Errors
/// What is wrong with the chart, the values or a template of ours, so that documents are missing.
pub fn unjudged(session: &Session, prepared: &Prepared, files: &[ValuesFile]) -> Outcome<Vec<Document>> {
    let before = session.errors();
    let merged = prepared.opened.merge(session, files)?;
    let Printed { checked, outputs } = Printing::begin(session, prepared, merged, None).check(session)?;
    let documents = Documents::of_chart(session, prepared, &checked, outputs)?;
    if !documents.is_complete && !checked.chart().is_helm {
        session.clean_since(before)?;
    }
    Ok(documents.applied())
}

/// From templates at work to judged documents in the order in which they are installed.
fn finish(session: &Session, prepared: &Prepared, printing: Printing) -> Outcome<Rendering> {
    let printed = printing.check(session)?;
    let members = printed.outputs.members();
    let (judged, checked, program) = judge(session, prepared, printed)?;
    let (documents, of_helm) = judged.into_applied();
    // Chosen last, as `--show-only` is a choice of what is printed: everything is checked all the same.
    let shown = emit::only_templates(session, documents, &checked.opened.request.show_only)?;
    Ok(Rendering { documents: emit::install_order(shown), checked, program, members, of_helm })
}

/// From printed templates to judged documents.
fn judge(
    session: &Session,
    prepared: &Prepared,
    printed: Printed,
) -> Outcome<(Judged, Checked, Arc<Program>)> {
    let Printed { checked, outputs } = printed;
    let program = Arc::clone(&outputs.program);
    let documents = Documents::of_chart(session, prepared, &checked, outputs)?;
    Ok((Judged::of_chart(session, prepared, &checked, documents)?, checked, program))
}

/// Gives what was found the levels that a request chooses, and drops what comments in the user's files suppress. For a run
/// that ended before its documents were judged.
pub fn settle(session: &Session, request: &Request) {
    // What is wrong with the configuration is reported, and nothing is chosen then.
    let Ok(config) = inputs::read_config(session, request) else { return };
    let levels = rules::levels(&config, &request.levels);
    let judge = rules::judge(session, levels, [], &session.files());
    judge.lowering_all(request.prints_nothing).settle_rest(session);
}

/// What a chart says about itself, of either kind; its values are not read.
///
/// # Errors
/// What is wrong with the chart.
pub fn chart(session: &Session, name_or_path: &str) -> Outcome<Chart> {
    let request = Request { chart: name_or_path.to_owned(), ..Request::default() };
    match helm::open(session, &request) {
        Some(chart) => Ok(release::facade(session, &*chart?)),
        None => inputs::open_chart(session, &request),
    }
}

/// As [`chart()`], for one that is described and not rendered: of a chart of Helm, dependencies may be missing.
///
/// # Errors
/// As [`chart()`].
pub fn chart_alone(session: &Session, name_or_path: &str) -> Outcome<Chart> {
    let helm = HelmOptions { may_lack_dependencies: true, ..HelmOptions::default() };
    let request = Request { chart: name_or_path.to_owned(), helm, ..Request::default() };
    match helm::open(session, &request) {
        Some(chart) => Ok(release::facade(session, &*chart?)),
        None => inputs::open_chart(session, &request),
    }
}

/// What the dependencies of a chart of ours need besides its own folder, seen from there: folders and archives that a snapshot
/// does not have. Nothing of a chart that cannot be read. The session gets what is wrong, and is to be thrown away.
pub fn missing_in(session: &Session, snapshot: &Snapshot) -> Vec<String> {
    if helm_chart::is_chart_of_files(&snapshot.files) {
        return Vec::new();
    }
    match chart::open_snapshot(session, snapshot) {
        Ok(chart) => release::missing_in(session, &chart, snapshot),
        Err(_) => Vec::new(),
    }
}

/// Whether a path names the archive of a chart of Helm.
pub fn is_helm_archive(path: &str) -> bool {
    helm_chart::is_archive(path)
}

/// The chart's CRDs alone, checked: a cluster has to know them before it takes what is made of them. Values are not
/// read.
///
/// # Errors
/// E002 if the chart has none, and what is wrong with them.
pub fn crds(session: &Session, request: &Request) -> Outcome<Vec<PackedDocument>> {
    let before = session.errors();
    let chart = opened::open_chart(session, request)?.chart;
    let mut api = Api::new();
    let documents = inputs::read_crds(session, &chart, request, &mut api);
    session.clean_since(before)?;
    inputs::refuse_no_crds(session, &chart)?;
    let target = Target { api: Arc::new(api), versions: request.versions, ..Target::default() };
    let documents = documents.into_iter().map(ReadDocument::from).collect();
    let documents = kube::check_all(session, &target, documents, 1);
    // What it reports is counted with the rest.
    let _ = manifest::refuse_duplicates(session, &documents);
    session.clean_since(before)?;
    Ok(emit::install_order(documents))
}
