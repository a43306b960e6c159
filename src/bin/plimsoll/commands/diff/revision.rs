//! Folders and files as they were in a git revision, read with the `git` of the system.
//!
//! ```text
//! charts/web@v1.2 ─► parse ─► nearest_folder ─► git rev-parse ─► git ls-tree ─► limits ─► git cat-file --batch ─► Content
//! ```
//!
//! Links are followed within the commit, by hand: what the working tree has at the same path may be something else.
//!
//! `git ls-tree` lists the files below a path of a commit with their sizes, so that limits hold before a byte is read;
//! one `git cat-file --batch` then gives the contents of all. What git says is read as it comes, and git is ended where it
//! says more than the limits allow: a tree may have millions of entries. The working tree and the index are not touched,
//! nothing is fetched, and no program runs that a repository's configuration names. A library that reads repositories would be a large dependency for one argument of one command.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fmt;
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

/// A link that cannot be followed, where it is needed.
#[derive(Debug)]
pub(super) struct BrokenLink(String);

impl fmt::Display for BrokenLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BrokenLink {}

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
    /// No git, no such revision or path, links that lead out of the repository or to nothing, or more than the limits allow.
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
        let nearest = path.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new(""));
        // A link within the repository leads where it led in the revision, and not where it leads today.
        let before_link = path.ancestors().filter(|above| above.is_symlink()).filter_map(|link| {
            let parent = link.parent()?;
            let repository = repository_of(parent)?;
            repository_of(link).is_none_or(|other| other == repository).then_some(parent)
        });
        let folder = before_link.last().unwrap_or(nearest);
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

    /// The files below a path of a commit, with what links lead to in the places of the links.
    ///
    /// # Errors
    /// More of them than the limits allow, in number or in bytes, where the listing ends; a link that cannot be followed, of which
    /// no chart of Helm does without.
    fn list(&self, folder: &Path, commit: &str, below: &str, limits: &Limits) -> Result<Vec<Blob>> {
        let tree = Tree { revision: self, folder, commit };
        let mut listing = Listing::of(self, below, limits);
        let paths: Vec<&str> = if below.is_empty() { Vec::new() } else { vec![below] };
        tree.entries("-r", &paths, |entry| {
            let shown = entry.path.clone();
            listing.add(entry, shown, &[])
        })?;
        if listing.entries == 0 && !below.is_empty() {
            // The path itself may lead through a link.
            let (shown, real) = (below.to_owned(), below.to_owned());
            listing.links.push(Link { shown, real, through: Vec::new(), is_named: true });
        }
        let broken = tree.follow_links(&mut listing)?;
        let names: BTreeSet<&str> =
            listing.blobs.iter().filter_map(|blob| self.below(&blob.path, below).ok()).collect();
        let is_helm = is_chart_of_helm(&names, "");
        for (link, reason) in broken {
            let is_left_out = is_helm && !helm::chart::needs(self.below(&link, below)?);
            if link == below {
                ensure!(
                    reason == NOWHERE,
                    BrokenLink(format!("`{}` is a link in that revision that leads {reason}", self.argument))
                );
                bail!("`{}`: there is nothing at this path in that revision", self.argument);
            }
            if !is_left_out {
                let argument = self.argument;
                return Err(BrokenLink(format!(
                    "`{argument}` has a link in it, `{link}`, that leads {reason}"
                ))
                .into());
            }
        }
        // Of a chart of Helm hidden files count, wherever it lies.
        let is_wanted = |blob: &Blob| {
            let path = self.below(&blob.path, below).unwrap_or_default();
            let parts: Vec<&str> = path.split('/').collect();
            let visible = parts.iter().take_while(|part| !part.starts_with('.')).count();
            (0..=visible).any(|count| is_chart_of_helm(&names, &parts[..count].join("/")))
        };
        let hidden: Vec<Blob> = std::mem::take(&mut listing.hidden).into_iter().filter(is_wanted).collect();
        let bytes = listing.bytes + hidden.iter().map(|blob| blob.size).sum::<u64>();
        self.check_size(Limit::RevisionSize, bytes, limits)?;
        let mut blobs = std::mem::take(&mut listing.blobs);
        blobs.extend(hidden);
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

/// The git repository that a folder is in, links followed; none if it is in none, or is not there.
fn repository_of(folder: &Path) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let real = folder.canonicalize().ok()?;
    real.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
}

