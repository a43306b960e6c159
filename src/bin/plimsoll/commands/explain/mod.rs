//! `plimsoll explain`: the page of a code, the history of a setting, the provenance of a field.
//!
//! Which of the three is meant is told by the arguments: a code looks like no chart's name, and a field comes with
//! `--field`.
//!
//! | arguments | explained |
//! |---|---|
//! | `K003` | the code, by its page in `docs/codes/`, which is a part of the program |
//! | `service-without-pods` | the code of that rule |
//! | `templates` | a page of the documentation |
//! | `skyflo` | all settings of the chart |
//! | `skyflo engine.replicas` | a setting |
//! | `skyflo --field Deployment/skyflo-engine spec.replicas` | a field |
//!
//! An answer is printed without findings, since nobody asked for them: only where something cannot be answered do they
//! say why.

mod json;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use plimsoll::chart;
use plimsoll::diagnostic::{CODES, find_code, nearest};
use plimsoll::explain::{self, VariableDefinitions};
use plimsoll::kube::{self, Versions};
use plimsoll::pipeline;
use plimsoll::request::Request;
use plimsoll::rules::{GROUPS, RULES};
use plimsoll::session::{Outcome, Session};

use crate::args::{self, LayerArgs, parse_versions};
use crate::output::{self, OutputOptions};
use crate::{terminal, topics};

#[derive(Debug, Args)]
#[command(override_usage = USAGE, after_help = EXAMPLES)]
pub struct ExplainArgs {
    /// A code such as K003, the name of a rule, or a topic: `tutorial`, `chart`, `templates`, `library`, `values`,
    /// `dependencies`, `testing`, `lint`, `rules`, `limits`, `helm`, `coming-from-helm`, `convert`, `validation`, `explain`,
    /// `diff`, `formats`, `output`, `reference`, `custom-resources`; or the name of a bundled chart, or a chart's folder
    #[arg(value_name = "CODE|CHART")]
    pub subject: String,

    /// A setting such as `engine.replicas`; by default all of them. With --field, a field such as `spec.replicas`
    pub path: Option<String>,

    /// Explain a field of this object instead, as KIND/NAME or NAMESPACE/KIND/NAME
    #[arg(long, value_name = "OBJECT")]
    pub field: Option<String>,

    #[command(flatten)]
    pub layers: LayerArgs,

    // These flags and no `TargetArgs`: whether CRDs or the namespace are rendered too changes nothing that is
    // explained.
    /// The name of the release; by default the chart's name
    #[arg(long, value_name = "NAME", help_heading = "Rendering")]
    pub release_name: Option<String>,

    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME", help_heading = "Rendering")]
    pub namespace: Option<String>,

    /// The Kubernetes version that is rendered for, or a range
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = parse_versions, help_heading = "Rendering")]
    pub kube_version: Versions,

    /// A file or folder with custom resource definitions to check against, or `-`; repeatable
    #[arg(long, value_name = "PATH", help_heading = "Rendering")]
    pub crds: Vec<PathBuf>,

    /// A custom kind that may pass unchecked; repeatable
    #[arg(long, value_name = "GROUP/KIND", value_delimiter = ',', help_heading = "Rendering")]
    pub allow_unknown_kinds: Vec<String>,
}

const USAGE: &str = "plimsoll explain <CODE>
       plimsoll explain <CHART> [SETTING] [OPTIONS]
       plimsoll explain <CHART> --field <OBJECT> <FIELD> [OPTIONS]";

const EXAMPLES: &str = "\
Examples:
  plimsoll explain K003
  plimsoll explain service-without-pods
  plimsoll explain templates
  plimsoll explain skyflo engine.replicas -p production -f values.yaml
  plimsoll explain skyflo engine.tolerations[0].key -f values.yaml
  plimsoll explain skyflo --field Deployment/skyflo-engine spec.replicas -f values.yaml
  plimsoll explain skyflo --field Deployment/skyflo-engine 'spec.template.spec.containers[engine].image' -p evaluation

With --format json the answer is one JSON object; `plimsoll explain explain` describes it.";

impl ExplainArgs {
    /// What is to be rendered. Rules have no say in what is explained.
    fn request(&self) -> Request {
        Request {
            release_name: self.release_name.clone(),
            namespace: self.namespace.clone(),
            versions: self.kube_version,
            crds: self.crds.clone(),
            allow_unknown: self.allow_unknown_kinds.clone(),
            levels: args::no_rules(),
            chart: self.subject.clone(),
            ..self.layers.request()
        }
    }
}

