//! Files that are no files: a report may go to `/dev/stderr`, or into a pipe with a name.

use std::fs::{File, Metadata};
use std::path::Path;

use anyhow::Result;

/// Refuses a named pipe that nobody reads: opening it would wait for a reader for ever. While the file lives, the pipe can
/// be opened without waiting.
#[cfg(target_os = "linux")]
pub(super) fn refuse_pipe_without_reader(target: &Path, metadata: &Metadata) -> Result<Option<File>> {
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

    use anyhow::Context;

    if !metadata.file_type().is_fifo() {
        return Ok(None);
    }
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    let flags = i32::try_from(flags).unwrap_or_default();
    let opened = File::options().write(true).custom_flags(flags).open(target);
    opened
        .map(Some)
        .with_context(|| format!("nobody reads the pipe `{}`: start its reader first", target.display()))
}

/// Other systems than Linux are not asked.
#[cfg(not(target_os = "linux"))]
pub(super) fn refuse_pipe_without_reader(_: &Path, _: &Metadata) -> Result<Option<File>> {
    Ok(None)
}
