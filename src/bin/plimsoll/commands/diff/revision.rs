//! Folders and files as they were in a git revision, read with the `git` of the system.
//!
//! ```text
//! charts/web@v1.2 ─► parse ─► nearest_folder ─► git rev-parse ─► git ls-tree ─► limits ─► git cat-file --batch ─► Content
//! ```
//!
//! `git ls-tree` lists the files below a path of a commit with their sizes, so that limits hold before a byte is read;
//! one `git cat-file --batch` then gives the contents of all. What git says is read as it comes, and git is ended where it
//! says more than the limits allow: a tree may have millions of entries. The working tree and the index are not touched,
//! nothing is fetched, and no program runs that a repository's configuration names. A library that reads repositories would be a large dependency for one argument of one command.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};
use plimsoll::helm;
use plimsoll::limits::{Limit, Limits};
use plimsoll::source::{self, normalize};

/// `PATH@REV`.
#[derive(Debug)]
pub(super) struct Revision<'a> {
    /// The whole argument, for messages.
    argument: &'a str,
    /// The part before the `@`; empty for the current folder.
    path: &'a str,
    /// A revision in any form that git takes: a commit, a branch, `HEAD~2`, `main@{yesterday}`.
    rev: &'a str,
}

/// What stands at a path in a revision.
pub(super) enum Content {
    /// A file's bytes.
    File(Vec<u8>),
    /// A folder's files by their paths below it.
    Folder(BTreeMap<String, Vec<u8>>),
}

/// Parses an argument as `PATH@REV`; none if it has no `@`, or if something on the disk has that very name.
pub(super) fn parse(argument: &str) -> Option<Revision<'_>> {
    let (mut path, mut rev) = argument.rsplit_once('@')?;
    // In `PATH@main@{yesterday}` the last `@` belongs to the revision.
    if rev.starts_with('{')
        && let Some((before, _)) = path.rsplit_once('@')
    {
        path = before;
        rev = &argument[path.len() + 1..];
    }
    (!Path::new(argument).exists()).then_some(Revision { argument, path, rev })
}

/// A file in the tree of a commit.
struct Blob {
    /// Its object id, in hexadecimal.
    id: String,
    /// Its path from the root of the repository.
    path: String,
    /// Its bytes.
    size: u64,
}

