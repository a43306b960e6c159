//! Charts of Helm: read as they are, and rendered to the same bytes.
//!
//! [`gotemplate`](crate::gotemplate) runs the templates; here is everything that makes them charts of Helm.

pub mod functions;
pub mod host;
pub mod json;
mod numbers;
mod placed;
pub mod strvals;
pub mod version;
pub mod yaml;
