//! Tests of charts: cases of values with what is expected of the objects that come of them.
//!
//! ```text
//! tests/*.yaml ─► Suite ─► Case ─► groups of one setting ─► the chart prepared once, laid out for each group
//!                                                            └─► render, a case each, on several threads
//!                                                                 └─► findings, assertions, snapshot ─► failures
//! ```
//!
//! A case is rendered in an overlay of the session, as an environment of `render --each` is, so no case depends on
//! another one, nor on the number of threads. What fails is a finding at the line of the test that says what is expected;
//! the lines of the template and of the values that the field comes from are its other places.
//!
//! | file | owns |
//! |---|---|
//! | `suite.rs` | a file of tests, held against its schema |
//! | `nodes.rs` | parts of such a file |
//! | `object_pattern.rs` | how a test names objects |
//! | `assertion.rs` | what is asserted of objects and fields |
//! | `fields.rs` | fields of an object by a path, values as they may be shown |
//! | `compare.rs` | when a value is another, or a part of it |
//! | `expected_finding.rs` | findings that a case expects |
//! | `snapshot.rs` | all objects of a case against a file |
//! | `run.rs` | which cases are run, how, and what comes of it |

mod assertion;
mod compare;
mod expected_finding;
mod fields;
mod nodes;
mod object_pattern;
mod run;
mod snapshot;
mod suite;
#[cfg(test)]
mod tests;

pub use run::{TestReport, TestRequest, run};
pub use snapshot::{SnapshotEnd, TestedSnapshot};