impl Revision<'_> {
    /// Reads what stands at the path: hidden files are left out, as in a folder on the disk, but not those of a chart of Helm, whose
    /// `.helmignore` is one.
    ///
    /// # Errors
    /// No git, no such revision or path, links in it, or more than the limits allow.
    pub(super) fn read(&self, limits: &Limits) -> Result<Content> {
        let argument = self.argument;
        ensure!(!self.rev.is_empty(), "`{argument}` names no revision after the `@`");
        let (folder, rest) = self.nearest_folder();
        // The path from the root of the repository, since that is what trees of commits know.
        let prefix = self.git(&folder, ["rev-parse", "--show-prefix"])?;
        let below = prefix.trim_end_matches('\n').to_owned() + &rest;
        let below = below.trim_end_matches('/');
        // `--end-of-options`: a revision that begins with a dash is no flag.
        let commit = format!("{}^{{commit}}", self.rev);
        let commit = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
        // With `--quiet` git gives no reason. There is only one: whatever else could fail has done so in the call
        // above.
        let commit = self.git(&folder, commit).map_err(|_| {
            anyhow!("`{argument}`: git knows no revision `{}` here (a shallow clone may lack it)", self.rev)
        })?;
        let blobs = self.list(&folder, commit.trim_end(), below, limits)?;
        let mut texts = self.contents(&folder, &blobs)?;
        // A file is the only one below its own path. A folder with one file in it has a longer path than was asked for.
        match (&mut texts[..], &blobs[..]) {
            ([text], [only]) if only.path == below => Ok(Content::File(std::mem::take(text))),
            _ => {
                let names = blobs.iter().map(|blob| self.below(&blob.path, below).map(str::to_owned));
                let names: Vec<String> = names.collect::<Result<_>>()?;
                Ok(Content::Folder(names.into_iter().zip(texts).collect()))
            }
        }
    }

    /// Reads what stands at a path that is seen from this one, in the same revision.
    ///
    /// # Errors
    /// As [`Revision::read`].
    pub(super) fn read_beside(&self, path: &str, limits: &Limits) -> Result<Content> {
        // On the text: git resolves no `..` behind a folder that is gone.
        let path = normalize(&Path::new(self.path).join(path));
        let path = path.to_string_lossy();
        let argument = format!("{path}@{}", self.rev);
        Revision { argument: &argument, path: &path, rev: self.rev }.read(limits)
    }

    /// Reads a text file.
    ///
    /// # Errors
    /// As [`Revision::read`]; and a folder, or a file that is not UTF-8.
    pub(super) fn read_file(&self, limits: &Limits) -> Result<String> {
        match self.read(limits)? {
            Content::File(bytes) => {
                source::decode_utf8(bytes).map_err(|error| anyhow!("`{}`: {error}", self.argument))
            }
            Content::Folder(_) => bail!("`{}` is a folder, and a file is needed", self.argument),
        }
    }

    /// The nearest folder on the path that exists today, where git can be run, and the rest of the path: what stood
    /// there in the revision may be gone.
    fn nearest_folder(&self) -> (PathBuf, String) {
        let path = Path::new(if self.path.is_empty() { "." } else { self.path });
        let folder = path.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new(""));
        let rest = path.strip_prefix(folder).unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
        // By components: without a `.` and without empty names, as git writes its paths.
        let rest: PathBuf = rest.components().collect();
        (folder, rest.to_string_lossy().replace('\\', "/"))
    }

    /// The part of a path of git that is below a folder; empty for the path of the folder itself.
    ///
    /// # Errors
    /// A path elsewhere: git resolves a `..` behind a folder that is gone from the disk, and `folder` still has it.
    fn below<'p>(&self, path: &'p str, folder: &str) -> Result<&'p str> {
        let rest = path.strip_prefix(folder).map(|rest| rest.trim_start_matches('/'));
        rest.with_context(|| format!("`{}`: write the path without `..`", self.argument))
    }

    /// Refuses what is too much for a chart or a folder of manifests.
    pub(super) fn check_size(&self, limit: Limit, size: u64, limits: &Limits) -> Result<()> {
        let row = limit.row();
        let raise = limit
            .raise(limits.get(limit))
            .map_or_else(String::new, |flag| format!(" (`{flag}` raises this limit)"));
        ensure!(
            size <= limits.get(limit),
            "`{}` is too large: {} of {}{raise}",
            self.argument,
            row.said(size),
            row.what
        );
        Ok(())
    }

    /// The files below a path of a commit.
    ///
    /// # Errors
    /// More of them than the limits allow, in number or in bytes; the listing ends there.
    fn list(&self, folder: &Path, commit: &str, below: &str, limits: &Limits) -> Result<Vec<Blob>> {
        let mut arguments =
            vec!["--literal-pathspecs", "ls-tree", "-r", "-z", "--long", "--full-tree", commit];
        if !below.is_empty() {
            arguments.extend(["--", below]);
        }
        let mut git = Running(self.spawn(command(folder).args(arguments).stdout(Stdio::piped()))?);
        let stdout = git.0.stdout.take().context("git says nothing")?;
        let reason = first_line_of_errors(&mut git.0);
        let mut blobs = Vec::new();
        let mut hidden = Vec::new();
        let mut links = Vec::new();
        let mut entries = 0;
        let mut bytes = 0;
        // `MODE TYPE ID SIZE`, a tab, the path, for each file. A line has at most the bytes that a path may have.
        let mut listing = BufReader::new(stdout);
        loop {
            let mut line = Vec::new();
            (&mut listing).take(LONGEST_LINE).read_until(0, &mut line)?;
            if line.is_empty() {
                break;
            }
            ensure!(line.pop() == Some(0), "git said something unexpected");
            // Hidden files too: they are listed, whether they are read or not.
            entries += 1;
            self.check_size(Limit::Files, entries, limits)?;
            let line = String::from_utf8(line).context("git names files that are not UTF-8")?;
            let (columns, path) = line.split_once('\t').context("git said something unexpected")?;
            let columns: Vec<&str> = columns.split_whitespace().collect();
            let [mode, _, id, size] = columns[..] else { bail!("git said something unexpected") };
            // Hidden files below the path, and not in it: who names `.github` means it.
            let is_hidden = self.below(path, below)?.split('/').any(|part| part.starts_with('.'));
            if is_hidden && (mode == SYMLINK_MODE || mode == SUBMODULE_MODE || size == "BAD") {
                continue;
            }
            // What a link leads to may lie outside of the commit.
            if mode == SYMLINK_MODE {
                links.push(path.to_owned());
                continue;
            }
            // What git says of a blob that a partial clone left out.
            ensure!(
                size != "BAD",
                "`{}`: this clone lacks `{path}` of that revision, and nothing is ever fetched: fetch it with git first",
                self.argument
            );
            ensure!(
                mode != SUBMODULE_MODE,
                "`{}` has a submodule in it, `{path}`: it is a commit of another repository, which is not read; name the \
                 folders beside it",
                self.argument
            );
            let size = size.parse::<u64>().context("git said something unexpected")?;
            if !is_hidden {
                bytes += size;
                self.check_size(Limit::RevisionSize, bytes, limits)?;
            }
            let found = if is_hidden { &mut hidden } else { &mut blobs };
            found.push(Blob { id: id.to_owned(), path: path.to_owned(), size });
        }
        let has = |name: &str| {
            blobs.iter().any(|blob| self.below(&blob.path, below).is_ok_and(|path| path == name))
        };
        let is_helm = has("Chart.yaml") && !has("chart.yaml");
        for link in links {
            let is_left_out = is_helm && !helm::chart::needs(self.below(&link, below)?);
            ensure!(is_left_out, "`{}` has a link in it, `{link}`: they are not followed", self.argument);
        }
        if is_helm {
            bytes += hidden.iter().map(|blob| blob.size).sum::<u64>();
            self.check_size(Limit::RevisionSize, bytes, limits)?;
            blobs.extend(hidden);
        }
        if !git.0.wait()?.success() {
            bail!("`{}` cannot be read: {}", self.argument, reason.join().unwrap_or_default());
        }
        ensure!(!blobs.is_empty(), "`{}`: there is nothing at this path in that revision", self.argument);
        Ok(blobs)
    }

    /// Starts git.
    fn spawn(&self, command: &mut Command) -> Result<Child> {
        command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                anyhow!("`{}` is read with `git`, and that is not installed", self.argument)
            }
            _ => anyhow!("`git` cannot be run: {error}"),
        })
    }

    /// The contents of files, in their order, by one process for all, since starting one for each would be slow.
    fn contents(&self, folder: &Path, blobs: &[Blob]) -> Result<Vec<Vec<u8>>> {
        let mut git = command(folder);
        git.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut git = Running(self.spawn(&mut git)?);
        let mut stdin = git.0.stdin.take().context("git takes no input")?;
        let stdout = git.0.stdout.take().context("git says nothing")?;
        let ids: String = blobs.iter().map(|blob| format!("{}\n", blob.id)).collect();
        // Both pipes hold a bounded number of bytes. Written from this thread, the ids could wait for git to read them
        // while git waits for its answers to be read: a deadlock.
        let writer = std::thread::spawn(move || stdin.write_all(ids.as_bytes()));
        let mut answer = BufReader::new(stdout);
        let texts: Result<Vec<_>> = blobs.iter().map(|blob| read_batch(&mut answer, blob)).collect();
        let texts = texts.with_context(|| format!("`{}`: git could not read its files", self.argument))?;
        let all_asked = writer.join().is_ok_and(|written| written.is_ok());
        ensure!(all_asked && git.0.wait()?.success(), "`{}`: git could not read its files", self.argument);
        Ok(texts)
    }

    /// Runs git in a folder and gives its standard output, which is short: for commands that answer with one name.
    fn git<'g>(&self, folder: &Path, arguments: impl IntoIterator<Item = &'g str>) -> Result<String> {
        let mut git = Running(self.spawn(command(folder).args(arguments).stdout(Stdio::piped()))?);
        let reason = first_line_of_errors(&mut git.0);
        let mut answer = Vec::new();
        git.0.stdout.take().context("git says nothing")?.take(LONGEST_LINE).read_to_end(&mut answer)?;
        if git.0.wait()?.success() {
            return String::from_utf8(answer).context("git names files that are not UTF-8");
        }
        bail!("`{}` cannot be read: {}", self.argument, reason.join().unwrap_or_default())
    }
}

