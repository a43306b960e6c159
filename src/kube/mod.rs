//! The Kubernetes API table, the strict check, and typed decoding.

mod versions;

pub use versions::Versions;
