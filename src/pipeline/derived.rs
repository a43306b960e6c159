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
use super::opened::OpenedMember;
use crate::derived::{Above, DerivedValues, Evaluated};
use crate::diagnostic::Code;
use crate::inputs;
use crate::kube::Api;
use crate::release::{self, Release};
use crate::schema::{self, Demands};
use crate::secrets::{self, SecretTexts};
use crate::session::{MergeSources, Outcome, Session};
use crate::source::{SourceKind, Span};
use crate::template::RenderInput;
use crate::values::{Layer, LayerKind, LayerStack};
use crate::yaml::{Node, Tombstones, ValuePath, Wants};

/// The derived values of one of the charts of a release.
#[derive(Clone, Copy)]
struct DerivedOf<'o> {
    derived: &'o DerivedValues,
    /// The chart that has them, if it is not the one that is rendered.
    member: Option<&'o OpenedMember>,
    /// What its schema wants of its values.
    wants: &'o Arc<Wants>,
    /// Where its values stand.
    place: &'o ValuePath,
}

impl DerivedOf<'_> {
    fn sets(&self, path: &ValuePath) -> bool {
        let own = path.0.strip_prefix(self.place.0.as_slice());
        own.is_some_and(|own| self.derived.sets(&ValuePath(own.to_vec())))
    }

    /// How many of the layers are below: those of a chart that another one brings along give way to all that this one
    /// says.
    fn position(&self, layers: &[Layer]) -> usize {
        let is_below = |layer: &Layer| match self.member {
            None => layer.kind < LayerKind::Derived,
            Some(opened) => opened.gives(layer.root.span.source),
        };
        layers.iter().rposition(is_below).map_or(0, |last| last + 1)
    }

    /// The layer among all layers.
    fn among(&self, layers: &[Layer], layer: &Layer) -> Vec<Layer> {
        let layer = match self.member {
            None => layer.clone(),
            // Of the kind of those that it stands among.
            Some(opened) => opened.at_place(Layer { kind: LayerKind::Defaults, ..layer.clone() }),
        };
        let (below, above) = layers.split_at(self.position(layers));
        below.iter().cloned().chain([layer]).chain(above.iter().cloned()).collect()
    }
}

impl Merged {
    /// The same values with what is derived from them: first by the chart that is rendered, as it may compute what it gives to
    /// others, then by those that it brings along.
    ///
    /// # Errors
    /// What is wrong with an expression or with what it gives, values that need each other, and what does not fit the
    /// layers above.
    pub(super) fn with_all_derived(self, session: &Session) -> Outcome<Merged> {
        let opened = Arc::clone(&self.opened);
        let root = ValuePath::root();
        let own = opened.derived.as_ref().map(|derived| DerivedOf {
            derived,
            member: None,
            wants: &opened.wants,
            place: &root,
        });
        let of_members = opened.members.iter().filter_map(|member| {
            let OpenedMember { derived, wants, .. } = member;
            let place = &member.member.place;
            Some(DerivedOf { derived: derived.as_ref()?, member: Some(member), wants, place })
        });
        let mut merged = self;
        for derived in own.into_iter().chain(of_members) {
            if derived.member.is_none_or(|opened| opened.member.is_on(&merged.values)) {
                merged = merged.with_derived(session, derived)?;
            }
        }
        if opened.has_derived() {
            merged.judge_flags(session)?;
        }
        Ok(merged)
    }

    /// Reports flags that do not fit, once all is there that they may change.
    fn judge_flags(&self, session: &Session) -> Outcome<()> {
        let before = session.errors();
        let overlay = session.snapshot().overlay();
        let (values, _) = self.merge_anew(&overlay, &self.layers);
        session.merge(overlay, MergeSources::Shared, |finding| {
            let is_flag = |span: Span| session.source(span.source).kind == SourceKind::Flag;
            finding.labels.iter().any(|label| is_flag(label.span)).then_some(finding)
        });
        if session.clean_since(before).is_err() {
            self.opened.check_other_flags(session, &values);
        }
        session.clean_since(before)
    }

