//! The environments of `render --each`: their values files, and what their output folders are called.
//!
//! An environment is one values file over what all have in common; messages call it a customer. Names come from the
//! files or, with `--each-name`, from a key of the merged values. What is wrong with a name is kept with the
//! environment and reported with its other findings, so that one bad name stops no other environment.
//!
//! | | `customers/acme.yaml` with `global: {namespace: acme-prod}` is called |
//! |---|---|
//! | without `--each-name` | `acme` |
//! | `--each-name global.namespace` | `acme-prod` |

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use glob::MatchOptions;
use plimsoll::diagnostic::{Code, Diagnostic};
use plimsoll::emit;
use plimsoll::parallel::in_parallel;
use plimsoll::pipeline::Prepared;
use plimsoll::request::ValuesFile;
use plimsoll::session::{MergeSources, Session, Snapshot};
use plimsoll::source::Span;

/// One of many that are rendered with the same chart.
#[derive(Debug)]
pub struct Environment {
    /// The name of its folder.
    pub name: String,
    /// Its values file.
    pub file: PathBuf,
    /// What was found: first about the name, then about the render.
    pub findings: Session,
    /// Where in its values the name was written; none for a name that is the file's own.
    named_at: Option<Span>,
}

/// The values files that the patterns stand for, each once, sorted by path. A pattern may also be a file or a folder.
///
/// # Errors
/// A pattern that matches nothing: it is mistyped, and rendering the others would look like success.
pub fn find_files(patterns: &[String]) -> Result<Vec<PathBuf>> {
    // By real path, so that a file that two patterns or a link name is rendered once, under its first name.
    let mut found = BTreeMap::new();
    for pattern in patterns {
        // A pattern that matches only what an earlier one has found is fine; one that matches nothing is not.
        let before = found.len();
        for path in expand(pattern)? {
            let real = path.canonicalize().with_context(|| format!("cannot look at `{}`", path.display()))?;
            found.entry(real).or_insert(path);
        }
        let known = before > 0 && found.len() == before;
        ensure!(known || found.len() > before, "no values file matches `--each {pattern}`");
    }
    let mut files: Vec<PathBuf> = found.into_values().collect();
    // So that neither the order of patterns nor that of the file system can be seen in the output.
    files.sort();
    Ok(files)
}

/// As in a shell, a star stands neither for a hidden file nor for a folder's separator.
const MATCH_OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The files that one pattern stands for.
fn expand(pattern: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(pattern);
    // As it stands first: names of files may have stars and brackets in them.
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_dir() {
        return glob_files(pattern);
    }
    // The folder's own name is no pattern, even with a star in it.
    let folder = glob::Pattern::escape(pattern.trim_end_matches('/'));
    let mut files = Vec::new();
    for extension in ["yaml", "yml", "json"] {
        files.extend(glob_files(&format!("{folder}/*.{extension}"))?);
    }
    Ok(files)
}

fn glob_files(pattern: &str) -> Result<Vec<PathBuf>> {
    let found = glob::glob_with(pattern, MATCH_OPTIONS)
        .with_context(|| format!("`--each {pattern}` is not a pattern of file names"))?;
    let paths: Result<Vec<PathBuf>, _> = found.collect();
    let paths = paths.with_context(|| format!("cannot look for `{pattern}`"))?;
    // What is no regular file stays, so that reading it says so: no environment is passed over.
    Ok(paths.into_iter().filter(|path| !path.is_dir()).collect())
}

/// The key whose value names an environment (`--each-name`), and what is needed to merge the values that have it.
#[derive(Clone, Copy)]
pub struct NamingKey<'k> {
    /// A path with dots, such as `global.namespace`.
    pub key: &'k str,
    /// The chart with all layers below the environment's file.
    pub prepared: &'k Prepared,
    /// The session that it was prepared in: each file is merged in an overlay of that.
    pub snapshot: &'k Snapshot,
}

/// Names the environments by their files, or by a key of their values, on `jobs` threads: with a key, each file has to
/// be merged. Names that no folder can have, and names of two environments, are reported to each environment that they
/// concern.
pub fn name(files: Vec<PathBuf>, key: Option<NamingKey<'_>>, jobs: usize) -> Vec<Environment> {
    let mut environments = in_parallel(files, jobs, |file: PathBuf| match key {
        Some(key) => key.name(&file),
        None => named_by_file(&file),
    });
    // Without its key an environment has no name yet; what is wrong with its file is reported when it is rendered.
    let mut named: Vec<&mut Environment> =
        environments.iter_mut().filter(|one| key.is_none() || one.named_at.is_some()).collect();
    refuse_duplicates(&mut named);
    environments
}

