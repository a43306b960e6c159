//! What many renders of one chart have in common, done once; and a render on top of it.
//!
//! ```text
//! prepare:  open the chart ─► start a second thread (bundled charts) ─► base ─► compile ─► CRDs ─► plimsoll.yaml ─► Prepared
//! render:   merge ─► run the templates ┐
//!                    check the values ─┴─► bind ─► split ─► kube::check ─► rules ─► install order ─► Rendering
//! ```
//!
//! `prepare` fails where nothing could be said of values: without a chart, with layers that cannot be read, or for
//! versions of Kubernetes that the chart is not for. Anything else that is wrong with it is kept as an `Outcome` in the
//! field that it concerns, and ends a render at the point where that field is needed. So a user sees what is wrong with
//! the values and with the templates in one run.

use std::sync::{Arc, Mutex, PoisonError};

use super::documents::{check_all, split};
use super::merged::{Base, Merged, base, check};
use super::null_removal;
use crate::chart::{self, Chart};
use crate::config::Config;
use crate::emit;
use crate::inputs;
use crate::kube::{Api, Target};
use crate::manifest::Document;
use crate::release;
use crate::request::{Request, ValuesFile};
use crate::rules::{self, ObjectSet};
use crate::schema;
use crate::secrets::{self, SecretTexts};
use crate::session::{Outcome, Session, Snapshot};
use crate::source::SourceId;
use crate::template::{
    self, Program, RawOutput, RenderContext, RenderInput, Role, SecondThread, TemplateFile,
};
use crate::values::LayerKind;
use crate::yaml::{ValuePath, Wants};

/// What a render made, with everything that it was made from.
#[derive(Debug)]
pub struct Rendering {
    /// Checked documents, in the order in which they are installed.
    pub documents: Vec<Document>,
    /// The chart and its values.
    pub merged: Merged,
    /// The chart's templates.
    pub program: Arc<Program>,
}

/// Everything of a request that further values files cannot change: the chart, its compiled templates and schema, the
/// layers below, custom resources and levels of rules. Threads can share it.
#[derive(Debug)]
pub struct Prepared {
    request: Request,
    base: Base,
    program: Outcome<Arc<Program>>,
    /// A thread that compiles the templates meanwhile; for the first render, and only for a bundled chart.
    second_thread: Mutex<Option<SecondThread>>,
    api: Arc<Api>,
    crds: Outcome<Vec<Document>>,
    config: Outcome<Config>,
}

/// Does what a render needs to be done once.
///
/// What is wrong with templates, CRDs or `plimsoll.yaml` is reported and kept in the result, so that the values are
/// still checked and all findings come at once; [`Prepared::complete`] tells.
///
/// # Errors
/// What is wrong with the chart itself, a layer, a flag, or the versions of Kubernetes.
pub fn prepare(session: &Session, request: &Request) -> Outcome<Prepared> {
    let before = session.errors();
    let chart = inputs::open_chart(session, request)?;
    let templates = templates(session, &chart);
    // Templates of a bundled chart were checked against the schema when the program was built, so another thread can
    // compile them while this one reads the schema and the values.
    let ready = prepared_program(session, &chart, &templates);
    let second_thread = ready.as_ref().and_then(SecondThread::start);
    let base = base(session, request, chart, before)?;
    inputs::refuse_versions(session, &base.chart, request.versions)?;
    let program = match ready {
        Some(program) => Ok(program),
        None => template::compile(session, &templates, &base.wants).map(Arc::new),
    };
    // Counted from here: an error of the templates must not make the CRDs look wrong.
    let before = session.errors();
    let mut api = Api::new();
    let crds = inputs::read_crds(session, &base.chart, request, &mut api);
    let crds = session.clean_since(before).map(|()| crds);
    let config = inputs::read_config(session, request);
    Ok(Prepared {
        request: request.clone(),
        base,
        program,
        second_thread: Mutex::new(second_thread),
        api: Arc::new(api),
        crds,
        config,
    })
}

