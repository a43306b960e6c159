//! YAML as Helm reads and writes it: through `sigs.k8s.io/yaml`, which is go-yaml 2 and JSON.
//!
//! ```text
//! text ─► read.rs ─► Value           numbers are `float64`, `NO` is false, `0777` is 511, the last of two keys wins
//!                  └► notes.rs       what of that is not what was written
//! Value ─► print.rs ─► text          `toYaml` and `toYamlPretty`, byte for byte
//! ```
//!
//! | file | owns |
//! |---|---|
//! | `scalar.rs` | the law of plain scalars |
//! | `read.rs` | documents, anchors, merges, keys |
//! | `notes.rs` | what reading corrupts |
//! | `print.rs` | strings, and where they are quoted and folded |
//! | `order.rs` | the order of keys |

mod notes;
mod order;
mod print;
mod read;
mod scalar;

pub use notes::{Note, NoteKind};
pub use print::{print, print_pretty};
pub use read::{ReadError, ValuesFile, parse, parse_list, parse_map, read_values};
