//! The names of the pages of `docs/` that are in the program: those that messages and help texts name, and what authors of
//! charts look up. The build packs the pages: this file is compiled into its script as well.

/// In the order in which they are listed.
pub const TOPICS: &[&str] = &[
    "tutorial",
    "chart",
    "templates",
    "library",
    "values",
    "dependencies",
    "testing",
    "lint",
    "rules",
    "limits",
    "helm",
    "coming-from-helm",
    "validation",
    "explain",
    "diff",
    "formats",
    "output",
    "convert",
    "reference",
    "custom-resources",
];
