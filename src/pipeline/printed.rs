//! Printed: what the templates made of checked values; nobody has looked at it yet.
//!
//! ```text
//! Merged ─► begin ─► Printing ─► Printing::check ─► Printed
//!               └ on the second thread, templates run from here on; without it, each when its output is asked for
//! ```
//!
//! Templates may be run before it is known whether their values are right, since running them reports nothing. What they
//! print is let out only with the [`Checked`] values themselves.

use std::sync::Arc;

use super::checked::Checked;
use super::helm::HelmOutput;
use super::merged::Merged;
use super::opened::Opened;
use super::prepared::Prepared;
use crate::chart::Chart;
use crate::helm::dependencies::ChartValues;
use crate::release::{self, Release};
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::template::{self, BegunRun, Program, RenderContext, RenderInput, RenderedTemplate, SecondThread};
use crate::yaml::Node;

/// Templates at work on values that may be wrong.
pub(super) struct Printing {
    merged: Merged,
    outputs: Outcome<Outputs>,
}

/// What every template printed, with the values that it was given.
///
/// It promises that the values are right.
pub(super) struct Printed {
    pub(super) checked: Checked,
    pub(super) outputs: Outputs,
}

/// The output of the templates, in their order; each is run when it is asked for, if it was not by then.
#[derive(Debug)]
pub(super) struct Outputs {
    pub(super) program: Arc<Program>,
    of: OutputsOf,
}

/// What the templates are, with what they are given.
#[derive(Debug)]
enum OutputsOf {
    /// Those of a chart of ours.
    Bound {
        /// The values as the templates see them.
        context: Arc<RenderContext>,
        /// Where two threads run them; otherwise nothing has begun.
        begun: Option<BegunRun>,
        /// The charts of ours that it brings along and that are on.
        members: Vec<MemberOutput>,
        /// The charts of Helm among them.
        helm: Option<HelmTemplates>,
    },
    /// Those of a chart of Helm.
    Helm(HelmTemplates),
}

/// Templates of charts of Helm, with what they are given.
#[derive(Debug)]
struct HelmTemplates {
    opened: Arc<Opened>,
    release: Release,
    values: Arc<ChartValues>,
}

/// Which kind of template has printed a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrintedBy {
    /// One of ours, whose values are bound.
    Bound,
    /// One of Helm, which prints texts.
    Helm,
}

/// The templates of a chart that another one brings along, with what they are given.
#[derive(Debug)]
struct MemberOutput {
    /// What names of its templates begin with, behind the name of the chart that is rendered.
    folder: String,
    program: Arc<Program>,
    context: Arc<RenderContext>,
    /// Its own values.
    values: Arc<Node>,
}

impl Printing {
    /// Begins to run the templates. Nothing waits for it, and what is wrong with the templates ends it only when the
    /// values were checked.
    pub(super) fn begin(
        session: &Session,
        prepared: &Prepared,
        merged: Merged,
        second_thread: Option<SecondThread>,
    ) -> Printing {
        let outputs = Outputs::begin(session, prepared, &merged, second_thread);
        Printing { merged, outputs }
    }

    /// Lets the output out, if the values are right.
    ///
    /// # Errors
    /// What is wrong with the values, and templates that could not be compiled.
    pub(super) fn check(self, session: &Session) -> Outcome<Printed> {
        let checked = self.merged.check(session)?;
        Ok(Printed { checked, outputs: self.outputs? })
    }
}

impl Printed {
    /// Runs the templates with values that were checked before.
    ///
    /// # Errors
    /// Templates that could not be compiled.
    pub(super) fn of(
        session: &Session,
        prepared: &Prepared,
        checked: Checked,
        second_thread: Option<SecondThread>,
    ) -> Outcome<Printed> {
        let outputs = Outputs::begin(session, prepared, &checked, second_thread)?;
        Ok(Printed { checked, outputs })
    }
}

impl Outputs {
    pub(super) fn begin(
        session: &Session,
        prepared: &Prepared,
        merged: &Merged,
        second_thread: Option<SecondThread>,
    ) -> Outcome<Outputs> {
        let program = Arc::clone(prepared.program()?);
        let helm = merged.helm.as_ref().map(|values| HelmTemplates {
            opened: Arc::clone(&merged.opened),
            release: Release::of(merged.chart(), &merged.values, &merged.opened.request),
            values: Arc::clone(values),
        });
        let helm = match helm {
            Some(helm) if merged.chart().is_helm => {
                return Ok(Outputs { program, of: OutputsOf::Helm(helm) });
            }
            helm => helm,
        };
        let context = Arc::new(render_context(session, prepared, merged));
        let begun = second_thread.map(|thread| thread.run(&context));
        let members = member_outputs(session, prepared, merged)?;
        Ok(Outputs { program, of: OutputsOf::Bound { context, begun, members, helm } })
    }

