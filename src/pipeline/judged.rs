//! Judged: documents that rules let pass.

use super::checked::Checked;
use super::documents::Documents;
use super::prepared::Prepared;
use crate::config::{Config, External};
use crate::inputs;
use crate::manifest::Document;
use crate::request::Request;
use crate::rules::{self, ObjectSet};
use crate::session::{Outcome, Session};
use crate::source::SourceId;
use crate::values;

/// Documents that can be applied.
///
/// They promise what [`Documents`] do, and that no rule forbids them. They are in the order in which they were read.
#[derive(Debug)]
pub(super) struct Judged(Vec<Document>);

impl Judged {
    /// Judges what the templates of a chart made of some values.
    ///
    /// # Errors
    /// What rules forbid, and a `plimsoll.yaml` that could not be read.
    pub(super) fn of_chart(
        session: &Session,
        prepared: &Prepared,
        merged: &Checked,
        documents: Documents,
    ) -> Outcome<Judged> {
        let config = prepared.config()?;
        let layer_sources = values::sources_over_defaults(&merged.layers);
        // Who names an object in a preset, a values file or a flag says that it exists; a chart's defaults do not.
        let mut declaring = layer_sources.clone();
        declaring.extend(merged.edits().iter().map(|edit| edit.node.span.source));
        let surroundings = Surroundings {
            request: &merged.opened.request,
            config,
            externals: &inputs::externals(merged.chart(), config),
            declaring,
            sources: &layer_sources,
        };
        Judged::judge(session, documents, surroundings)
    }

    /// Judges plain manifests.
    ///
    /// # Errors
    /// What rules forbid.
    pub(super) fn of_manifests(
        session: &Session,
        request: &Request,
        config: &Config,
        documents: Documents,
        sources: &[SourceId],
    ) -> Outcome<Judged> {
        let surroundings =
            Surroundings { request, config, externals: &config.externals, declaring: Vec::new(), sources };
        Judged::judge(session, documents, surroundings)
    }

    /// Shows the documents to the rules, which decode each.
    fn judge(session: &Session, documents: Documents, around: Surroundings<'_>) -> Outcome<Judged> {
        let Surroundings { request, config, externals, declaring, sources } = around;
        let set = ObjectSet::new(session, documents.as_slice(), externals, declaring);
        let set = set.for_versions(request.versions).on_threads(request.threads);
        rules::check(session, &set, &rules::levels(&config.levels, &request.levels), sources)?;
        Ok(Judged(documents.into_vec()))
    }

    pub(super) fn into_vec(self) -> Vec<Document> {
        self.0
    }
}

/// What rules know besides the documents.
struct Surroundings<'s> {
    request: &'s Request,
    config: &'s Config,
    /// Objects that are made by others.
    externals: &'s [External],
    /// Texts that say of an object that it exists by naming it.
    declaring: Vec<SourceId>,
    /// Texts in which rules can be suppressed.
    sources: &'s [SourceId],
}
