//! The spanned tree: parsing, bound placeholders, paths, what is wanted where, printing, deserializing.

mod bind;
mod deserialize;
mod load;
mod map;
mod node;
mod number;
mod path;
mod print;
mod print_inline;
mod print_json;
mod scalar;
mod want;
mod wants;
mod yaml11;

pub use bind::{Binding, Bound, MARK_CLOSE, MARK_OPEN, SLOT_CLOSE, SLOT_OPEN, is_reserved};
pub use deserialize::{DecodeError, from_node};
pub use load::{ParseLimits, chunks, comments, parse_chunk, parse_documents, parse_one, refuse_reserved};
pub use map::{Iter, Map};
pub use node::{Entry, Kind, Node, Scalar, Style, Value};
pub use path::{Segment, ValuePath};
pub use print::{print_yaml, print_yaml_with};
pub use print_inline::print_inline;
pub use print_json::print_json;
pub use scalar::{is_plain_safe, parse_float, resolve_core, same_in_yaml_1_1};
pub use want::{Generate, Merge, Types, Want, WantId};
pub use wants::{PackedKey, PackedWant, PackedWants, WantRef, Wants};
pub use yaml11::resolve_kubernetes;
