//! Prepared: what documents are made and judged with besides values, once for all renders of a chart.
//!
//! ```text
//! open the chart ─► read its schema and values (Opened) ─► compile templates ─► CRDs ─► plimsoll.yaml ─► Prepared
//!               └─► parse templates ─► check and plan them ──┘     (another thread, which is there for one render then)
//! ```
//!
//! Preparing fails where nothing could be said of values: without a chart, with layers that cannot be read, or for versions
//! of Kubernetes that the chart is not for. Anything else that is wrong is kept as an `Outcome` in the field that it concerns,
//! and ends a render at the state that needs that field. So a user sees what is wrong with the values and with the
//! templates in one run.

use std::sync::{Arc, OnceLock};

use super::opened::{self, Opened, OpenedChart, OpenedMember};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Level};
use crate::inputs;
use crate::kube::Api;
use crate::manifest::PackedDocument;
use crate::request::Request;
use crate::session::{Outcome, Session};
use crate::template::{self, KnownTexts, PendingProgram, Program, SecondThread, SettingReads};
use crate::yaml::ValuePath;

/// Everything of a request that further values files cannot change. Threads can share it.
///
/// It promises that its findings were reported; [`Prepared::complete`] tells whether any values could be rendered with
/// it.
#[derive(Debug)]
pub struct Prepared {
    /// The chart, and the layers that values are merged from.
    pub opened: Arc<Opened>,
    pub(super) program: Outcome<Arc<Program>>,
    /// The templates of the charts that it brings along, in their order.
    pub(super) members: Vec<PreparedMember>,
    /// With the kinds of the chart's CRDs and of `--crds`.
    pub(super) api: Arc<Api>,
    /// The chart's CRDs.
    pub(super) crds: Outcome<Arc<[PackedDocument]>>,
    pub(super) config: Outcome<Config>,
    /// What the templates printed last, if they are to be run for many values files.
    pub(super) known_texts: Option<Arc<KnownTexts>>,
    /// Which settings the templates read, once somebody has asked.
    setting_reads: OnceLock<Option<SettingReads>>,
}

/// Prepares a chart for many renders, which share nothing that can change.
///
/// # Errors
/// What is wrong with the chart itself, a layer, a flag, or the versions of Kubernetes.
pub fn prepare(session: &Session, request: &Request) -> Outcome<Prepared> {
    let (prepared, _) = prepare_one(session, request, |_| {})?;
    Ok(prepared.for_many())
}