/// Prints the page of a code, or explains a field or a setting.
///
/// # Errors
/// A code that does not exist, or `--field` without a field.
pub fn run(args: &ExplainArgs, options: OutputOptions) -> Result<ExitCode> {
    let options = OutputOptions { answers_question: true, ..options };
    let subject = args.subject.trim();
    if let (None, None, Some(page)) = (&args.field, &args.path, page_of_word(subject)) {
        terminal::print(&page)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let (None, None, Some(page)) = (&args.field, &args.path, page_of_name(subject)) {
        terminal::print(&page)?;
        return Ok(ExitCode::SUCCESS);
    }
    match (&args.field, &args.path) {
        (None, None) if looks_like_code(subject) => print_page(subject),
        // The empty path is all settings.
        (None, None) => {
            refuse_misspelt_word(subject)?;
            explain_setting(args, options, "")
        }
        (Some(object), Some(path)) => explain_field(args, options, object, path),
        (Some(_), None) => bail!("`--field` needs a field after the chart, such as `spec.replicas`"),
        (None, Some(path)) => explain_setting(args, options, path),
    }
}

/// The page of a topic that messages name, or of a rule's name; none for what is neither.
fn page_of_word(word: &str) -> Option<String> {
    topics::page(word).or_else(|| RULES.iter().find(|rule| rule.name == word).map(|rule| rule.code.page()))
}

/// What is said of the other names that `plimsoll.yaml` takes, which have no page: a fact of validation, by its address, and a
/// group of rules.
fn page_of_name(name: &str) -> Option<String> {
    if let Some(fact) = kube::fact_addresses().find(|address| *address == name) {
        return Some(format!(
            "# {fact}\n\nA fact of validation: what the API server asks of this field, beyond its type. A finding that names the fact\n\
             says what is asked.\n\nWhere the fact does not apply, it is suppressed like a rule, in `plimsoll.yaml`, by a flag, a\n\
             comment or an annotation:\n\n```yaml\nrules:\n  {fact}: {{level: allow, reason: …}}\n```\n\n`plimsoll explain validation` \
             has the rest.\n"
        ));
    }
    let (group, codes) = GROUPS.iter().find(|(group, _)| *group == name)?;
    let what = if *codes == "K" { "what the API server would refuse" } else { "rules" };
    Some(format!(
        "# {group}\n\nA group of codes: {what}, {codes}…. `plimsoll list {group}` lists them, and `--deny {group}`, `--warn {group}`,\n\
         `--allow {group}` or an entry in `plimsoll.yaml` set the level of all of them. `plimsoll explain rules` has the rest.\n"
    ))
}

/// Refuses a word that is nearly a topic or a rule's name, where nothing else of that name is there.
///
/// # Errors
/// With the word that was probably meant.
fn refuse_misspelt_word(word: &str) -> Result<()> {
    let is_chart = word.contains(['/', '\\', '.']) || Path::new(word).exists();
    let words = topics::names().chain(RULES.iter().map(|rule| rule.name));
    let charts = || chart::bundled().map(|chart| chart.name);
    match nearest(word, words.chain(charts())) {
        Some(near) if !is_chart && !charts().any(|name| name == near) => {
            bail!("there is no topic, rule or chart `{word}`; did you mean `{near}`?")
        }
        _ => Ok(()),
    }
}

/// A letter and digits, and nothing else, as in `K003`.
fn looks_like_code(text: &str) -> bool {
    let digits = text.strip_prefix(|c: char| c.is_ascii_alphabetic());
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn print_page(id: &str) -> Result<ExitCode> {
    let Some(code) = find_code(id) else {
        match nearest(&id.to_ascii_uppercase(), CODES.iter().map(|code| code.id)) {
            Some(near) => bail!("there is no code `{id}`; did you mean `{near}`?"),
            None => bail!("there is no code `{id}`; a code is a letter and three digits, such as `K003`"),
        }
    };
    terminal::print(&code.page())?;
    Ok(ExitCode::SUCCESS)
}

/// Layers are explained also where nothing can be rendered, as that is often the reason to ask. The findings say why then.
fn explain_setting(args: &ExplainArgs, options: OutputOptions, path: &str) -> Result<ExitCode> {
    let session = options.session();
    let explained = pipeline::Ready::open(&session, &args.request()).and_then(|ready| {
        let merged = ready.merge(&session)?;
        Ok((explain::setting(&session, &merged, path)?, ready, merged))
    });
    print_answer(&session, options, explained, |(setting, ready, merged)| {
        // Only now, and only for the effects: a failure has been reported, and the layers are explained all the same.
        let rendering = ready.render(&session, merged).ok();
        let effects =
            rendering.map(|rendering| explain::setting_effects(&session, &rendering, &setting.path));
        if effects.is_none() {
            output::write(&session, options)?;
        }
        terminal::print(&if options.is_json() {
            json::setting(&setting, effects.as_ref())
        } else {
            text::setting(&setting, effects.as_ref())
        })
    })
}

fn explain_field(args: &ExplainArgs, options: OutputOptions, object: &str, path: &str) -> Result<ExitCode> {
    let session = options.session();
    let rendering = pipeline::render_keeping(&session, &args.request());
    let explained = rendering.and_then(|rendering| {
        let fields = explain::field(&session, &rendering, object, path)?;
        Ok((fields, VariableDefinitions::new(&session, &rendering)))
    });
    print_answer(&session, options, explained, |(fields, definitions)| {
        terminal::print(&if options.is_json() {
            json::fields(&fields, &definitions)
        } else {
            text::fields(&fields, &definitions)
        })
    })
}

/// Prints an answer without findings, as warnings about the values were not asked for; or findings without an answer.
fn print_answer<T>(
    session: &Session,
    options: OutputOptions,
    answer: Outcome<T>,
    print: impl FnOnce(T) -> Result<()>,
) -> Result<ExitCode> {
    match answer {
        Ok(answer) => print(answer).map(|()| ExitCode::SUCCESS),
        Err(reported) => output::finish(session, options, Err::<(), _>(reported), |()| Ok(())),
    }
}
