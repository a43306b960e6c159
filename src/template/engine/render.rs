//! The stages of a render: what templates see, what they print, and the rendered templates.
//!
//! [`run`] needs no session and reports nothing, so that it can be done on any thread and thrown away: values are
//! checked against their schema while the engine already runs with them. [`bind`] has the session, and reports in the
//! order of the templates.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, Value as Jinja};
use minijinja::{Error, ErrorKind, State};

use super::functions::FILES;
use super::program::Program;
use super::runner::{Printed, RawOutput, Runner};
use crate::diagnostic::Code;
use crate::limits::Limit;
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::template::binding::{
    Binder, KnownTexts, NodeRef, RenderState, RenderedTemplate, ValueTree, last_names,
};
use crate::template::chart_files::ChartFiles;
use crate::template::errors::{ErrorContext, Failure};
use crate::template::file::Role;
use crate::yaml::{Node, Tombstones, Wants};

/// What one render is made of, besides the program.
#[derive(Clone, Debug)]
pub struct RenderInput {
    /// `values`: the merged values, always a map.
    pub values: Arc<Node>,
    /// What they lack because a `null` took it away.
    pub tombstones: Arc<Tombstones>,
    /// Other globals by name (`release`, `chart`), each a map.
    pub globals: Vec<(&'static str, Node)>,
    /// `files`, and what functions give of them.
    pub files: ChartFiles,
    /// `kube`: what the cluster can do.
    pub capabilities: Capabilities,
    /// Texts that no message may quote.
    pub secrets: SecretTexts,
}

/// What the cluster that is rendered for can do, as far as the caller knows.
#[derive(Clone)]
pub struct Capabilities {
    /// `kube.version`
    pub version: String,
    /// Answers `kube.has("apps/v1/Deployment")`.
    pub has: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capabilities").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Object for Capabilities {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        (key == "version").then(|| Jinja::from(self.version.as_str()))
    }