/// Whether some of these files make a chart of Helm of a folder, seen from where the names are.
fn is_chart_of_helm(names: &BTreeSet<&str>, folder: &str) -> bool {
    let has = |name: &str| match folder {
        "" => names.contains(name),
        folder => names.contains(format!("{folder}/{name}").as_str()),
    };
    has("Chart.yaml") && !has("chart.yaml")
}

/// What `git ls-tree` says of a path.
#[derive(Clone)]
struct TreeEntry {
    /// `100644`, [`SYMLINK_MODE`], …
    mode: String,
    id: String,
    /// Its bytes; `-` of a folder, `BAD` of what this clone does not have.
    size: String,
    /// From the root of the repository.
    path: String,
}

/// A link in a listing.
struct Link {
    /// Where it is shown: below the path that was asked for.
    shown: String,
    /// Where it is: another place, if a link led there.
    real: String,
    /// The folders that links led to on the way there.
    through: Vec<String>,
    /// Whether it is the very path that was asked for.
    is_named: bool,
}

/// What was listed so far.
struct Listing<'l> {
    revision: &'l Revision<'l>,
    below: &'l str,
    limits: &'l Limits,
    blobs: Vec<Blob>,
    /// Files whose names, or those of their folders, begin with a dot.
    hidden: Vec<Blob>,
    links: Vec<Link>,
    entries: u64,
    /// The bytes of `blobs`.
    bytes: u64,
}

impl<'l> Listing<'l> {
    fn of(revision: &'l Revision<'l>, below: &'l str, limits: &'l Limits) -> Self {
        let (blobs, hidden, links) = (Vec::new(), Vec::new(), Vec::new());
        Listing { revision, below, limits, blobs, hidden, links, entries: 0, bytes: 0 }
    }

    /// Adds what is shown at a path.
    fn add(&mut self, entry: TreeEntry, shown: String, through: &[String]) -> Result<()> {
        let argument = self.revision.argument;
        // Hidden files too: they are listed, whether they are read or not.
        self.entries += 1;
        self.revision.check_size(Limit::Files, self.entries, self.limits)?;
        let TreeEntry { mode, id, size, path } = entry;
        // Hidden files below the path, and not in it: who names `.github` means it.
        let is_hidden = self.revision.below(&shown, self.below)?.split('/').any(|part| part.starts_with('.'));
        if is_hidden && (mode == SYMLINK_MODE || mode == SUBMODULE_MODE || size == "BAD") {
            return Ok(());
        }
        if mode == SYMLINK_MODE {
            let is_named = shown == self.below;
            self.links.push(Link { shown, real: path, through: through.to_vec(), is_named });
            return Ok(());
        }
        // What git says of a blob that a partial clone left out.
        ensure!(
            size != "BAD",
            "`{argument}`: this clone lacks `{path}` of that revision, and nothing is ever fetched: fetch it with git first"
        );
        ensure!(
            mode != SUBMODULE_MODE,
            "`{argument}` has a submodule in it, `{path}`: it is a commit of another repository, which is not read; name the \
             folders beside it"
        );
        let size = size.parse::<u64>().context("git said something unexpected")?;
        if !is_hidden {
            self.bytes += size;
            self.revision.check_size(Limit::RevisionSize, self.bytes, self.limits)?;
        }
        let found = if is_hidden { &mut self.hidden } else { &mut self.blobs };
        found.push(Blob { id, path: shown, size });
        Ok(())
    }
}

/// The tree of a commit, asked of git.
struct Tree<'t> {
    revision: &'t Revision<'t>,
    /// Where git runs.
    folder: &'t Path,
    commit: &'t str,
}

/// Where a link leads to.
enum Target {
    File(TreeEntry),
    /// Its path; empty for the root of the repository.
    Folder(String),
}

/// A link on its way.
struct Walk {
    /// The folders that it has come to.
    at: Vec<String>,
    /// What is left to go.
    rest: VecDeque<String>,
    /// How many links it has met.
    links: usize,
    end: Option<std::result::Result<Target, &'static str>>,
}

/// What keeps a link from being followed.
const OUTSIDE: &str = "out of the repository: what lies there belongs to no revision";
const NOWHERE: &str = "to nothing in that revision";
const CIRCLE: &str = "round in a circle";
const HIDDEN: &str = "to what begins with a dot, which is not read";
const SUBMODULE: &str = "into a submodule, which is a commit of another repository";

/// The most links on the way of one, as Linux has it.
const MOST_LINKS: usize = 40;

/// So many paths are asked of git at once: a command line has an end.
const PATHS_AT_ONCE: usize = 100;

