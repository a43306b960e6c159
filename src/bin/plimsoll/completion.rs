//! What a shell completes: besides flags and commands the charts, presets, settings, rules, codes and versions that fit.
//!
//! The script of `plimsoll completions` asks the program itself at each TAB, by the variable [`VARIABLE`]: what fits depends on the
//! chart that the line names. clap's engine finds out which argument the word at the cursor is; here is what may stand there.
//!
//! ```text
//! plimsoll render skyflo --set engine.rep<TAB>
//!   └ script of the shell ─► PLIMSOLL_COMPLETE=bash plimsoll -- plimsoll render skyflo --set engine.rep
//!                              └ engine of clap ─► the argument `--set` ─► settings of the chart in the line
//! ```
//!
//! A completer reports nothing: where a chart is wrong, it completes nothing.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{Arg, Command};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::{CompleteEnv, Shells};
use plimsoll::chart;
use plimsoll::diagnostic::CODES;
use plimsoll::formats::FORMATS;
use plimsoll::kube::Versions;
use plimsoll::pipeline;
use plimsoll::request::Request;
use plimsoll::rules::RULES;
use plimsoll::schema::{SettingNode, SettingTree};
use plimsoll::session::Session;
use plimsoll::yaml::ValuePath;

use crate::terminal;

/// The variable by which a shell's script asks what can be completed; its value is the shell.
pub const VARIABLE: &str = "PLIMSOLL_COMPLETE";

/// The script of bash: that of clap, with words put together that readline has split.
const BASH: &str = include_str!("completion.bash");

/// Answers a shell that asks what can be completed. None if none asks, as in every other run.
pub fn answer(cli: fn() -> Command) -> Option<Result<ExitCode>> {
    std::env::var_os(VARIABLE).filter(|shell| !shell.is_empty())?;
    let environment = CompleteEnv::with_factory(move || with_completers(cli())).var(VARIABLE);
    let answered = environment.try_complete(std::env::args_os(), std::env::current_dir().ok().as_deref());
    Some(answered.map(|_| ExitCode::SUCCESS).map_err(|error| anyhow!("{error}")))
}

