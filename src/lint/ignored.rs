//! What `lint` passes over in a folder: what git ignores, and what `plimsoll.yaml` excludes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::config::Config;
use crate::source;

/// The patterns that count below one folder.
pub(super) struct Ignored<'c> {
    /// The folder, with links followed.
    root: PathBuf,
    /// Those of `.gitignore` files by folder, from the root of the repository down; read when they are first asked for.
    gitignores: HashMap<PathBuf, Gitignore>,
    /// The root of the repository; none outside of one, where no `.gitignore` counts.
    repository: Option<PathBuf>,
    config: &'c Config,
    /// The folder as seen from that of `plimsoll.yaml`; none if it is not below it.
    from_config: Option<String>,
}

impl<'c> Ignored<'c> {
    /// For the files below a folder.
    pub(super) fn new(folder: &Path, config: &'c Config) -> Self {
        let root = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let repository = root.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
        let from_config =
            if config.exclude.is_empty() { None } else { source::relative_path(&config.folder, folder) };
        Ignored { root, gitignores: HashMap::new(), repository, config, from_config }
    }

    /// Whether a path below the folder is passed over.
    pub(super) fn is_ignored(&mut self, relative: &str, is_folder: bool) -> bool {
        self.is_excluded(relative) || self.is_ignored_by_git(relative, is_folder)
    }

    fn is_excluded(&self, relative: &str) -> bool {
        let Some(from_config) = &self.from_config else { return false };
        let file =
            if from_config.is_empty() { relative.to_owned() } else { format!("{from_config}/{relative}") };
        self.config.exclude.iter().any(|pattern| pattern.matches(&file))
    }

    fn is_ignored_by_git(&mut self, relative: &str, is_folder: bool) -> bool {
        let Some(repository) = self.repository.clone() else { return false };
        let path = self.root.join(relative);
        // The nearest file that says something counts. A folder that is ignored is never entered, so nothing has to be
        // asked of the folders above.
        for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(&repository)) {
            let gitignore =
                self.gitignores.entry(folder.to_owned()).or_insert_with(|| gitignore(folder, &repository));
            match gitignore.matched(&path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

/// The patterns of a folder. Lines that are no pattern are passed over, as git does.
fn gitignore(folder: &Path, repository: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    if folder == repository {
        // Before the file of the folder, which takes precedence.
        let _ = builder.add(folder.join(".git/info/exclude"));
    }
    let _ = builder.add(folder.join(".gitignore"));
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
