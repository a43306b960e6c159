//! Layers of values: reading, the --set grammar, and the law of merging.
