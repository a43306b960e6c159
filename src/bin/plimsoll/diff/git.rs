//! Folders and files as they were in a git revision, read with the `git` of the system.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};
use plimsoll::limits::{Limit, Limits};
use plimsoll::source;

/// `PATH@REV`, as it was given.
#[derive(Debug)]
pub(super) struct Revision<'a> {
    argument: &'a str,
    path: &'a str,
    rev: &'a str,
}

/// What stands at a path in a revision.
pub(super) enum Found {
    /// A file's bytes.
    File(Vec<u8>),
    /// A folder's files by their paths below it.
    Folder(BTreeMap<String, Vec<u8>>),
}

/// Reads an argument as `PATH@REV`, if nothing on the disk has that name.
pub(super) fn revision(argument: &str) -> Option<Revision<'_>> {
    let (path, rev) = argument.rsplit_once('@')?;
    // `main@{yesterday}` ends in braces that belong to the revision.
    let (path, rev) = match (rev.starts_with('{'), path.rsplit_once('@')) {
        (true, Some((path, _))) => (path, &argument[path.len() + 1..]),
        _ => (path, rev),
    };
    (!Path::new(argument).exists()).then_some(Revision { argument, path, rev })
}

/// A file in the tree of a commit.
struct Blob {
    id: String,
    path: String,
}

impl Revision<'_> {
    /// Reads what stands there.
    pub(super) fn read(&self, limits: &Limits) -> Result<Found> {
        let argument = self.argument;
        ensure!(!self.rev.is_empty(), "`{argument}` names no revision after the `@`");
        let (folder, rest) = self.nearest_folder();
        let prefix = self.git(&folder, ["rev-parse", "--show-prefix"])?;
        let below = prefix.trim_end_matches('\n').to_owned() + &rest;
        let below = below.trim_end_matches('/');
        let commit = format!("{}^{{commit}}", self.rev);
        let commit = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
        let commit = self.git(&folder, commit).map_err(|_| {
            anyhow!("`{argument}`: git knows no revision `{}` here (a shallow clone may lack it)", self.rev)
        })?;
        let (blobs, bytes) = self.list(&folder, commit.trim_end(), below)?;
        self.check_size(Limit::Files, blobs.len() as u64, limits)?;
        self.check_size(Limit::RevisionSize, bytes, limits)?;
        let mut texts = self.contents(&folder, &blobs)?;
        match (&mut texts[..], &blobs[..]) {
            ([text], [only]) if only.path == below => Ok(Found::File(std::mem::take(text))),
            _ => {
                let relative = |blob: Blob| blob.path[below.len()..].trim_start_matches('/').to_owned();
                Ok(Found::Folder(blobs.into_iter().map(relative).zip(texts).collect()))
            }
        }
    }

    /// Reads a text file.
    pub(super) fn read_file(&self, limits: &Limits) -> Result<String> {
        match self.read(limits)? {
            Found::File(bytes) => {
                source::text_of(bytes).map_err(|error| anyhow!("`{}`: {error}", self.argument))
            }
            Found::Folder(_) => bail!("`{}` is a folder, and a file is needed", self.argument),
        }
    }

    /// The nearest folder that is there today, and the way from it: what stood there may be gone.
    fn nearest_folder(&self) -> (PathBuf, String) {
        let path = Path::new(if self.path.is_empty() { "." } else { self.path });
        let folder = path.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new(""));
        let rest = path.strip_prefix(folder).unwrap_or(Path::new(""));
        let here = folder.as_os_str().is_empty();
        let folder = if here { PathBuf::from(".") } else { folder.to_owned() };
        (folder, rest.to_string_lossy().replace('\\', "/"))
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

    /// The files below a path of a commit, and how many bytes they have.
    fn list(&self, folder: &Path, commit: &str, below: &str) -> Result<(Vec<Blob>, u64)> {
        let mut arguments =
            vec!["--literal-pathspecs", "ls-tree", "-r", "-z", "--long", "--full-tree", commit];
        if !below.is_empty() {
            arguments.extend(["--", below]);
        }
        let listing = self.git(folder, arguments)?;
        let lines = listing.split('\0').filter(|line| !line.is_empty());
        let (mut blobs, mut bytes) = (Vec::new(), 0);
        for line in lines {
            let (facts, path) = line.split_once('\t').context("git said something unexpected")?;
            let facts: Vec<&str> = facts.split_whitespace().collect();
            let [mode, _, id, size] = facts[..] else { bail!("git said something unexpected") };
            if path[below.len().min(path.len())..].split('/').any(|part| part.starts_with('.')) {
                continue;
            }
            ensure!(
                mode != "120000",
                "`{}` has a link in it, `{path}`: they are not followed",
                self.argument
            );
            ensure!(
                size != "BAD",
                "`{}`: this clone lacks `{path}` of that revision, and nothing is ever fetched: fetch it with git first",
                self.argument
            );
            bytes += size.parse::<u64>().unwrap_or(0);
            blobs.push(Blob { id: id.to_owned(), path: path.to_owned() });
        }
        ensure!(!blobs.is_empty(), "`{}`: there is nothing at this path in that revision", self.argument);
        Ok((blobs, bytes))
    }

    /// The contents of files, by one process for all.
    fn contents(&self, folder: &Path, blobs: &[Blob]) -> Result<Vec<Vec<u8>>> {
        let mut git = command(folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = git.stdin.take().context("git takes no input")?;
        let asked: String = blobs.iter().map(|blob| format!("{}\n", blob.id)).collect();
        // Both pipes are of bounded size: what is asked must not wait for what is answered.
        let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
        let output = git.wait_with_output()?;
        let asked = writer.join().is_ok_and(|written| written.is_ok());
        ensure!(asked && output.status.success(), "`{}`: git could not read its files", self.argument);
        split_batch(&output.stdout, blobs.len()).context("git said something unexpected")
    }

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
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
        bail!("`{}` cannot be read: {reason}", self.argument)
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).env("LC_ALL", OsStr::new("C")).stdin(Stdio::null()).stderr(Stdio::piped());
    // A clone that leaves objects out would fetch them now, over whatever its configuration names: nothing is ever fetched.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none").env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Cuts the answer of `git cat-file --batch`: a line `ID TYPE SIZE`, the bytes, a line break, for each file.
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