    fn call_method(self: &Arc<Self>, _: &mut State, method: &str, args: &[Jinja]) -> Result<Jinja, Error> {
        match (method, args) {
            // What is no string names no kind, so the answer is no.
            ("has", [name]) => Ok(Jinja::from((self.has)(name.as_str().unwrap_or_default()))),
            ("has", _) => {
                Err(Error::new(ErrorKind::MissingArgument, "`kube.has` takes one `group/version/Kind`"))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// A [`RenderInput`] as the engine takes it: each template is rendered with the same. Threads can share it.
#[derive(Debug)]
pub struct RenderContext {
    /// The globals by name, as one map.
    pub(super) globals: Jinja,
    /// The trees behind them: what is printed may have come from any.
    trees: Vec<Arc<ValueTree>>,
    files: ChartFiles,
    secrets: SecretTexts,
    /// What other renders of the same templates printed, if there are many.
    known_texts: Option<Arc<KnownTexts>>,
}

impl RenderContext {
    /// `values` with what the schema wants of them, the other globals with everything allowed.
    pub fn new(input: RenderInput, wants: &Arc<Wants>) -> RenderContext {
        let anything = Arc::new(Wants::anything());
        let values = ValueTree::new(input.values, Arc::clone(wants), input.tombstones);
        let mut globals = vec![
            ("values", Jinja::from_object(NodeRef::root(&values))),
            ("kube", Jinja::from_object(input.capabilities)),
        ];
        let mut trees = vec![values];
        let texts = [("files", input.files.texts())];
        for (name, node) in input.globals.into_iter().chain(texts) {
            let tree = ValueTree::new(Arc::new(node), Arc::clone(&anything), Arc::default());
            globals.push((name, Jinja::from_object(NodeRef::root(&tree))));
            trees.push(tree);
        }
        globals.push((FILES, Jinja::from_object(input.files.clone())));
        RenderContext {
            globals: Jinja::from_pairs(globals),
            trees,
            files: input.files,
            secrets: input.secrets,
            known_texts: None,
        }
    }

    /// The same for one of many renders of the same templates, which share what is the same in what they print.
    pub fn with_known_texts(self, known_texts: Option<Arc<KnownTexts>>) -> RenderContext {
        RenderContext { known_texts, ..self }
    }
}

/// Renders every template that is not a library. All findings of all templates are reported.
///
/// # Errors
/// When there are findings.
pub fn render(session: &Session, program: &Program, input: RenderInput) -> Outcome<Vec<RenderedTemplate>> {
    let context = RenderContext::new(input, &program.wants);
    // Nothing is handed on of a chart of which a part is wrong.
    let mut rendered = Vec::new();
    bind(session, program, &context, run(program, &context), |one| rendered.push(one))?;
    Ok(rendered)
}

/// Runs the templates that are no libraries, lazily: each when the iterator is asked for it.
pub fn run(program: &Program, context: &RenderContext) -> impl Iterator<Item = RawOutput> {
    let mut runner = Runner::new(program, context.globals.clone());
    program.of_role(Role::Document).map(move |template| runner.run(template))
}

/// As [`run`], but the templates at these positions alone.
pub fn run_only(
    program: &Program,
    context: &RenderContext,
    templates: &[usize],
) -> impl Iterator<Item = RawOutput> {
    let mut runner = Runner::new(program, context.globals.clone());
    templates.iter().map(move |template| runner.run(*template))
}

/// Makes bindings of what templates printed, and hands each template that is right to `see`. All findings of all
/// templates are reported: those of the values that a template bound when its turn comes, errors of the engine at the
/// end, where those that share a cause are told together.
///
/// # Errors
/// When there are findings.
pub fn bind(
    session: &Session,
    program: &Program,
    context: &RenderContext,
    outputs: impl Iterator<Item = RawOutput>,
    mut see: impl FnMut(RenderedTemplate),
) -> Outcome<()> {
    let mut outcome = Ok(());
    // A library that several templates import fails in each of them, so errors are held back until all are known.
    let mut failed = Vec::new();
    for RawOutput { template, result, removed } in outputs {
        let name = &program.templates[template].name;
        match result.map(|printed| bind_one(session, program, context, name, printed)) {
            Ok(Ok(rendered)) => see(rendered),
            Ok(Err(reported)) => outcome = Err(reported),
            Err(error) => failed.push((&**name, error, removed)),
        }
    }
    let errors = ErrorContext {
        limits: &program.limits,
        locate: &|name, range| program.locate(name, range),
        secrets: &context.secrets,
    };
    let behind: Vec<_> =
        failed.iter().map(|(_, _, removed)| |text: &str| removed.behind(last_names(text))).collect();
    let failures = failed.iter().zip(&behind).map(|((template, error, removed), behind)| Failure {
        template,
        error,
        removed: behind,
        removed_last: removed.last(),
    });
    for finding in errors.findings(session, failures) {
        // The engine's message has the path.
        let path = (finding.code == Code::T003).then(|| finding.message.clone());
        let finding = match path {
            Some(path) => {
                let finding = context.files.note_missing(finding, &path);
                let named = path.split('`').nth(1).unwrap_or_default();
                match context.trees.first().and_then(|values| values.nearest_setting(named)) {
                    Some(near) => finding.may_mean(&near),
                    None => finding,
                }
            }
            None => finding,
        };
        outcome = Err(session.report(finding));
    }
    outcome
}

/// Makes bindings of what one template printed. It is taken by value: the engine's values can be large, and are gone
/// before the documents are read.
fn bind_one(
    session: &Session,
    program: &Program,
    context: &RenderContext,
    name: &Arc<str>,
    printed: Printed,
) -> Outcome<RenderedTemplate> {
    let before = session.errors();
    let Printed { text, state: RenderState { slots, removed, .. } } = printed;
    let binder = Binder {
        session,
        templates: &program.templates,
        expressions: &program.expressions,
        limits: &program.limits,
        trees: &context.trees,
        printed_by: slots.printed_by(),
        removed: &removed,
        secrets: &context.secrets,
        files: &context.files,
        known_texts: context.known_texts.as_deref(),
        left: Cell::new(program.limits.of(Limit::Bound)),
    };
    let rendered = binder.bind(name, text, slots);
    session.clean_since(before)?;
    Ok(rendered)
}
