//! The formats that findings are written in: one writer each.
//!
//! | `--format` | file | read by |
//! |---|---|---|
//! | `human`, `short` | `human.rs` | people; editors and `grep` |
//! | `json` | `json.rs` | programs |
//! | `sarif` | `sarif.rs` | code scanning, editors |
//! | `github` | `github.rs` | GitHub Actions |
//! | `gitlab` | `gitlab.rs` | GitLab's merge requests |
//! | `junit` | `junit.rs` | test reports of CI systems |
//!
//! `format.rs` has the names and chooses the writer. All writers build on `finding.rs`, those that show sources on `excerpt.rs`.
//!
//! A writer makes one text of everything that a session has reported. Whatever the format:
//!
//! * each finding is written once, in the order of reporting (`finding.rs`);
//! * a place in a rendered text is shown in the template that it came from;
//! * secrets are masked, and no control character of the input comes through as it is (`excerpt.rs`, [`escaped`](crate::source::escaped));
//! * lines and columns count from 1, and columns are characters.

mod excerpt;
mod finding;
mod format;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod sarif;
#[cfg(test)]
mod tests;

pub use format::{FORMATS, Format, write};
pub use github::{github_command, write_github};
pub use gitlab::write_gitlab;
pub use human::{Style, Summary, write_human, write_short};
pub use json::write_json;
pub use junit::write_junit;
pub use sarif::write_sarif;
