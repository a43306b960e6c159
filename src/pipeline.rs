//! The only file that names every stage: from a request to checked documents.
//!
//! ```text
//! chart::open → values::read_layer → values::LayerStack → schema::check
//!   → template::compile → template::run → template::bind → manifest::split
//!   → kube::check → manifest::refuse_duplicates → rules::check (which calls kube::decode) → emit::install_order
//! ```
//!
//! Every command is a prefix or a fold of this line: `values` ends at [`values()`], `lint` at the rules, `diff` renders
//! twice. [`prepare`] does once what further values files cannot change, so that many of them can be rendered
//! (`render --each`), each in an overlay of the session. A plain render is `prepare` and one [`Prepared::render`].
//!
//! | file | stages |
//! |---|---|
//! | `merged.rs` | chart and layers to merged values, and the check against the schema |
//! | `prepared.rs` | what many renders have in common; one render on top of it, to judged documents |
//! | `manifests.rs` | plain manifests, which begin at documents |
//! | `documents.rs` | texts to documents, and the check of all of them: for both |
//! | `null_removal.rs` | which `null` in the values is to blame when templates fail |

mod documents;
mod manifests;
mod merged;
mod null_removal;
mod prepared;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use manifests::manifests;
pub use merged::{Merged, merge, values};
pub use prepared::{Prepared, Rendering, prepare, templates};

use crate::chart;
use crate::emit;
use crate::inputs;
use crate::kube::{Api, Target};
use crate::manifest::Document;
use crate::request::Request;
use crate::session::{Outcome, Session};

/// Renders a chart: checked documents in the order in which they are installed.
pub fn render(session: &Session, request: &Request) -> Outcome<Vec<Document>> {
    Ok(render_keeping(session, request)?.documents)
}

/// Renders a chart and keeps what the documents were made from.
pub fn render_keeping(session: &Session, request: &Request) -> Outcome<Rendering> {
    prepare(session, request)?.render(session, &[])
}

/// The chart's CRDs alone, checked: a cluster has to know them before it takes what is made of them. Values are not
/// read.
///
/// # Errors
/// E002 if the chart has none, and what is wrong with them.
pub fn crds(session: &Session, request: &Request) -> Outcome<Vec<Document>> {
    let before = session.errors();
    let chart = chart::open(session, &request.chart)?;
    let mut api = Api::new();
    let mut documents = inputs::read_crds(session, &chart, request, &mut api);
    session.clean_since(before)?;
    inputs::refuse_no_crds(session, &chart)?;
    let target = Target { api: Arc::new(api), versions: request.versions, ..Target::default() };
    documents::check_all(session, &target, &mut documents, 1);
    session.clean_since(before)?;
    Ok(emit::install_order(documents))
}