impl Tree<'_> {
    /// Shows what is at some paths: with `-r` the files below them, with `-t` they themselves and the folders that they are in.
    /// All of the tree without any.
    fn entries(
        &self,
        depth: &str,
        paths: &[&str],
        mut meet: impl FnMut(TreeEntry) -> Result<()>,
    ) -> Result<()> {
        let argument = self.revision.argument;
        let mut arguments =
            vec!["--literal-pathspecs", "ls-tree", depth, "-z", "--long", "--full-tree", self.commit];
        if !paths.is_empty() {
            arguments.push("--");
            arguments.extend(paths);
        }
        let git = self.revision.spawn(command(self.folder).args(arguments).stdout(Stdio::piped()))?;
        let mut git = Running(git);
        let stdout = git.0.stdout.take().context("git says nothing")?;
        let reason = first_line_of_errors(&mut git.0);
        // `MODE TYPE ID SIZE`, a tab, the path, for each file. A line has at most the bytes that a path may have.
        let mut listing = BufReader::new(stdout);
        loop {
            let mut line = Vec::new();
            (&mut listing).take(LONGEST_LINE).read_until(0, &mut line)?;
            if line.is_empty() {
                break;
            }
            ensure!(line.pop() == Some(0), "git said something unexpected");
            let line = String::from_utf8(line).context("git names files that are not UTF-8")?;
            let (columns, path) = line.split_once('\t').context("git said something unexpected")?;
            let columns: Vec<&str> = columns.split_whitespace().collect();
            let [mode, _, id, size] = columns[..] else { bail!("git said something unexpected") };
            let text = str::to_owned;
            meet(TreeEntry { mode: text(mode), id: text(id), size: text(size), path: text(path) })?;
        }
        if !git.0.wait()?.success() {
            bail!("`{argument}` cannot be read: {}", reason.join().unwrap_or_default());
        }
        Ok(())
    }

    /// Puts what links lead to in their places, and gives those that cannot be followed, with the reasons.
    fn follow_links(&self, listing: &mut Listing<'_>) -> Result<Vec<(String, &'static str)>> {
        let mut broken = Vec::new();
        // A folder that a link leads to may have links in it.
        while !listing.links.is_empty() {
            let links = std::mem::take(&mut listing.links);
            let targets = self.targets(&links)?;
            let mut folders: BTreeMap<String, Vec<Link>> = BTreeMap::new();
            for (link, target) in links.into_iter().zip(targets) {
                match target {
                    Ok(Target::File(entry)) => listing.add(entry, link.shown, &[])?,
                    Ok(Target::Folder(path)) => {
                        let is_around = |inner: &str| is_below(inner, &path);
                        if is_around(&link.real) && link.real != path || link.through.contains(&path) {
                            broken.push((link.shown, CIRCLE));
                        } else {
                            folders.entry(path).or_default().push(link);
                        }
                    }
                    Err(reason) => broken.push((link.shown, reason)),
                }
            }
            let folders: Vec<(String, Vec<Link>)> = folders.into_iter().collect();
            for some in folders.chunks(PATHS_AT_ONCE) {
                let paths: Vec<&str> =
                    some.iter().map(|(path, _)| path.as_str()).filter(|path| !path.is_empty()).collect();
                self.entries("-r", &paths, |entry| {
                    for (path, links) in some.iter().filter(|(path, _)| is_below(&entry.path, path)) {
                        let rest = entry.path[path.len()..].trim_start_matches('/');
                        for link in links {
                            let through: Vec<String> = link.through.iter().chain([path]).cloned().collect();
                            let shown = format!("{}/{rest}", link.shown);
                            listing.add(entry.clone(), shown, &through)?;
                        }
                    }
                    Ok(())
                })?;
            }
        }
        Ok(broken)
    }

    /// Where links lead to, or why they cannot be followed.
    fn targets(&self, links: &[Link]) -> Result<Vec<std::result::Result<Target, &'static str>>> {
        let walk =
            |link: &Link| Walk { at: Vec::new(), rest: parts(&link.real).collect(), links: 0, end: None };
        let mut walks: Vec<Walk> = links.iter().map(walk).collect();
        // What is at a path; none where nothing is.
        let mut known: BTreeMap<String, Option<TreeEntry>> = BTreeMap::new();
        // What links say, by their ids.
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        loop {
            let mut asked: BTreeSet<String> = BTreeSet::new();
            let mut unread: BTreeMap<String, Blob> = BTreeMap::new();
            for walk in walks.iter_mut().filter(|walk| walk.end.is_none()) {
                walk.go(&known, &texts, &mut asked, &mut unread);
            }
            if asked.is_empty() && unread.is_empty() {
                break;
            }
            let paths: Vec<&str> = asked.iter().map(String::as_str).collect();
            for some in paths.chunks(PATHS_AT_ONCE) {
                self.entries("-t", some, |entry| {
                    // What stands beside them is listed as well.
                    if some.iter().any(|path| is_below(path, &entry.path)) {
                        known.insert(entry.path.clone(), Some(entry));
                    }
                    Ok(())
                })?;
            }
            for path in asked {
                known.entry(path).or_insert(None);
            }
            let unread: Vec<Blob> = unread.into_values().collect();
            let read = self.revision.contents(self.folder, &unread)?;
            for (blob, text) in unread.into_iter().zip(read) {
                texts.insert(blob.id, String::from_utf8(text).unwrap_or_default());
            }
        }
        let end = |(walk, link): (Walk, &Link)| {
            let is_hidden = walk.at.iter().any(|part| part.starts_with('.'));
            match walk.end.unwrap_or(Err(CIRCLE)) {
                // A path that the user names may be hidden.
                Ok(_) if !link.is_named && is_hidden => Err(HIDDEN),
                end => end,
            }
        };
        Ok(walks.into_iter().zip(links).map(end).collect())
    }
}