/// The modes of a symbolic link and of a submodule in a tree of git.
const SYMLINK_MODE: &str = "120000";
const SUBMODULE_MODE: &str = "160000";

/// Bytes of the longest line that git may say: systems take paths of 4,096 bytes, and a tree of git longer ones.
const LONGEST_LINE: u64 = 64 << 10;

/// A git at work. It is ended where nobody wants its answer any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, most often.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first line of what git says on standard error, if there is any: what follows is advice about git's own commands.
/// Read beside its answer, as it would wait for a reader.
fn first_line_of_errors(git: &mut Child) -> std::thread::JoinHandle<String> {
    let stderr = git.stderr.take();
    std::thread::spawn(move || {
        let Some(mut stderr) = stderr else { return String::new() };
        let mut first = Vec::new();
        let _ = (&mut stderr).take(LONGEST_LINE).read_to_end(&mut first);
        // The rest is thrown away, or git would wait for ever.
        let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        let reason = String::from_utf8_lossy(&first);
        reason.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned()
    })
}

/// Settings that keep a repository's own configuration from running a program: a repository may come from anybody, and
/// git asks some of these programs even for what a revision means.
const NOTHING_RUNS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.askPass=false",
    "core.gitProxy=none",
    "core.pager=cat",
    "core.editor=false",
    "core.alternateRefsCommand=false",
    "core.attributesFile=/dev/null",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "log.showSignature=false",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
];

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    // Messages in English, so that `fatal: ` can be cut off.
    command.arg("-C").arg(folder).env("LC_ALL", OsStr::new("C")).stdin(Stdio::null()).stderr(Stdio::piped());
    NOTHING_RUNS.iter().for_each(|setting| {
        command.args(["-c", setting]);
    });
    command.arg("--no-pager").env("GIT_OPTIONAL_LOCKS", "0");
    for variable in ["GIT_EXTERNAL_DIFF", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_PROXY_COMMAND"] {
        command.env_remove(variable);
    }
    // A partial clone would fetch what it lacks now, by whatever transport its configuration names: nothing is ever
    // fetched.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none").env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Reads one file of the answer of `git cat-file --batch`: a line `ID TYPE SIZE`, the bytes, a line break.
///
/// # Errors
/// An answer that is not of that form, or of another size than was listed.
fn read_batch(answer: &mut impl BufRead, blob: &Blob) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    answer.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut head)?;
    let head = String::from_utf8_lossy(&head);
    let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    // The limits were held against this size.
    ensure!(size == Some(blob.size), "git said something unexpected of `{}`", blob.path);
    let mut text = Vec::new();
    answer.by_ref().take(blob.size).read_to_end(&mut text)?;
    let mut line_break = [0];
    answer.read_exact(&mut line_break)?;
    Ok(text)
}
