//! Laws of merging, typing and the `--set` grammar.