/// Prints the script by which a shell asks.
///
/// # Errors
/// A standard output that cannot be written to.
pub fn print_script(shell: Shell) -> Result<ExitCode> {
    // That of clap does not know that bash splits words at `=` and `:`.
    if shell == Shell::Bash {
        terminal::print(BASH)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(&shell.to_string()) {
        completer.write_registration(VARIABLE, "plimsoll", "plimsoll", "plimsoll", &mut script)?;
    }
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// The command line with what may stand at its arguments. By their names, so that an argument means the same in every command.
fn with_completers(mut command: Command) -> Command {
    // Commands have their arguments from here on.
    command.build();
    let commands: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let completed = |command: Command| {
        let name = command.get_name().to_owned();
        command.mut_args(|argument| match completer(&name, &argument, commands.as_slice()) {
            Some(completer) => argument.add(completer),
            None => argument,
        })
    };
    commands.iter().fold(completed(command), |whole, name| whole.mut_subcommand(name, completed))
}

/// What completes an argument of a command; none leaves it to clap, which completes files where the argument is a path.
fn completer(command: &str, argument: &Arg, commands: &[String]) -> Option<ArgValueCompleter> {
    Some(match (command, argument.get_id().as_str()) {
        ("explain", "subject") => ArgValueCompleter::new(|word: &OsStr| {
            let mut found = charts(word);
            found.extend(matching(word, codes_and_topics()));
            found
        }),
        ("explain", "path") => ArgValueCompleter::new(|word: &OsStr| matching(word, settings())),
        ("man", "command") => {
            let commands = commands.to_vec();
            ArgValueCompleter::new(move |word: &OsStr| {
                matching(word, commands.iter().map(|name| (name.clone(), String::new())))
            })
        }
        ("show", "part") => ArgValueCompleter::new(|word: &OsStr| matching(word, plain(SHOWN_PARTS))),
        (_, "chart" | "first" | "second" | "old" | "new") => ArgValueCompleter::new(charts),
        (_, "presets") => ArgValueCompleter::new(|word: &OsStr| matching(word, presets())),
        (_, "set" | "set-string" | "set-file" | "set-json" | "set-literal") => {
            ArgValueCompleter::new(assignments)
        }
        (_, "each_name") => ArgValueCompleter::new(|word: &OsStr| matching(word, settings())),
        (_, "show_only") => ArgValueCompleter::new(|word: &OsStr| matching(word, templates())),
        (_, "deny" | "warn" | "allow") => ArgValueCompleter::new(|word: &OsStr| matching(word, rules())),
        (_, "kube_version") => ArgValueCompleter::new(|word: &OsStr| {
            matching(word, Versions::KNOWN.iter().map(|minor| (format!("1.{minor}"), String::new())))
        }),
        (_, "reports") => ArgValueCompleter::new(|word: &OsStr| {
            matching(word, FORMATS.iter().map(|(name, _)| ((*name).to_owned(), String::new())))
        }),
        _ => return None,
    })
}

/// The parts of `plimsoll show`.
const SHOWN_PARTS: &[&str] = &["values", "chart", "readme", "crds"];

fn plain(words: &'static [&'static str]) -> impl Iterator<Item = (String, String)> {
    words.iter().map(|word| ((*word).to_owned(), String::new()))
}

/// Those that begin with the word at the cursor, with what is said of each.
fn matching(word: &OsStr, all: impl IntoIterator<Item = (String, String)>) -> Vec<CompletionCandidate> {
    let Some(word) = word.to_str() else { return Vec::new() };
    let matching = all.into_iter().filter(|(text, _)| text.starts_with(word));
    matching
        .map(|(text, about)| {
            CompletionCandidate::new(text).help((!about.is_empty()).then(|| first_sentence(&about).into()))
        })
        .collect()
}

/// As much of a description as fits beside a candidate.
fn first_sentence(about: &str) -> String {
    let line = about.lines().next().unwrap_or_default();
    let sentence = line.split_inclusive(". ").next().unwrap_or_default();
    plimsoll::source::escaped(sentence.trim_end())
}

/// The bundled charts, then folders and archives.
fn charts(word: &OsStr) -> Vec<CompletionCandidate> {
    let bundled = chart::bundled().map(|bundled| (bundled.name.to_owned(), "a bundled chart".to_owned()));
    let mut found = matching(word, bundled);
    let is_chart =
        |path: &Path| path.is_dir() || path.extension().is_some_and(|extension| extension == "tgz");
    found.extend(PathCompleter::any().filter(is_chart).complete(word));
    found
}

fn codes_and_topics() -> impl Iterator<Item = (String, String)> {
    let codes = CODES.iter().map(|code| (code.id.to_owned(), code.title.to_owned()));
    let rules = RULES.iter().map(|rule| (rule.name.to_owned(), rule.code.title.to_owned()));
    let topics = crate::topics::names().map(|topic| (topic.to_owned(), "a page".to_owned()));
    codes.chain(rules).chain(topics)
}

fn rules() -> impl Iterator<Item = (String, String)> {
    let all = [("all".to_owned(), "every rule".to_owned())];
    all.into_iter().chain(RULES.iter().map(|rule| (rule.name.to_owned(), rule.code.title.to_owned())))
}

/// The chart that the line names, wherever it stands: the first word that is the name of a bundled one, or a folder or an archive
/// of one.
fn chart_of_line() -> Option<String> {
    let mut words = std::env::args_os().skip_while(|word| word != "--");
    // The dashes, the program and the command.
    let words = words.by_ref().skip(3).filter_map(|word| word.into_string().ok());
    words.filter(|word| !word.starts_with('-')).find(|word| is_chart(word))
}

fn is_chart(word: &str) -> bool {
    let path = Path::new(word);
    chart::bundled().any(|bundled| bundled.name == word)
        || ["chart.yaml", "Chart.yaml"].iter().any(|name| path.join(name).is_file())
        || (word.ends_with(".tgz") && path.is_file())
}

fn presets() -> Vec<(String, String)> {
    let opened = chart_of_line().and_then(|name| pipeline::chart_alone(&Session::new(), &name).ok());
    let names = opened.into_iter().flat_map(|chart| chart.presets.into_keys().collect::<Vec<_>>());
    names.map(|name| (name, String::new())).collect()
}

/// The templates of the chart, as `--show-only` takes them.
fn templates() -> Vec<(String, String)> {
    let Some(name) = chart_of_line() else { return Vec::new() };
    let session = Session::new();
    let Ok(chart) = pipeline::chart_alone(&session, &name) else { return Vec::new() };
    // Of a chart of Helm, templates are not a part of what is opened here: their folder is read.
    let listed = fs::read_dir(Path::new(&name).join("templates")).into_iter().flatten().flatten();
    let mut paths: Vec<String> = chart.templates.iter().map(|template| template.name.to_string()).collect();
    if chart.is_helm {
        paths.extend(listed.map(|entry| format!("templates/{}", entry.file_name().to_string_lossy())));
    }
    paths.sort();
    paths.retain(|path| !path.rsplit('/').next().is_some_and(|file| file.starts_with('_')));
    paths.into_iter().map(|path| (path, String::new())).collect()
}

/// The settings of the chart in the line that are no maps, with their descriptions.
fn settings() -> Vec<(String, String)> {
    of_schema(|tree| {
        let mut found = Vec::new();
        list_settings(tree, &tree.root(), "", &mut Vec::new(), &mut found);
        found
            .into_iter()
            .map(|(path, node)| (path, tree.docs(&node).description.unwrap_or_default()))
            .collect()
    })
}

/// `PATH=`, and behind the `=` what may stand there.
fn assignments(word: &OsStr) -> Vec<CompletionCandidate> {
    let text = word.to_string_lossy();
    // Several may stand in one flag: `--set a=1,b=2`.
    let (before, last) = match text.rsplit_once(',') {
        Some((before, last)) => (format!("{before},"), last.to_owned()),
        None => (String::new(), text.clone().into_owned()),
    };
    let found = match last.split_once('=') {
        None => settings().into_iter().map(|(path, about)| (format!("{path}="), about)).collect(),
        Some((path, _)) => allowed_values(path),
    };
    matching(OsStr::new(&last), found)
        .into_iter()
        .map(|candidate| candidate.add_prefix(before.clone()))
        .collect()
}

/// `PATH=VALUE` for each value that a setting may have, where they can be listed.
fn allowed_values(path: &str) -> Vec<(String, String)> {
    of_schema(|tree| {
        // As `list_settings` writes them: a dot behind a backslash is one of the key.
        let keys: Vec<String> =
            path.replace(r"\.", "\0").split('.').map(|key| key.replace('\0', ".")).collect();
        let node = tree.at(&ValuePath::keys(&keys.iter().map(String::as_str).collect::<Vec<_>>()));
        let values = node.map(|node| tree.allowed(&node)).unwrap_or_default();
        values.into_iter().map(|value| (format!("{path}={value}"), String::new())).collect()
    })
}

/// An answer out of the schema of the chart in the line, or out of what is inferred from its values.
fn of_schema(answer: impl FnOnce(&SettingTree<'_>) -> Vec<(String, String)>) -> Vec<(String, String)> {
    let Some(chart) = chart_of_line() else { return Vec::new() };
    let session = Session::new();
    let request = Request { chart, ..Request::default() };
    let described = pipeline::merge(&session, &request).and_then(|merged| merged.described(&session));
    described.map(|schema| answer(&SettingTree::new(&schema))).unwrap_or_default()
}

/// How many settings are offered at most: more than any chart has, and less than a schema that refers to itself.
const MAX_SETTINGS: usize = 5_000;

/// How deep settings stand that are offered.
const MAX_DEPTH: usize = 12;

fn list_settings<'s>(
    tree: &SettingTree<'s>,
    node: &SettingNode<'s>,
    path: &str,
    above: &mut Vec<String>,
    found: &mut Vec<(String, SettingNode<'s>)>,
) {
    for (key, child) in tree.properties(node) {
        if found.len() >= MAX_SETTINGS {
            return;
        }
        // A dot within a key is written with a backslash, as `--set` reads it.
        let key = key.replace('.', r"\.");
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let is_leaf = tree.kubernetes_type(&child).is_some() || tree.properties(&child).is_empty();
        if is_leaf || above.len() >= MAX_DEPTH {
            found.push((path, child));
            continue;
        }
        above.push(key);
        list_settings(tree, &child, &path, above, found);
        above.pop();
    }
}
