//! Charts of Helm: read as they are, and rendered to the same bytes.
//!
//! [`gotemplate`](crate::gotemplate) runs the templates; here is everything that makes them charts of Helm.

pub mod chart;
pub mod coalesce;
pub mod corrupted;
pub mod dependencies;
pub mod documents;
pub mod draws;
pub mod functions;
pub(crate) mod glob;
pub mod host;
pub mod json;
pub mod keys;
pub mod nodes;
mod numbers;
pub mod objects;
pub mod parsed;
mod patterns;
mod placed;
pub mod printed;
pub mod reads;
pub mod render;
pub mod schema;
pub mod strvals;
pub mod tree;
pub mod umbrella;
pub mod user;
pub mod version;
pub mod yaml;