/// Named by its file, without the extension.
fn named_by_file(file: &Path) -> Environment {
    // A file has a name; an empty one would be refused as the name of a folder.
    let stem = file.file_stem().unwrap_or_default();
    let environment = Environment {
        name: stem.to_string_lossy().into_owned(),
        file: file.to_owned(),
        findings: Session::new(),
        named_at: None,
    };
    let reason = match stem.to_str() {
        Some(name) => emit::folder_name_problem(name),
        None => Some("it is not UTF-8"),
    };
    if let Some(reason) = reason {
        let message = format!("`{}` cannot name a folder: {reason}", file.display());
        let finding = Diagnostic::error(Code::E004, message);
        let help = "rename the file, or name its folder by a value: `--each-name KEY`";
        environment.findings.report(finding.help(help));
    }
    environment
}

impl NamingKey<'_> {
    /// An environment that is named by the text under the key of its merged values. Until that is found it goes by its
    /// file's name.
    fn name(self, file: &Path) -> Environment {
        let NamingKey { key, prepared, snapshot } = self;
        // The file's name does not count, so neither does what is wrong with it.
        let environment = Environment { findings: Session::new(), ..named_by_file(file) };
        let overlay = snapshot.overlay();
        // What cannot be merged is reported when it is rendered.
        let Ok(merged) = prepared.opened.merge(&overlay, &[ValuesFile::Path(file.to_owned())]) else {
            return environment;
        };
        // Plain keys and dots, no quotes: what names a folder is a setting of the chart, and those have no dots in
        // them.
        let node = key.split('.').try_fold(&*merged.values, |node, key| node.get(key));
        let scalar = node.and_then(|node| Some((node.span, node.as_scalar()?.text.clone())));
        let Some((span, text)) = scalar else {
            let message =
                format!("`{key}` names the folder of `{}`, and it is not set to a text", file.display());
            let location = environment.findings.import_span(&overlay, merged.values.span.first_byte());
            let finding = Diagnostic::error(Code::E004, message).at(location, "these values");
            environment.findings.report(finding.help(format!("set `{key}` in this file")));
            return environment;
        };
        // The overlay is dropped here: the findings keep the source that the name stands in.
        let span = environment.findings.import_span(&overlay, span);
        let Some(reason) = emit::folder_name_problem(&text) else {
            return Environment { name: text.to_string(), named_at: Some(span), ..environment };
        };
        let message = format!("`{key}` cannot name a folder: {reason}");
        let finding = Diagnostic::error(Code::E004, message).at(span, "this name");
        environment.findings.report(finding.help("change this value, or name another key by `--each-name`"));
        environment
    }
}

/// Reports two environments of one name to both. Names that differ in upper and lower case only are one on file systems
/// that ignore case, such as those of macOS and Windows.
fn refuse_duplicates(environments: &mut [&mut Environment]) {
    let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
    for second in 0..environments.len() {
        let first = *first_of.entry(environments[second].name.to_lowercase()).or_insert(second);
        if first == second {
            continue;
        }
        for index in [first, second] {
            // A session for the finding alone: it has places in the files of two environments, each of which is in a
            // session of its own.
            let report = Session::new();
            report.report(duplicate(&report, environments[first], environments[second]));
            environments[index].findings.merge(report, MergeSources::Referenced, Some);
        }
    }
}

/// The finding that two environments have one name; its places are those of `report`.
fn duplicate(report: &Session, first: &Environment, second: &Environment) -> Diagnostic {
    let message = format!(
        "two customers are called `{}`: `{}` and `{}`",
        second.name,
        first.file.display(),
        second.file.display()
    );
    let location = |one: &Environment| Some(report.import_span(&one.findings, one.named_at?));
    let finding = Diagnostic::error(Code::E003, message);
    let finding = match location(second) {
        Some(span) => finding.at(span, "the second"),
        None => finding,
    };
    let finding = finding.also_if(location(first), "the first");
    finding.help("each customer has a folder of its own: give one of them another name")
}
