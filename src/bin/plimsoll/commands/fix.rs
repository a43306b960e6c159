//! `plimsoll lint --fix`: makes the changes that findings are certain of.
//!
//! On a terminal the changes are shown first, and made if the user says so. Elsewhere, as in a hook, they are made: the
//! flag says that this is wanted.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use plimsoll::diff::unified_diff;
use plimsoll::lint::FixedFile;

use crate::output_folder;
use crate::terminal;

/// What was done with some changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// They were made.
    Made,
    /// The user did not want them.
    Declined,
}

/// Shows the changes on a terminal, and makes them.
///
/// # Errors
/// A file that has changed since it was read, or that cannot be written. Files before it have been written then.
pub fn apply(files: &[FixedFile]) -> Result<Fixed> {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        for file in files {
            terminal::write_stderr(&unified_diff(&file.path, &file.old, &file.new))?;
        }
        if !is_wanted(files)? {
            return Ok(Fixed::Declined);
        }
    }
    for file in files {
        write(file)?;
    }
    Ok(Fixed::Made)
}

fn is_wanted(files: &[FixedFile]) -> Result<bool> {
    let changes: usize = files.iter().map(|file| file.changes).sum();
    let mut stderr = std::io::stderr().lock();
    write!(stderr, "make {} in {}? [y/N] ", counted(changes, "change"), counted(files.len(), "file"))?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A count with its noun: `1 change`, `2 changes`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn write(file: &FixedFile) -> Result<()> {
    let path = Path::new(&file.path);
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", file.path))?;
    // A byte order mark is no part of the text that was read, and stays.
    let mark = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { &[] };
    ensure!(
        bytes[mark.len()..] == *file.old.as_bytes(),
        "`{}` has changed since it was read: nothing in it was changed",
        file.path
    );
    // The file that a link leads to is mended, and not the link replaced.
    let target = path.canonicalize().with_context(|| format!("cannot read `{}`", file.path))?;
    let permissions = std::fs::metadata(&target)?.permissions();
    output_folder::replace_file(&target, &[mark, file.new.as_bytes()].concat())?;
    std::fs::set_permissions(&target, permissions)
        .with_context(|| format!("cannot set the permissions of `{}`", file.path))
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