/// Prepares a chart for one render, and keeps the thread that has worked on the templates: it is to work on that render
/// too. `see` gets the chart as soon as it is opened.
///
/// # Errors
/// As [`prepare`].
pub(super) fn prepare_one(
    session: &Session,
    request: &Request,
    see: impl FnOnce(&OpenedChart<'_>),
) -> Outcome<(Prepared, Option<SecondThread>)> {
    let mut opened = opened::open_chart(session, request)?;
    see(&opened);
    let program = match opened.plan.take() {
        Some(plan) => {
            let program = Program::new(session, &opened.templates, plan, &opened.wants());
            PendingProgram::ready(Arc::new(program))
        }
        None => PendingProgram::start(session, &opened.templates),
    };
    let opened = opened.read_values(session, |wants| program.hand_over(wants))?;
    inputs::refuse_versions(session, &opened.chart, request.versions)?;
    for member in opened.members.iter() {
        inputs::refuse_versions(session, &member.member.chart, request.versions)?;
    }
    let (program, second_thread) = program.finish(session, &opened.wants);
    let members = opened.members.iter().map(|member| PreparedMember::new(session, member)).collect();
    // Counted from here: an error of the templates must not make the CRDs look wrong.
    let (before, first) = (session.errors(), session.findings());
    let mut api = Api::new();
    let crds = inputs::read_crds(session, &opened.chart, request, &mut api);
    // What Helm prints of a chart of Helm is printed here too, unless an error is left of it in the end.
    let crds: Arc<[PackedDocument]> = PackedDocument::pack_all(crds).into();
    let of_helm = opened.crds_of_helm();
    let is_of_helm = |finding: &Diagnostic| {
        let place = finding.primary().map(|label| label.span.source);
        opened.chart.is_helm || place.is_some_and(|source| of_helm.contains(&source))
    };
    let are_of_helm = || {
        let found = session.diagnostics();
        found.iter().skip(first).filter(|finding| finding.level == Level::Error).all(is_of_helm)
    };
    let crds = match session.clean_since(before) {
        Err(reported) if !are_of_helm() => Err(reported),
        _ => Ok(crds),
    };
    let config = inputs::read_config(session, request);
    let prepared = Prepared {
        opened,
        program,
        members,
        api: Arc::new(api),
        crds,
        config,
        known_texts: None,
        setting_reads: OnceLock::new(),
    };
    Ok((prepared, second_thread))
}

/// The templates of a chart that another one brings along.
#[derive(Clone, Debug)]
pub(super) struct PreparedMember {
    program: Outcome<Arc<Program>>,
    pub(super) known_texts: Option<Arc<KnownTexts>>,
}

impl PreparedMember {
    fn new(session: &Session, opened: &OpenedMember) -> PreparedMember {
        let OpenedMember { templates, plan, wants, .. } = opened;
        let program = match plan {
            Some(plan) => Ok(Program::new(session, templates, plan.clone(), wants)),
            None => template::compile(session, templates, wants),
        };
        PreparedMember { program: program.map(Arc::new), known_texts: None }
    }

    pub(super) fn program(&self) -> Outcome<&Arc<Program>> {
        self.program.as_ref().map_err(|reported| *reported)
    }
}

impl Prepared {
    /// The same chart, for more than one render.
    pub(super) fn for_many(self) -> Prepared {
        let mut members = self.members;
        members.iter_mut().for_each(|member| member.known_texts = Some(Arc::default()));
        Prepared { known_texts: Some(Arc::default()), members, ..self }
    }

    /// The same chart for another request: presets, files, flags, versions, levels and what templates are told of the
    /// release may be others. The session is the one that it was prepared in, or an overlay of that.
    ///
    /// # Errors
    /// What is wrong with a layer, a flag, or the versions of Kubernetes.
    pub fn with_request(&self, session: &Session, request: &Request) -> Outcome<Prepared> {
        let opened = self.opened.with_request(session, request)?;
        inputs::refuse_versions(session, &opened.chart, request.versions)?;
        Ok(Prepared {
            opened,
            program: self.program.clone(),
            members: self.members.clone(),
            api: Arc::clone(&self.api),
            crds: self.crds.clone(),
            config: self.config.clone(),
            known_texts: self.known_texts.clone(),
            setting_reads: OnceLock::new(),
        })
    }

    /// Which settings the templates of a chart of ours read; none if one of them cannot be read.
    pub fn setting_reads(&self, session: &Session) -> Option<&SettingReads> {
        let find = || {
            let mut reads = self.program.as_ref().ok()?.setting_reads(session).ok()?;
            // What values are computed from is read as well.
            if let Some(derived) = &self.opened.derived {
                reads.add_below(&ValuePath::root(), derived.setting_reads(session).ok()?);
            }
            for (opened, prepared) in self.opened.members.iter().zip(&self.members) {
                let place = &opened.member.place;
                if opened.member.helm.is_some() {
                    // What of it is read, and what is global, is Helm's to say too.
                    reads.leave_out(place);
                    for above in 0..place.0.len() {
                        reads.leave_out(&ValuePath(place.0[..above].to_vec()).and_key("global"));
                    }
                }
                reads.add_below(place, prepared.program().ok()?.setting_reads(session).ok()?);
                if let Some(derived) = &opened.derived {
                    reads.add_below(place, derived.setting_reads(session).ok()?);
                }
                opened.member.conditions.iter().for_each(|path| reads.add_path(path));
            }
            Some(reads)
        };
        self.setting_reads.get_or_init(find).as_ref()
    }

    /// How often a template of a chart of Helm was parsed.
    #[cfg(test)]
    pub(crate) fn parses(&self) -> usize {
        self.opened.helm.as_ref().map_or(0, super::helm::HelmCharts::parses)
    }

    /// Whether any values could be rendered with it: what is wrong with it was reported when it was made.
    pub fn complete(&self) -> Outcome<()> {
        self.opened.sound?;
        self.program()?;
        self.members.iter().try_for_each(|member| member.program().map(|_| ()))?;
        self.crds()?;
        self.config()?;
        Ok(())
    }

    /// The API, with the kinds of the chart's CRDs and of those that the request names.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Whether its templates can be compiled, and read no setting that the schema does not know.
    pub fn templates_fit(&self) -> bool {
        self.program.is_ok()
    }

    pub(super) fn program(&self) -> Outcome<&Arc<Program>> {
        self.program.as_ref().map_err(|reported| *reported)
    }

    pub(super) fn crds(&self) -> Outcome<&[PackedDocument]> {
        self.crds.as_deref().map_err(|reported| *reported)
    }

    pub(super) fn config(&self) -> Outcome<&Config> {
        self.config.as_ref().map_err(|reported| *reported)
    }
}
