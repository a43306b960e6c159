//! From checked documents to text: order, one stream or a folder of files. Nothing is written to a disk here.
//!
//! ```text
//! documents ─ only_templates ─► those that were asked for
//!           ─ install_order ──► in the order of installation, identity first in each
//!           ─ stream ─────────► one text, for `kubectl apply -f -`
//!           ─ files ──────────► [OutputFile { path, text }], for the binary to write
//! ```
//!
//! The same documents give the same bytes: nothing here depends on threads, the time, the order of a hash map or the
//! system. So a pipeline can commit the output and compare it.
//!
//! Paths are decided here and not in the binary: they are made of names from the input, and what makes them safe can be
//! tested without a disk.

mod order;
mod output;
#[cfg(test)]
mod tests;

pub(crate) use order::install_sort_key;
pub use order::{install_order, only_templates};
pub use output::{Format, OutputFile, files, folder_name_problem, stream, stream_chunks};
