//! The spanned tree: parsing, slots, paths, expected types, printing, deserializing.
//!
//! Everything that Plimsoll reads or writes is a tree of [`Node`]s: values, schemas, `plimsoll.yaml`, rendered
//! documents. The module knows YAML and JSON, and nothing of Kubernetes, charts or templates. Reading order:
//!
//! | file | owns |
//! |---|---|
//! | `node.rs`, `ordered_map.rs` | the tree and its mappings |
//! | `packed.rs` | trees that are kept, in little memory |
//! | `scalar.rs`, `yaml_1_1.rs` | scalars, and the rules by which plain ones are resolved: YAML 1.2 core, YAML 1.1 |
//! | `path.rs` | paths into a tree |
//! | `typed_path.rs` | paths as people type them |
//! | `tombstones.rs` | what a tree lacks because a `null` took it away |
//! | `slots.rs` | placeholders for values that are bound into a text |
//! | `load/` | text to trees, by a fast path or by granit-parser |
//! | `view.rs`, `tree.rs` | a node and a tree of either form, for what reads any |
//! | `print.rs` | trees to YAML and JSON |
//! | `deserialize.rs` | trees to Rust types, by serde |
//! | `wants.rs`, `length.rs` | what a schema expects at each path; how ranges of flat arrays are serialized |

mod deserialize;
mod length;
mod load;
mod node;
mod ordered_map;
mod packed;
mod path;
mod print;
mod scalar;
mod slots;
mod tombstones;
mod tree;
pub mod typed_path;
mod view;
mod wants;
mod yaml_1_1;

pub use deserialize::{DecodeError, Refusal, from_node};
pub(crate) use length::serialize_with_length;
pub use load::skeleton::Skeleton;
pub use load::{
    Marks, ParseLimits, Part, Parts, Strictness, chunks, comments, document_ranges, parse_chunk,
    parse_documents, parse_one, refuse_reserved,
};
pub use node::{Entry, Map, Node, Value};
pub use ordered_map::{Iter, OrderedMap};
pub use packed::{Children, Entries, PackedList, PackedMap, PackedNode, PackedTree, pack};
pub use path::{Segment, ValuePath};
pub use print::{print_inline, print_json, print_yaml, print_yaml_part, print_yaml_with};
pub use scalar::{Kind, Scalar, ScalarRef, Style, parse_float, resolve_core};
pub use slots::{Absent, Binding, Bound, MARK_CLOSE, MARK_OPEN, SLOT_CLOSE, SLOT_OPEN, is_reserved};
pub use tombstones::{Tombstone, Tombstones};
pub use tree::Tree;
pub use wants::{Generate, Merge, Types, WantId, WantRef, Wants};
pub(crate) use wants::{NewWant, WantsBuilder};
pub use yaml_1_1::{resolve_kubernetes, resolve_scalars, same_in_yaml_1_1};