/// The program of a bundled chart, whose templates need no check.
fn prepared_program(session: &Session, chart: &Chart, templates: &[TemplateFile]) -> Option<Arc<Program>> {
    let ready = chart.precomputed?;
    let wants = Arc::new(Wants::packed(ready.wants));
    let program = template::bundled_program(session, &chart.name, templates, &wants, ready.wants.fingerprint);
    program.map(Arc::new)
}

impl Prepared {
    /// Whether any values could be rendered with it: what is wrong with it was reported when it was made.
    pub fn complete(&self) -> Outcome<()> {
        self.base.sound?;
        self.program()?;
        self.crds.as_ref().map_err(|reported| *reported)?;
        self.config.as_ref().map(|_| ()).map_err(|reported| *reported)
    }

    /// The values with further files over all others, merged and not yet held against the schema.
    pub fn merge(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Merged> {
        self.base.merge(session, files)
    }

    /// Renders the chart with further values files over all others. The session is the one that it was prepared in, or
    /// an overlay of that: spans and origins of what was prepared must have a meaning there.
    ///
    /// # Errors
    /// Everything that is wrong with the values, the templates or a document; if nothing is, what rules forbid.
    pub fn render(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Rendering> {
        let merged = self.base.merge(session, files)?;
        let context = Arc::new(self.render_context(session, &merged));
        // A template is run when its output is asked for, so nothing runs here yet, except on the other thread.
        let printed = self.program().map(|program| self.run(program, &context));
        // The other thread is running templates by now. What they print is not looked at before the values are right.
        check(session, &merged, &self.request)?;
        let program = self.program()?;
        let render = Render { program, merged: &merged, context: &context };
        let documents = self.judged_documents(session, render, printed?)?;
        // Chosen last, as `--show-only` is a choice of what is printed: everything is checked all the same.
        let documents =
            emit::install_order(emit::only_templates(session, documents, &self.request.show_only)?);
        Ok(Rendering { documents, program: Arc::clone(program), merged })
    }

    /// Holds values against the schema, renders them with dummy values for secrets that are not demanded, and judges
    /// what was rendered.
    ///
    /// Returns the required settings that are left for the user to set. If there are any, nothing can be rendered, and
    /// only the values were checked.
    pub fn lint(&self, session: &Session, mut merged: Merged) -> Outcome<Vec<ValuePath>> {
        let mut unset = Vec::new();
        if let Some(schema) = &merged.schema {
            unset = schema::check_demanding(session, schema, &merged.values, self.request.demands)?;
        }
        release::refuse_other_namespace(session, &merged.chart, &merged.values, &self.request)?;
        let program = self.program()?;
        let is_secret = |path: &ValuePath| secrets::is_secret_path(merged.wants.root(), path);
        // A dummy can stand for a secret, since nothing but its form is checked. It cannot for a host or a size, by
        // which a chart decides what it renders.
        let (secrets, left): (Vec<_>, Vec<_>) = unset.into_iter().partition(is_secret);
        if left.is_empty() {
            secrets::fill_with_dummies(Arc::make_mut(&mut merged.values), &secrets, self.base.wants.root());
            let context = Arc::new(self.render_context(session, &merged));
            let render = Render { program, merged: &merged, context: &context };
            self.judged_documents(session, render, self.run(program, &context))?;
        }
        Ok(left)
    }

    fn program(&self) -> Outcome<&Arc<Program>> {
        self.program.as_ref().map_err(|reported| *reported)
    }

    /// Runs the templates lazily, in their order: the first time with the other thread, if there is one.
    fn run<'p>(
        &self,
        program: &'p Program,
        context: &'p Arc<RenderContext>,
    ) -> Box<dyn Iterator<Item = RawOutput> + 'p> {
        // Taken out: it runs the templates once, for the values of one render. A poisoned lock holds what it held, as
        // nothing can panic between its two states.
        match self.second_thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(second_thread) => Box::new(second_thread.run(context)),
            None => Box::new(template::run(program, context)),
        }
    }

    /// The input of the templates.
    fn render_context(&self, session: &Session, merged: &Merged) -> RenderContext {
        let secrets = SecretTexts::of(&merged.values, merged.wants.root());
        let values = Arc::clone(&merged.values);
        let input = release::render_input(session, &merged.chart, values, &self.request, &self.api);
        RenderContext::new(RenderInput { secrets, ..input }, &self.base.wants)
    }

    /// Reads, checks and judges the documents that the templates printed.
    fn judged_documents(
        &self,
        session: &Session,
        render: Render<'_>,
        printed: impl Iterator<Item = RawOutput>,
    ) -> Outcome<Vec<Document>> {
        // First, since a template that misses a setting reports the template, and the `null` that removed it is what to
        // change.
        null_removal::refuse(session, render.merged, |merged| {
            self.count_errors(&session.snapshot(), render.program, merged)
        })?;
        let documents = self.checked_documents(session, render, printed)?;
        self.judge(session, render.merged, &documents)?;
        Ok(documents)
    }

    /// How many errors there are in what the templates make of these values. They are found in an overlay that is
    /// dropped.
    fn count_errors(&self, snapshot: &Snapshot, program: &Program, merged: &Merged) -> usize {
        let session = snapshot.overlay();
        let context = self.render_context(&session, merged);
        let render = Render { program, merged, context: &context };
        // Its findings are what is counted, not its documents.
        let _ = self.checked_documents(&session, render, template::run(program, &context));
        session.errors()
    }

    /// Reads and checks the documents in what the templates printed, with the chart's CRDs and the Namespace object if
    /// they were asked for.
    fn checked_documents(
        &self,
        session: &Session,
        Render { program, merged, context }: Render<'_>,
        printed: impl Iterator<Item = RawOutput>,
    ) -> Outcome<Vec<Document>> {
        let before = session.errors();
        let mut documents = Vec::new();
        template::bind(session, program, context, printed, |rendered| {
            documents.extend(split(session, &merged.chart, &rendered));
        })?;
        // Even where they are not rendered: CRDs that are wrong tell nothing of the custom resources that are checked
        // below.
        let crds = self.crds.clone()?;
        if !self.request.skip_crds {
            documents.extend(crds);
        }
        let namespace = release::namespace(&merged.chart, &merged.values, &self.request);
        if self.request.create_namespace {
            documents.extend(release::namespace_document(session, &namespace));
        }
        let target = Target {
            api: Arc::clone(&self.api),
            versions: self.request.versions,
            namespace: Some(namespace),
            allow_unknown: self.request.allow_unknown.iter().cloned().collect(),
            ..Target::default()
        };
        check_all(session, &target, &mut documents, self.request.threads);
        session.clean_since(before)?;
        Ok(documents)
    }

    /// Shows the documents to the rules, which decode each.
    fn judge(&self, session: &Session, merged: &Merged, documents: &[Document]) -> Outcome<()> {
        let config = self.config.as_ref().map_err(|reported| *reported)?;
        let externals = inputs::externals(&merged.chart, config);
        let layers = merged.layers.iter().filter(|layer| layer.kind != LayerKind::Defaults);
        let layer_sources: Vec<SourceId> = layers.map(|layer| layer.root.span.source).collect();
        // Who names an object in a preset, a values file or a flag says that it exists; a chart's defaults do not.
        let mut declaring = layer_sources.clone();
        declaring.extend(merged.edits.iter().map(|edit| edit.node.span.source));
        let set = ObjectSet::new(session, documents, &externals, declaring)
            .for_versions(self.request.versions)
            .on_threads(self.request.threads);
        rules::check(session, &set, &rules::levels(&config.levels, &self.request.levels), &layer_sources)
    }
}

/// A chart's templates, and one set of values for them.
#[derive(Clone, Copy)]
struct Render<'r> {
    program: &'r Program,
    merged: &'r Merged,
    /// The values as the templates see them.
    context: &'r RenderContext,
}

/// The chart's templates and those of the library that it may import.
pub fn templates(session: &Session, chart: &Chart) -> Vec<TemplateFile> {
    let library = chart::library(session, &chart.templates);
    chart.templates.iter().chain(&library).map(template_file).collect()
}

fn template_file(file: &chart::ChartFile) -> TemplateFile {
    let role = if file.is_library() { Role::Library } else { Role::Document };
    TemplateFile { name: Arc::from(file.name.as_str()), source: file.source, role }
}
