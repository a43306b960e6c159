//! Derived values: one layer more of merged values, computed from what they are without it.
//!
//! ```text
//! Merged without ─► evaluate ─► a layer above defaults and presets ─► all layers merged anew ─► Merged
//!                      ▲ │ for each level of values that need each other: what is known by then
//!                      └─┘
//! ```
//!
//! The layers are merged in overlays, as what is wrong with the layers of others was reported before.

use std::sync::Arc;

use super::merged::Merged;
use crate::derived::{Above, DerivedValues, Evaluated};
use crate::diagnostic::Code;
use crate::inputs;
use crate::kube::Api;
use crate::release;
use crate::schema::{self, Demands};
use crate::secrets::{self, SecretTexts};
use crate::session::{MergeSources, Outcome, Session};
use crate::source::{SourceKind, Span};
use crate::template::RenderInput;
use crate::values::{Layer, LayerKind, LayerStack};
use crate::yaml::{Node, Tombstones, ValuePath};

impl Merged {
    /// The same values with what is derived from them.
    ///
    /// # Errors
    /// What is wrong with an expression or with what it gives, values that need each other, and what does not fit the
    /// layers above.
    pub(super) fn with_derived(self, session: &Session, derived: &DerivedValues) -> Outcome<Merged> {
        let (above, below): (Vec<&Layer>, Vec<&Layer>) =
            self.layers.iter().partition(|layer| layer.kind > LayerKind::Derived);
        let namespace_from = release::namespace_setting(self.chart());
        let missing = self.missing(session, derived);
        let api = self.api(session, derived);
        let first = session.findings();
        let Evaluated { layer, outcome } = self.at_nulls(session, || {
            let above = Above {
                layers: &above,
                edits: self.edits(),
                wants: self.wants(),
                namespace_from: namespace_from.as_ref(),
            };
            derived.evaluate(session, above, |layer| self.input(session, layer, &missing, &api))
        });
        if outcome.is_err() {
            match &missing {
                // Nothing is rendered of values that lack something, so it does not matter what else is missing for it.
                Missing { is_incomplete: true, .. } => session.reword_since(first, |_| None),
                _ => self.report_required(session, derived),
            }
            if !missing.is_incomplete {
                outcome?;
            }
        }
        let before = session.errors();
        let mut layers: Vec<Layer> = below.into_iter().cloned().collect();
        layers.push(layer);
        layers.extend(above.into_iter().cloned());
        let overlay = session.snapshot().overlay();
        let (values, tombstones) = self.merge_anew(&overlay, &layers);
        // Of the other layers all was said before.
        let is_new = |span: Span| {
            span.source == derived.source || session.source(span.source).kind == SourceKind::Flag
        };
        session.merge(overlay, MergeSources::Shared, |finding| {
            finding.labels.iter().any(|label| is_new(label.span)).then_some(finding)
        });
        if session.clean_since(before).is_err() {
            self.opened.check_other_flags(session, &values);
        }
        session.clean_since(before)?;
        Ok(Merged { layers, values, tombstones: Arc::new(tombstones), ..self })
    }

    /// These layers and the flags.
    fn merge_anew(&self, session: &Session, layers: &[Layer]) -> (Arc<Node>, Tombstones) {
        let stack = LayerStack::default().lay(session, layers, self.wants());
        stack.settle(session, self.edits(), self.wants())
    }

    /// What expressions see while a layer of derived values is known: all values with that.
    fn input(&self, session: &Session, layer: &Layer, missing: &Missing, api: &Arc<Api>) -> RenderInput {
        let overlay = session.snapshot().overlay();
        let layers: Vec<Layer> = self.layers.iter().chain([layer]).cloned().collect();
        let (mut values, tombstones) = self.merge_anew(&overlay, &layers);
        let root = self.wants().root();
        secrets::fill_with_dummies(&mut values, missing.secrets.clone(), root);
        let secrets = SecretTexts::of(&values, root).and_computed(session, &values);
        let request = &self.opened.request;
        let input = release::render_input(session, self.chart(), values, request, api);
        RenderInput { secrets, tombstones: Arc::new(tombstones), ..input }
    }

    /// The API, with the kinds of the chart's CRDs if an expression asks for kinds.
    fn api(&self, session: &Session, derived: &DerivedValues) -> Arc<Api> {
        let mut api = Api::new();
        if derived.reads_cluster() {
            // What is wrong with them is reported where they are needed.
            let overlay = session.snapshot().overlay();
            inputs::read_crds(&overlay, self.chart(), &self.opened.request, &mut api);
        }
        Arc::new(api)
    }

    /// What is not set and need not be.
    fn missing(&self, session: &Session, derived: &DerivedValues) -> Missing {
        let demands = self.demands;
        let Some(schema) = self.schema().filter(|_| demands != Demands::Everything) else {
            return Missing { secrets: Vec::new(), is_incomplete: false };
        };
        let overlay = session.snapshot().overlay();
        let unset = schema::unset(&overlay, schema, &self.values, &self.tombstones, demands);
        let unset = unset.into_iter().filter(|path| !derived.sets(path));
        let (secrets, others): (Vec<ValuePath>, Vec<ValuePath>) =
            unset.partition(|path| secrets::is_secret_path(self.wants().root(), path));
        Missing { secrets, is_incomplete: !others.is_empty() }
    }

    /// Reports the settings that the schema asks for and nobody sets: an expression may have failed for want of one.
    fn report_required(&self, session: &Session, derived: &DerivedValues) {
        let Some(schema) = self.schema() else { return };
        let is_derived = |message: &str| {
            let name = message.split('`').nth(1).unwrap_or_default();
            derived.sets(&ValuePath::keys(&name.split('.').collect::<Vec<_>>()))
        };
        for finding in schema::findings(session, schema, &self.values) {
            if finding.code == Code::V102 && !is_derived(&finding.message) {
                session.report(finding);
            }
        }
    }
}

/// What `lint` does not ask for.
struct Missing {
    /// Secrets, which get dummies.
    secrets: Vec<ValuePath>,
    /// Whether there are others, without which nothing is rendered.
    is_incomplete: bool,
}