    /// Hands what each template printed to `see`, with its values bound, or with what tells the nodes of its documents which
    /// values they were made of.
    ///
    /// Returns what is known besides of the render of charts of Helm. Of its templates, those that fail are reported, and do not keep
    /// others from being seen.
    ///
    /// # Errors
    /// What is wrong with a template or with what it printed, of all templates.
    pub(super) fn bind(
        self,
        session: &Session,
        chart: &Chart,
        mut see: impl FnMut(PrintedBy, RenderedTemplate, &dyn Fn(&mut Node)),
    ) -> Outcome<Option<HelmOutput>> {
        let Outputs { program, of } = self;
        let (context, begun, members, helm) = match of {
            OutputsOf::Bound { context, begun, members, helm } => (context, begun, members, helm),
            OutputsOf::Helm(helm) => return helm.print(session, see),
        };
        // Bound values know by themselves where they come from. Names begin with the chart's, as a chart may lie in
        // another one.
        let mut see_bound = |folder: &str, rendered: RenderedTemplate| {
            let name = Arc::from(format!("{}{folder}/templates/{}", chart.name, rendered.name));
            see(PrintedBy::Bound, RenderedTemplate { name, ..rendered }, &|_| {});
        };
        let own = |rendered| see_bound("", rendered);
        let mut outcome = match begun {
            Some(begun) => template::bind(session, &program, &context, begun.outputs(), own),
            None => template::bind(session, &program, &context, template::run(&program, &context), own),
        };
        // What is wrong with one chart does not keep the others from being looked at.
        for MemberOutput { folder, program, context, .. } in &members {
            let outputs = template::run(program, context);
            let bound =
                template::bind(session, program, context, outputs, |rendered| see_bound(folder, rendered));
            outcome = outcome.and(bound);
        }
        let printed = helm.map_or(Ok(None), |helm| helm.print(session, see));
        outcome.and(printed)
    }

    /// The templates of the charts that this one brings along and that are on, with the values of each.
    pub(super) fn members(&self) -> Vec<(Arc<Program>, Arc<Node>)> {
        let OutputsOf::Bound { members, .. } = &self.of else { return Vec::new() };
        members.iter().map(|member| (Arc::clone(&member.program), Arc::clone(&member.values))).collect()
    }
}

impl HelmTemplates {
    fn print(
        &self,
        session: &Session,
        mut see: impl FnMut(PrintedBy, RenderedTemplate, &dyn Fn(&mut Node)),
    ) -> Outcome<Option<HelmOutput>> {
        let HelmTemplates { opened, release, values } = self;
        let Some(helm) = &opened.helm else { return Ok(None) };
        let see =
            |rendered: RenderedTemplate, trace: &dyn Fn(&mut Node)| see(PrintedBy::Helm, rendered, trace);
        let first = session.findings();
        let printed = helm.print(session, &opened.request, release, values, see);
        // Functions of Helm's templates quote what they are given, and `fail` says whatever it is told.
        if session.findings() > first {
            SecretTexts::of(&values.node, opened.wants.root()).redact_since(session, first);
        }
        printed.map(Some)
    }
}

/// The input of the templates.
fn render_context(session: &Session, prepared: &Prepared, merged: &Merged) -> RenderContext {
    let wants = merged.wants();
    let secrets = secret_texts(session, merged);
    let values = Arc::clone(&merged.values);
    let request = &merged.opened.request;
    let release = Release::of(merged.chart(), &values, request);
    let input = release::render_input(session, merged.chart(), values, release, request, &prepared.api);
    let tombstones = Arc::clone(&merged.tombstones);
    let context = RenderContext::new(RenderInput { secrets, tombstones, ..input }, wants);
    context.with_known_texts(prepared.known_texts.clone())
}

/// The templates of the charts that are on besides the one that is rendered.
///
/// # Errors
/// Templates that could not be compiled.
fn member_outputs(session: &Session, prepared: &Prepared, merged: &Merged) -> Outcome<Vec<MemberOutput>> {
    let opened = &merged.opened;
    let request = &opened.request;
    let mut outputs = Vec::new();
    for ((opened, prepared_member), on) in opened.members.iter().zip(&prepared.members).zip(merged.on.iter())
    {
        // Templates that are wrong are wrong with any values.
        let program = Arc::clone(prepared_member.program()?);
        if !on || opened.member.helm.is_some() {
            continue;
        }
        let member = &opened.member;
        let empty = || Node::empty_map(merged.values.span);
        let values = Arc::new(member.part(&merged.values).cloned().unwrap_or_else(empty));
        let tombstones = Arc::new(member.lacking(&merged.tombstones));
        let secrets = secret_texts(session, merged);
        let release = Release::of(merged.chart(), &merged.values, request);
        let own = Arc::clone(&values);
        let input = release::render_input(session, &member.chart, own, release, request, &prepared.api);
        let context = RenderContext::new(RenderInput { secrets, tombstones, ..input }, &opened.wants);
        let context = Arc::new(context.with_known_texts(prepared_member.known_texts.clone()));
        outputs.push(MemberOutput { folder: format!("/{}", member.folder()), program, context, values });
    }
    Ok(outputs)
}

/// The secrets of all values, and what was computed from some.
fn secret_texts(session: &Session, merged: &Merged) -> SecretTexts {
    let secrets = SecretTexts::when_needed(&merged.values, merged.wants());
    if merged.opened.has_derived() { secrets.and_computed(session, &merged.values) } else { secrets }
}
