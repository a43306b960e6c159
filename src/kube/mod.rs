//! The Kubernetes API table, the strict check, and typed decoding.