/// The names in a path.
fn parts(path: &str) -> impl Iterator<Item = String> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned)
}

/// Whether a path is that of a folder, or below it; all are below the root, whose path is empty.
fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Walk {
    /// Goes on as far as it is known what stands there. What is to be asked of git is added to `asked` and `unread`.
    fn go(
        &mut self,
        known: &BTreeMap<String, Option<TreeEntry>>,
        texts: &BTreeMap<String, String>,
        asked: &mut BTreeSet<String>,
        unread: &mut BTreeMap<String, Blob>,
    ) {
        while self.end.is_none() {
            let Some(part) = self.rest.front() else {
                self.end = Some(Ok(Target::Folder(self.at.join("/"))));
                return;
            };
            if part == ".." {
                self.end = self.at.pop().is_none().then_some(Err(OUTSIDE));
                self.rest.pop_front();
                continue;
            }
            let path = self.at.iter().chain([part]).cloned().collect::<Vec<_>>().join("/");
            let Some(found) = known.get(&path) else {
                // With what most likely comes behind it, if that was not asked in vain before.
                let ahead = self.rest.iter().take_while(|part| *part != "..");
                let ahead = self.at.iter().chain(ahead).cloned().collect::<Vec<_>>().join("/");
                asked.insert(if known.contains_key(&ahead) { path } else { ahead });
                return;
            };
            let Some(entry) = found else {
                self.end = Some(Err(NOWHERE));
                return;
            };
            match entry.mode.as_str() {
                SYMLINK_MODE => {
                    let Some(text) = texts.get(&entry.id) else {
                        let Ok(size) = entry.size.parse() else {
                            self.end = Some(Err(NOWHERE));
                            return;
                        };
                        if size > LONGEST_LINE {
                            self.end = Some(Err(NOWHERE));
                            return;
                        }
                        let (id, path) = (entry.id.clone(), entry.path.clone());
                        unread.insert(entry.id.clone(), Blob { id, path, size });
                        return;
                    };
                    self.links += 1;
                    if self.links > MOST_LINKS {
                        self.end = Some(Err(CIRCLE));
                    } else if text.starts_with('/') {
                        self.end = Some(Err(OUTSIDE));
                    } else if text.is_empty() || text.contains('\0') {
                        self.end = Some(Err(NOWHERE));
                    } else {
                        self.rest.pop_front();
                        for part in parts(text).collect::<Vec<_>>().into_iter().rev() {
                            self.rest.push_front(part);
                        }
                    }
                }
                SUBMODULE_MODE => self.end = Some(Err(SUBMODULE)),
                TREE_MODE => self.at.extend(self.rest.pop_front()),
                _ if self.rest.len() == 1 => {
                    self.at.extend(self.rest.pop_front());
                    self.end = Some(Ok(Target::File(entry.clone())));
                }
                _ => self.end = Some(Err(NOWHERE)),
            }
        }
    }
}

/// The modes of a folder, a symbolic link and a submodule in a tree of git.
const TREE_MODE: &str = "040000";
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
