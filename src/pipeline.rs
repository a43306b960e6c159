//! The only file that names every stage: from a request to checked documents.
//!
//! ```text
//! chart::open → values::read_layer → values::LayerStack → schema::check
//!   → template::compile → template::render → manifest::split
//!   → kube::check → manifest::refuse_duplicates → rules::check (and in it kube::decode) → emit::install_order
//! ```
//!
//! Every command is a prefix or a fold of this line. [`prepare`] does once what further values files cannot change, so that
//! many of them can be rendered, each in a branch of the session.

mod manifests;
mod objects;
mod settled;
mod taken;
#[cfg(test)]
mod tests;

pub use manifests::manifests;
use objects::{Render, refuse_wrong};
use settled::{Base, base, check};
pub use settled::{Settled, merge, values};

use std::sync::{Arc, Mutex, PoisonError};

use crate::chart::{self, Chart};
use crate::config::Config;
use crate::emit;
use crate::inputs;
use crate::kube::{Api, Target};
use crate::manifest::Document;
use crate::release;
use crate::request::{Request, ValuesFile};
use crate::schema;
use crate::secrets::{self, SecretTexts};
use crate::session::{Outcome, Session};
use crate::template::{
    self, Program, RawOutput, RenderContext, RenderInput, Role, SecondThread, TemplateFile,
};
use crate::yaml::{Node, ValuePath, Wants};

/// What a render made, with everything that it was made from.
#[derive(Debug)]
pub struct Rendering {
    /// Checked documents, in the order in which they are installed.
    pub documents: Vec<Document>,
    /// The chart and its values.
    pub settled: Settled,
    /// The chart's templates.
    pub program: Arc<Program>,
}

/// Renders a chart: checked documents in the order in which they are installed.
pub fn render(session: &Session, request: &Request) -> Outcome<Vec<Document>> {
    Ok(render_keeping(session, request)?.documents)
}

/// Renders a chart and keeps what the documents were made from.
pub fn render_keeping(session: &Session, request: &Request) -> Outcome<Rendering> {
    prepare(session, request)?.render(session, &[])
}

/// The chart's CRDs alone, checked: a cluster has to know them before it takes what is made of them. Values are not read.
///
/// # Errors
/// E002 if the chart has none, and what is wrong with them.
pub fn crds(session: &Session, request: &Request) -> Outcome<Vec<Document>> {
    let before = session.errors();
    let chart = chart::open(session, &request.chart)?;
    let mut api = Api::new();
    let mut documents = inputs::read_crds(session, &chart, request, &mut api);
    session.clean_since(before)?;
    inputs::refuse_no_crds(session, &chart)?;
    let target = Target { api: Arc::new(api), versions: request.versions, ..Target::default() };
    refuse_wrong(session, &target, &mut documents, 1);
    session.clean_since(before)?;
    Ok(emit::install_order(documents))
}

/// Everything of a request that further values files cannot change: the chart, its compiled templates and schema, the layers
/// below, custom resources and levels of rules. Threads can share it.
#[derive(Debug)]
pub struct Prepared {
    request: Request,
    base: Base,
    program: Outcome<Arc<Program>>,
    /// For the first render, if the templates were prepared.
    helper: Mutex<Option<SecondThread>>,
    api: Arc<Api>,
    crds: Outcome<Vec<Document>>,
    config: Outcome<Config>,
}

