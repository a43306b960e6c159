//! The customers of `render --each`: their values files, and what their folders are called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use glob::MatchOptions;
use plimsoll::diagnostic::{Code, Diagnostic};
use plimsoll::emit;
use plimsoll::parallel::in_parallel;
use plimsoll::pipeline::Prepared;
use plimsoll::request::ValuesFile;
use plimsoll::session::{Session, Trunk};
use plimsoll::source::Span;

/// One of many that are rendered with the same chart.
#[derive(Debug)]
pub struct Customer {
    /// What the folder is called.
    pub name: String,
    /// The values file.
    pub file: PathBuf,
    /// What is wrong with the name.
    pub findings: Session,
    /// Where the name was written, unless it is the file's own.
    named_at: Option<Span>,
}

/// The files that the patterns stand for, each once, sorted by their paths. A pattern may be a file or a folder too.
pub fn find(patterns: &[String]) -> Result<Vec<PathBuf>> {
    let mut found = BTreeMap::new();
    for pattern in patterns {
        let before = found.len();
        for path in expand(pattern)? {
            let real = path.canonicalize().with_context(|| format!("cannot look at `{}`", path.display()))?;
            found.entry(real).or_insert(path);
        }
        let known = before > 0 && found.len() == before;
        ensure!(known || found.len() > before, "no values file matches `--each {pattern}`");
    }
    let mut files: Vec<PathBuf> = found.into_values().collect();
    files.sort();
    Ok(files)
}

/// A star does not stand for a hidden file, nor for a folder's separator.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The files that one pattern stands for.
fn expand(pattern: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(pattern);
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if path.is_dir() {
        let below = ["yaml", "yml", "json"].map(|ending| path.join(format!("*.{ending}")));
        // The folder's own name is no pattern.
        let literal = glob::Pattern::escape(pattern.trim_end_matches('/'));
        let patterns = below.iter().filter_map(|path| path.file_name()?.to_str());
        let found: Result<Vec<Vec<PathBuf>>> =
            patterns.map(|name| matches(&format!("{literal}/{name}"))).collect();
        return Ok(found?.concat());
    }
    matches(pattern)
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>> {
    let found = glob::glob_with(pattern, MATCHING)
        .with_context(|| format!("`--each {pattern}` is not a pattern of file names"))?;
    let files: Result<Vec<PathBuf>, _> = found.collect();
    let files = files.with_context(|| format!("cannot look for `{pattern}`"))?;
    Ok(files.into_iter().filter(|path| path.is_file()).collect())
}

/// Names the customers by their files, or by a key of their values. Names that are no folder's and names of two customers
/// are reported, each to those whom it concerns.
pub fn name(
    files: Vec<PathBuf>,
    key: Option<&str>,
    prepared: &Prepared,
    trunk: &Trunk,
    jobs: usize,
) -> Vec<Customer> {
    let named = |file: PathBuf| match key {
        Some(key) => by_key(&file, key, prepared, trunk),
        None => by_stem(&file),
    };
    let mut customers = in_parallel(files, jobs, named);
    // Without its key a customer has no name yet; what is wrong with its file is reported when it is rendered.
    let mut named: Vec<&mut Customer> =
        customers.iter_mut().filter(|customer| key.is_none() || customer.named_at.is_some()).collect();
    refuse_duplicates(&mut named);
    customers
}

fn by_stem(file: &Path) -> Customer {
    let stem = file.file_stem().unwrap_or_default();
    let customer = Customer {
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
        customer
            .findings
            .report(finding.help("rename the file, or name its folder by a value: `--each-name KEY`"));
    }
    customer
}

/// Named by what stands under a key of the merged values.
fn by_key(file: &Path, key: &str, prepared: &Prepared, trunk: &Trunk) -> Customer {
    let customer = Customer { findings: Session::new(), ..by_stem(file) };
    let branch = trunk.branch();
    // What cannot be merged is reported when it is rendered.
    let Ok(values) = prepared.merge(&branch, &[ValuesFile::Path(file.to_owned())]) else { return customer };
    let node = key.split('.').try_fold(&values, |node, key| node.get(key));
    let scalar = node.and_then(|node| Some((node.span, node.as_scalar()?.text.clone())));
    let Some((span, text)) = scalar else {
        let message =
            format!("`{key}` names the folder of `{}`, and it is not set to a text", file.display());
        let place = customer.findings.adopt_span(&branch, values.span.first_byte());
        let finding = Diagnostic::error(Code::E004, message).at(place, "these values");
        customer.findings.report(finding.help(format!("set `{key}` in this file")));
        return customer;
    };
    let span = customer.findings.adopt_span(&branch, span);
    let Some(reason) = emit::folder_name_problem(&text) else {
        return Customer { name: text.to_string(), named_at: Some(span), ..customer };
    };
    let message = format!("`{key}` cannot name a folder: {reason}");
    let finding = Diagnostic::error(Code::E004, message).at(span, "this name");
    customer.findings.report(finding.help("change this value, or name another key by `--each-name`"));
    customer
}

/// Two names that differ in upper and lower case only are one on many systems.
fn refuse_duplicates(customers: &mut [&mut Customer]) {
    let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
    for second in 0..customers.len() {
        let first = *first_of.entry(customers[second].name.to_lowercase()).or_insert(second);
        if first != second {
            let told = Session::new();
            told.report(twins(&told, customers[first], customers[second]));
            for index in [first, second] {
                customers[index].findings.adopt(&told, |finding| finding);
            }
        }
    }
}

fn twins(told: &Session, first: &Customer, second: &Customer) -> Diagnostic {
    let (name, file) = (&second.name, second.file.display());
    let message = format!("two customers are called `{name}`: `{}` and `{file}`", first.file.display());
    let place = |customer: &Customer| Some(told.adopt_span(&customer.findings, customer.named_at?));
    let finding = Diagnostic::error(Code::E003, message);
    let finding = match place(second) {
        Some(span) => finding.at(span, "the second"),
        None => finding,
    };
    let finding = finding.also_if(place(first), "the first");
    finding.help("each customer has a folder of its own: give one of them another name")
}
