//! Running a program with one set of values, template by template.

use std::cell::Cell;
use std::sync::Arc;

use minijinja::value::{Object, Value as Jinja};
use minijinja::{Captured, Error, ErrorKind, State};

use super::engine::{Prints, Slot, check_output};
use super::filler::Filler;
use super::value::{Place, Tree};
use super::{Program, Role, errors};
use crate::limits::Limit;
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::source::SourceId;
use crate::yaml::{Binding, Node, Wants};

/// What templates can see.
#[derive(Clone, Debug)]
pub struct RenderInput {
    /// `values`: the merged values, always a map.
    pub values: Arc<Node>,
    /// Other globals by name (`release`, `chart`, `kube`, `files`), each a map.
    pub globals: Vec<(&'static str, Node)>,
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

impl std::fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capabilities").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Object for Capabilities {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        (key == "version").then(|| Jinja::from(self.version.as_str()))
    }

    fn call_method(self: &Arc<Self>, _: &mut State, method: &str, args: &[Jinja]) -> Result<Jinja, Error> {
        match (method, args) {
            ("has", [name]) => Ok(Jinja::from((self.has)(name.as_str().unwrap_or_default()))),
            ("has", _) => {
                Err(Error::new(ErrorKind::MissingArgument, "`kube.has` takes one `group/version/Kind`"))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// What a template printed: a text with slots, and the table of what the slots stand for.
#[derive(Debug)]
pub struct RenderedTemplate {
    /// The template's name.
    pub name: Arc<str>,
    /// The text, as a derived source.
    pub source: SourceId,
    /// The slots' values, by their numbers.
    pub bindings: Vec<Binding>,
}

/// What templates see, as the engine takes it.
#[derive(Debug)]
pub struct RenderContext {
    root: Jinja,
    trees: Vec<Arc<Tree>>,
    secrets: SecretTexts,
}

impl RenderContext {
    /// `values` with what the schema wants of them, the other globals with everything allowed.
    pub fn new(context: RenderInput, wants: &Arc<Wants>) -> RenderContext {
        let anything = Arc::new(Wants::anything());
        let values = Tree::new(context.values, Arc::clone(wants));
        let mut trees = vec![values];
        let mut pairs = vec![
            ("values", Jinja::from_object(Place::root(&trees[0]))),
            ("kube", Jinja::from_object(context.capabilities)),
        ];
        for (name, node) in context.globals {
            let tree = Tree::new(Arc::new(node), Arc::clone(&anything));
            pairs.push((name, Jinja::from_object(Place::root(&tree))));
            trees.push(tree);
        }
        RenderContext { root: Jinja::from_pairs(pairs), trees, secrets: context.secrets }
    }
}

/// What the engine made of one template, before anybody looks at it.
#[derive(Debug)]
pub struct RawOutput {
    /// The position of the template.
    pub(super) template: usize,
    /// Its text and what stands in its slots.
    print: Result<Print, Error>,
}

type Print = (String, Vec<Slot>);

/// Runs the templates that are no libraries, one after the other as they are asked for. Nothing is reported yet, so another
/// thread can do it.
pub fn run(program: &Program, scene: &RenderContext) -> impl Iterator<Item = RawOutput> {
    program.of_role(Role::Document).map(|template| run_one(program, scene, template))
}

/// Renders every template that is not a library. All findings of all templates are reported.
pub fn render(session: &Session, program: &Program, context: RenderInput) -> Outcome<Vec<RenderedTemplate>> {
    let scene = RenderContext::new(context, &program.wants);
    let mut rendered = Vec::new();
    bind(session, program, &scene, run(program, &scene), |one| rendered.push(one))?;
    Ok(rendered)
}

/// Makes bindings of what templates printed and shows each that is right. All findings of all templates are reported.
pub fn bind(
    session: &Session,
    program: &Program,
    scene: &RenderContext,
    printed: impl Iterator<Item = RawOutput>,
    mut see: impl FnMut(RenderedTemplate),
) -> Outcome<()> {
    let (mut failed, mut bound) = (Vec::new(), Ok(()));
    for RawOutput { template, print } in printed {
        let name = &program.templates[template].name;
        match print {
            Ok(print) => match bind_one(session, program, scene, name, print) {
                Ok(rendered) => see(rendered),
                Err(reported) => bound = Err(reported),
            },
            Err(error) => failed.push((&**name, error)),
        }
    }
    let place = |name: &str, range: std::ops::Range<usize>| program.place(name, range);
    let failed = failed.iter().map(|(name, error)| (*name, error));
    let found = errors::findings(failed, &program.limits, &place, &scene.secrets);
    found.into_iter().flatten().for_each(|finding| bound = Err(session.report(finding)));
    bound
}

/// Makes bindings of what one template printed. What the engine made is gone before anybody sees them: it can be large.
fn bind_one(
    session: &Session,
    program: &Program,
    scene: &RenderContext,
    name: &Arc<str>,
    (text, slots): Print,
) -> Outcome<RenderedTemplate> {
    let (trees, secrets, before) = (&scene.trees, &scene.secrets, session.errors());
    let left = Cell::new(program.limits.of(Limit::Bound));
    let rendered = Filler { session, program, trees, slots: &slots, secrets, left }.rendered(name, &text);
    session.clean_since(before)?;
    Ok(rendered)
}

/// Runs one template.
pub(super) fn run_one(program: &Program, scene: &RenderContext, template: usize) -> RawOutput {
    RawOutput { template, print: print(program, scene, template) }
}

fn print(program: &Program, scene: &RenderContext, template: usize) -> Result<Print, Error> {
    let mut captured: Captured<'_> = program.compiled(template)?.render_captured(scene.root.clone())?;
    let slots = captured.with_state_mut(|state| state.get_extension_mut::<Prints>().map(std::mem::take));
    let text = captured.into_output();
    check_output(text.len(), &program.limits)?;
    Ok((text, slots.map_or_else(Vec::new, |printed| printed.slots)))
}
