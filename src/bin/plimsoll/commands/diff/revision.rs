//! Folders and files as they were in a git revision, read with the `git` of the system.
//!
//! ```text
//! charts/web@v1.2 ─► parse ─► nearest_folder ─► git rev-parse ─► git ls-tree ─► limits ─► git cat-file --batch ─► Content
//! ```
//!
//! `git ls-tree` lists the files below a path of a commit with their sizes, so that limits hold before a byte is read;
//! one `git cat-file --batch` then gives the contents of all. The working tree and the index are not touched, and
//! nothing is fetched. A library that reads repositories would be a large dependency for one argument of one command.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};
use plimsoll::limits::{Limit, Limits};
use plimsoll::source;

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
}

impl Revision<'_> {
    /// Reads what stands at the path: hidden files are left out, as in a folder on the disk.
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
        let (blobs, bytes) = self.list(&folder, commit.trim_end(), below)?;
        self.check_size(Limit::Files, blobs.len() as u64, limits)?;
        self.check_size(Limit::RevisionSize, bytes, limits)?;
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
    fn check_size(&self, limit: Limit, size: u64, limits: &Limits) -> Result<()> {
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

    /// The files below a path of a commit, and how many bytes they have together.
    fn list(&self, folder: &Path, commit: &str, below: &str) -> Result<(Vec<Blob>, u64)> {
        let mut arguments =
            vec!["--literal-pathspecs", "ls-tree", "-r", "-z", "--long", "--full-tree", commit];
        if !below.is_empty() {
            arguments.extend(["--", below]);
        }
        let listing = self.git(folder, arguments)?;
        let mut blobs = Vec::new();
        let mut bytes = 0;
        // `MODE TYPE ID SIZE`, a tab, the path, for each file.
        for line in listing.split('\0').filter(|line| !line.is_empty()) {
            let (columns, path) = line.split_once('\t').context("git said something unexpected")?;
            let columns: Vec<&str> = columns.split_whitespace().collect();
            let [mode, _, id, size] = columns[..] else { bail!("git said something unexpected") };
            // Hidden files below the path, and not in it: who names `.github` means it.
            if self.below(path, below)?.split('/').any(|part| part.starts_with('.')) {
                continue;
            }
            // What a link leads to may lie outside of the commit.
            ensure!(
                mode != SYMLINK_MODE,
                "`{}` has a link in it, `{path}`: they are not followed",
                self.argument
            );
            // What git says of a blob that a partial clone left out.
            ensure!(
                size != "BAD",
                "`{}`: this clone lacks `{path}` of that revision, and nothing is ever fetched: fetch it with git first",
                self.argument
            );
            // Only a submodule has no number here but `-`: it is a commit of another repository, and cannot be read
            // below.
            bytes += size.parse::<u64>().unwrap_or(0);
            blobs.push(Blob { id: id.to_owned(), path: path.to_owned() });
        }
        ensure!(!blobs.is_empty(), "`{}`: there is nothing at this path in that revision", self.argument);
        Ok((blobs, bytes))
    }

    /// The contents of files, in their order, by one process for all, since starting one for each would be slow.
    fn contents(&self, folder: &Path, blobs: &[Blob]) -> Result<Vec<Vec<u8>>> {
        let mut git = command(folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = git.stdin.take().context("git takes no input")?;
        let ids: String = blobs.iter().map(|blob| format!("{}\n", blob.id)).collect();
        // Both pipes hold a bounded number of bytes. Written from this thread, the ids could wait for git to read them
        // while git waits for its answers to be read: a deadlock.
        let writer = std::thread::spawn(move || stdin.write_all(ids.as_bytes()));
        let output = git.wait_with_output()?;
        let all_asked = writer.join().is_ok_and(|written| written.is_ok());
        ensure!(all_asked && output.status.success(), "`{}`: git could not read its files", self.argument);
        split_batch(&output.stdout, blobs.len()).context("git said something unexpected")
    }

    /// Runs git in a folder and gives its standard output.
    fn git<'g>(&self, folder: &Path, arguments: impl IntoIterator<Item = &'g str>) -> Result<String> {
        let output = command(folder).args(arguments).output().map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                anyhow!("`{}` is read with `git`, and that is not installed", self.argument)
            }
            _ => anyhow!("`git` cannot be run: {error}"),
        })?;
        if output.status.success() {
            return String::from_utf8(output.stdout).context("git names files that are not UTF-8");
        }
        // The first line alone, if there is any: what follows is advice about git's own commands.
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
        bail!("`{}` cannot be read: {reason}", self.argument)
    }
}

/// The mode of a symbolic link in a tree of git.
const SYMLINK_MODE: &str = "120000";

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    // Messages in English, so that `fatal: ` can be cut off.
    command.arg("-C").arg(folder).env("LC_ALL", OsStr::new("C")).stdin(Stdio::null()).stderr(Stdio::piped());
    // A partial clone would fetch what it lacks now, by whatever transport its configuration names: nothing is ever
    // fetched.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none").env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Cuts the answer of `git cat-file --batch`: a line `ID TYPE SIZE`, the bytes, a line break, for each of `count`
/// files. None if it is not of that form.
fn split_batch(mut answer: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut texts = Vec::with_capacity(count);
    for _ in 0..count {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let (head, rest) = answer.split_at(end + 1);
        let size = std::str::from_utf8(head).ok()?.trim_end().rsplit(' ').next()?.parse().ok()?;
        let (text, rest) = rest.split_at_checked(size)?;
        texts.push(text.to_owned());
        answer = rest.get(1..)?;
    }
    Some(texts)
}