/// Does what a render needs to be done once. What is wrong is reported; [`Prepared::complete`] tells.
pub fn prepare(session: &Session, request: &Request) -> Outcome<Prepared> {
    let before = session.errors();
    let chart = inputs::open_chart(session, request)?;
    let templates = templates(session, &chart);
    let ready = prepared_program(session, &chart, &templates);
    // Another thread compiles them, while values are read.
    let helper = ready.as_ref().and_then(SecondThread::start);
    let base = base(session, request, chart, before)?;
    inputs::refuse_versions(session, &base.chart, request.versions)?;
    let program = match ready {
        Some(program) => Ok(program),
        None => template::compile(session, &templates, &base.wants).map(Arc::new),
    };
    let before = session.errors();
    let mut api = Api::new();
    let crds = inputs::read_crds(session, &base.chart, request, &mut api);
    let crds = session.clean_since(before).map(|()| crds);
    let config = inputs::read_config(session, request);
    let (request, helper, api) = (request.clone(), Mutex::new(helper), Arc::new(api));
    Ok(Prepared { request, base, program, helper, api, crds, config })
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

    /// The values without further files, merged and not yet held against the schema, with their layers.
    pub fn settle(&self, session: &Session) -> Outcome<Settled> {
        self.base.settle(session, &[])
    }

    /// The values with further files over all others, merged and not yet held against the schema.
    pub fn merge(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Node> {
        Ok(Arc::unwrap_or_clone(self.base.settle(session, files)?.values))
    }

    /// Renders the chart with further values files over all others. The session is the one that it was prepared in, or a
    /// branch of that.
    pub fn render(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Rendering> {
        let settled = self.base.settle(session, files)?;
        let scene = Arc::new(self.scene(session, &settled));
        let printed = self.program().map(|program| self.run(program, &scene));
        // While another thread runs templates. What they print is not looked at before the values are right.
        check(session, &settled, &self.request)?;
        let program = self.program()?;
        let render = Render { program, settled: &settled, scene: &scene };
        let documents = self.objects(session, render, printed?)?;
        let documents =
            emit::install_order(emit::only_templates(session, documents, &self.request.show_only)?);
        Ok(Rendering { documents, program: Arc::clone(program), settled })
    }

    /// Holds values against the schema, renders them with stand-ins for secrets that are not demanded, and judges what
    /// was rendered. Gives the settings that are left to the user: with one of them nothing can be rendered.
    pub fn lint(&self, session: &Session, mut settled: Settled) -> Outcome<Vec<ValuePath>> {
        let mut unset = Vec::new();
        if let Some(schema) = &settled.schema {
            unset = schema::check_demanding(session, schema, &settled.values, self.request.demands)?;
        }
        release::refuse_other_namespace(session, &settled.chart, &settled.values, &self.request)?;
        let program = self.program()?;
        let is_secret = |path: &ValuePath| secrets::is_secret_path(settled.wants.root(), path);
        let (secrets, left): (Vec<_>, Vec<_>) = unset.into_iter().partition(is_secret);
        if left.is_empty() {
            secrets::fill_with_dummies(Arc::make_mut(&mut settled.values), &secrets, self.base.wants.root());
            let scene = Arc::new(self.scene(session, &settled));
            let render = Render { program, settled: &settled, scene: &scene };
            self.objects(session, render, self.run(program, &scene))?;
        }
        Ok(left)
    }

    fn program(&self) -> Outcome<&Arc<Program>> {
        self.program.as_ref().map_err(|reported| *reported)
    }

    /// Runs the templates as what they print is asked for: the first time with a helper, if there is one.
    fn run<'p>(
        &self,
        program: &'p Program,
        scene: &'p Arc<RenderContext>,
    ) -> Box<dyn Iterator<Item = RawOutput> + 'p> {
        match self.helper.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(helper) => Box::new(helper.run(scene)),
            None => Box::new(template::run(program, scene)),
        }
    }

    /// What the templates see.
    fn scene(&self, session: &Session, settled: &Settled) -> RenderContext {
        let secrets = SecretTexts::of(&settled.values, settled.wants.root());
        let values = Arc::clone(&settled.values);
        let context = release::render_input(session, &settled.chart, values, &self.request, &self.api);
        RenderContext::new(RenderInput { secrets, ..context }, &self.base.wants)
    }

    /// Reads, checks and judges the objects that the engine made.
    fn objects(
        &self,
        session: &Session,
        render: Render<'_>,
        printed: impl Iterator<Item = RawOutput>,
    ) -> Outcome<Vec<Document>> {
        self.refuse_taken(session, render)?;
        let documents = self.documents(session, render, printed)?;
        self.judge(session, render.settled, &documents)?;
        Ok(documents)
    }
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