    fn with_derived(self, session: &Session, of: DerivedOf<'_>) -> Outcome<Merged> {
        let namespace_from = release::namespace_setting(self.chart()).filter(|_| of.member.is_none());
        let missing = self.missing(session, of);
        let api = self.api(session, of.derived);
        let first = session.findings();
        let Evaluated { layer, outcome } = self.at_nulls(session, || {
            let above = Above {
                layers: &self.layers[of.position(&self.layers)..],
                edits: self.edits(),
                all_wants: self.wants(),
                place: of.place,
                wants: of.wants,
                namespace_from: namespace_from.as_ref(),
            };
            of.derived.evaluate(session, above, |layer| self.input(session, of, layer, &missing, &api))
        });
        if outcome.is_err() {
            match &missing {
                // Nothing is rendered of values that lack something, so it does not matter what else is missing for it.
                Missing { is_incomplete: true, .. } => session.reword_since(first, |_| None),
                _ => self.report_required(session, of),
            }
            if !missing.is_incomplete {
                outcome?;
            }
        }
        let before = session.errors();
        let layers = of.among(&self.layers, &layer);
        let overlay = session.snapshot().overlay();
        let (values, tombstones) = self.merge_anew(&overlay, &layers);
        // Of the other layers all was said before.
        session.merge(overlay, MergeSources::Shared, |finding| {
            finding.labels.iter().any(|label| label.span.source == of.derived.source).then_some(finding)
        });
        session.clean_since(before)?;
        Ok(Merged { layers, values, tombstones: Arc::new(tombstones), ..self })
    }

    /// These layers and the flags.
    fn merge_anew(&self, session: &Session, layers: &[Layer]) -> (Arc<Node>, Tombstones) {
        let stack = LayerStack::default().lay(session, layers, self.wants());
        stack.settle(session, self.edits(), self.wants())
    }

    /// What expressions see while a layer of derived values is known: all values with that.
    fn input(
        &self,
        session: &Session,
        of: DerivedOf<'_>,
        layer: &Layer,
        missing: &Missing,
        api: &Arc<Api>,
    ) -> RenderInput {
        let overlay = session.snapshot().overlay();
        let (mut values, tombstones) = self.merge_anew(&overlay, &of.among(&self.layers, layer));
        let root = self.wants().root();
        secrets::fill_with_dummies(&mut values, missing.secrets.clone(), root);
        let secrets = SecretTexts::of(&values, root).and_computed(session, &values);
        let request = &self.opened.request;
        let release = Release::of(self.chart(), &values, request);
        let (chart, values, tombstones) = match of.member {
            None => (self.chart(), values, tombstones),
            Some(OpenedMember { member, .. }) => {
                let empty = || Node::empty_map(values.span);
                let own = member.part(&values).cloned().unwrap_or_else(empty);
                (&member.chart, Arc::new(own), member.lacking(&tombstones))
            }
        };
        let input = release::render_input(session, chart, values, release, request, api);
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
    fn missing(&self, session: &Session, of: DerivedOf<'_>) -> Missing {
        let demands = self.demands;
        let Some(schema) = self.schema().filter(|_| demands != Demands::Everything) else {
            return Missing { secrets: Vec::new(), is_incomplete: false };
        };
        let overlay = session.snapshot().overlay();
        let unset = schema::unset(&overlay, schema, &self.values, &self.tombstones, demands);
        let unset = unset.into_iter().filter(|path| !of.sets(path));
        let (secrets, others): (Vec<ValuePath>, Vec<ValuePath>) =
            unset.partition(|path| secrets::is_secret_path(self.wants().root(), path));
        Missing { secrets, is_incomplete: !others.is_empty() }
    }

    /// Reports the settings that the schema asks for and nobody sets: an expression may have failed for want of one.
    fn report_required(&self, session: &Session, of: DerivedOf<'_>) {
        let Some(schema) = self.schema() else { return };
        let is_derived = |message: &str| {
            let name = message.split('`').nth(1).unwrap_or_default();
            of.sets(&ValuePath::keys(&name.split('.').collect::<Vec<_>>()))
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
