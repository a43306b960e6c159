//! The only file that names every stage: from a request to checked documents.
//!
//! ```text
//! chart::open → values::read_layer → values::LayerStack → schema::check
//!   → template::compile → template::run → template::bind → manifest::split
//!   → kube::check → manifest::refuse_duplicates → rules::check (which calls kube::decode) → emit::install_order
//! ```
//!
//! Every command is a prefix or a fold of this line: `values` ends at [`values()`], `lint` at the rules, `diff` renders twice.
//! [`prepare`] does once what further values files cannot change, so that many of them can be rendered (`render --each`), each in a
//! branch of the session. A plain render is `prepare` and one [`Prepared::render`].
//!
//! | file | stages |
//! |---|---|
//! | `merged.rs` | chart and layers to merged values, and the check against the schema |
//! | `documents.rs` | printed templates to checked and judged documents |
//! | `manifests.rs` | plain manifests, which begin at documents |
//! | `null_removal.rs` | which `null` in the values is to blame when templates fail |

mod documents;
mod manifests;
mod merged;
mod null_removal;
#[cfg(test)]
mod tests;

use documents::{Render, check_all};
pub use manifests::manifests;
use merged::{Base, base, check};
pub use merged::{Merged, merge, values};

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
    check_all(session, &target, &mut documents, 1);
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
    /// A thread that compiles the templates meanwhile; for the first render, and only for a bundled chart.
    helper: Mutex<Option<SecondThread>>,
    api: Arc<Api>,
    crds: Outcome<Vec<Document>>,
    config: Outcome<Config>,
}

/// Does what a render needs to be done once.
///
/// What is wrong with templates, CRDs or `plimsoll.yaml` is reported and kept in the result, so that the values are still
/// checked and all findings come at once; [`Prepared::complete`] tells.
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
    Ok(Prepared {
        request: request.clone(),
        base,
        program,
        helper: Mutex::new(helper),
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

    /// Renders the chart with further values files over all others. The session is the one that it was prepared in, or a
    /// branch of that: spans and origins of what was prepared must have a meaning there.
    pub fn render(&self, session: &Session, files: &[ValuesFile]) -> Outcome<Rendering> {
        let merged = self.base.merge(session, files)?;
        let scene = Arc::new(self.scene(session, &merged));
        let printed = self.program().map(|program| self.run(program, &scene));
        // The other thread is running templates by now. What they print is not looked at before the values are right.
        check(session, &merged, &self.request)?;
        let program = self.program()?;
        let render = Render { program, merged: &merged, scene: &scene };
        let documents = self.objects(session, render, printed?)?;
        let documents =
            emit::install_order(emit::only_templates(session, documents, &self.request.show_only)?);
        Ok(Rendering { documents, program: Arc::clone(program), merged })
    }

    /// Holds values against the schema, renders them with dummy values for secrets that are not demanded, and judges what
    /// was rendered.
    ///
    /// Returns the required settings that are left for the user to set. If there are any, nothing can be rendered, and only the
    /// values were checked.
    pub fn lint(&self, session: &Session, mut merged: Merged) -> Outcome<Vec<ValuePath>> {
        let mut unset = Vec::new();
        if let Some(schema) = &merged.schema {
            unset = schema::check_demanding(session, schema, &merged.values, self.request.demands)?;
        }
        release::refuse_other_namespace(session, &merged.chart, &merged.values, &self.request)?;
        let program = self.program()?;
        let is_secret = |path: &ValuePath| secrets::is_secret_path(merged.wants.root(), path);
        let (secrets, left): (Vec<_>, Vec<_>) = unset.into_iter().partition(is_secret);
        if left.is_empty() {
            secrets::fill_with_dummies(Arc::make_mut(&mut merged.values), &secrets, self.base.wants.root());
            let scene = Arc::new(self.scene(session, &merged));
            let render = Render { program, merged: &merged, scene: &scene };
            self.objects(session, render, self.run(program, &scene))?;
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
        scene: &'p Arc<RenderContext>,
    ) -> Box<dyn Iterator<Item = RawOutput> + 'p> {
        match self.helper.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(helper) => Box::new(helper.run(scene)),
            None => Box::new(template::run(program, scene)),
        }
    }

    /// The input of the templates.
    fn scene(&self, session: &Session, merged: &Merged) -> RenderContext {
        let secrets = SecretTexts::of(&merged.values, merged.wants.root());
        let values = Arc::clone(&merged.values);
        let context = release::render_input(session, &merged.chart, values, &self.request, &self.api);
        RenderContext::new(RenderInput { secrets, ..context }, &self.base.wants)
    }

    /// Reads, checks and judges the documents that the templates printed.
    fn objects(
        &self,
        session: &Session,
        render: Render<'_>,
        printed: impl Iterator<Item = RawOutput>,
    ) -> Outcome<Vec<Document>> {
        self.refuse_removals(session, render)?;
        let documents = self.documents(session, render, printed)?;
        self.judge(session, render.merged, &documents)?;
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
