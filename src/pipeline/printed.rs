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
use crate::helm::dependencies::ChartValues;
use crate::release;
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
    },
    /// Those of a chart of Helm.
    Helm(Arc<Opened>, Arc<ChartValues>),
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
        if let Some(values) = &merged.helm {
            return Ok(Outputs {
                program,
                of: OutputsOf::Helm(Arc::clone(&merged.opened), Arc::clone(values)),
            });
        }
        let context = Arc::new(render_context(session, prepared, merged));
        let begun = second_thread.map(|thread| thread.run(&context));
        Ok(Outputs { program, of: OutputsOf::Bound { context, begun } })
    }

    /// Hands what each template printed to `see`, with its values bound, or with what tells the nodes of its documents which
    /// values they were made of.
    ///
    /// Returns what is known besides of the render of a chart of Helm. Of its templates, those that fail are reported, and do not keep
    /// others from being seen.
    ///
    /// # Errors
    /// What is wrong with a template or with what it printed, of all templates.
    pub(super) fn bind(
        self,
        session: &Session,
        mut see: impl FnMut(RenderedTemplate, &dyn Fn(&mut Node)),
    ) -> Outcome<Option<HelmOutput>> {
        let Outputs { program, of } = self;
        let (context, begun) = match of {
            OutputsOf::Bound { context, begun } => (context, begun),
            OutputsOf::Helm(opened, values) => {
                let Some(helm) = &opened.helm else { return Ok(None) };
                return helm.print(session, &opened.request, &values, see).map(Some);
            }
        };
        // Bound values know by themselves where they come from.
        let see = |rendered| see(rendered, &|_| {});
        match begun {
            Some(begun) => template::bind(session, &program, &context, begun.outputs(), see)?,
            None => template::bind(session, &program, &context, template::run(&program, &context), see)?,
        }
        Ok(None)
    }
}

/// The input of the templates.
fn render_context(session: &Session, prepared: &Prepared, merged: &Merged) -> RenderContext {
    let wants = merged.wants();
    let mut secrets = SecretTexts::of(&merged.values, wants.root());
    if merged.opened.derived.is_some() {
        secrets = secrets.and_computed(session, &merged.values);
    }
    let values = Arc::clone(&merged.values);
    let request = &merged.opened.request;
    let input = release::render_input(session, merged.chart(), values, request, &prepared.api);
    let tombstones = Arc::clone(&merged.tombstones);
    let context = RenderContext::new(RenderInput { secrets, tombstones, ..input }, wants);
    context.with_known_texts(prepared.known_texts.clone())
}
