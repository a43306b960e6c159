//! Bound values: how the engine holds the values, what each printed expression binds, and where it was written.
//!
//! ```text
//! Node (merged values) ─ value ─► what templates see: maps and lists that know their place in the tree
//!                                        │ an expression is printed
//!                                        ▼
//!                     bind_value ─► Slot in the RenderState (slot); the text gets the slot's number
//!                         ├─ provenance: the values behind it, by identity, by path, or through aliases
//!                         └─ removed: the `null` that it has no value because of
//!                                        │ an operator or a filter computes
//!                                        ├─ native: the engine's own numbers, for that
//!                                        │ the template has run
//!                                        ▼
//!                       binder ─► RenderedTemplate: a Binding for each slot, a source map (source_map)
//!                         └─ known_texts: the texts of the last run, and what became of them
//!                                        │ the documents have been read
//!                                        ▼
//!                       refuse_unused ─► what was printed and never reached a document
//! ```
//!
//! The first half runs inside of the engine, on any thread, and reports nothing. The second half has the session.

mod binder;
mod known_texts;
mod native;
mod provenance;
mod removed;
mod slot;
mod source_map;
mod value;

pub(crate) use binder::Binder;
pub use binder::{RenderedTemplate, refuse_unused};
pub use known_texts::KnownTexts;
pub(crate) use native::{native, native_arguments, native_number, number_text};
pub(crate) use removed::{Moment, RemovedReads, last_names, watch};
pub(crate) use slot::{
    FailedWith, PrintedPiece, RenderState, WarnedValue, Work, bind_value, print_slot, printed_pieces,
};
pub(crate) use value::{
    ConversionError, Converted, NodeRef, ValueTree, argument_to_node, counts_as_undefined,
};
