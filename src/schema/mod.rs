//! JSON Schema over a spanned tree: what is wanted where, and violations as sentences.
