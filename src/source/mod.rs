//! What was read, and where in it: sources, spans, lines and source maps; the only disk access.
//!
//! Every text becomes a [`Source`] of the session: a file, a flag, a bundled chart, and also what a template was
//! rendered to. Whatever is made of a text keeps its [`Span`]. A span of a rendered text is followed to its template
//! by the [`SourceMap`] of that text, and a value that a template printed has an [`OriginId`] besides, which names
//! the settings that it was made of.

mod escape;
mod fingerprint;
mod map;
mod origins;
mod packed_text;
mod provenance;
mod read;
mod text;

pub use escape::{command_marks, escaped, escaped_lines, is_unprintable};
pub(crate) use fingerprint::{combined, fingerprint};
pub use map::{Mapping, SourceMap, ValueRange};
pub(crate) use origins::{OriginShift, Origins};
pub use packed_text::PackedText;
pub use provenance::{Input, Origin, OriginId, SourceId, Span};
pub use read::{
    Listing, ReadError, decode_utf8, list_everything, list_files, list_files_except, list_found, normalize,
    read_bytes, read_manifest, read_stdin, read_text, relative_path,
};
pub use text::{Readability, Source, SourceKind, Text};
