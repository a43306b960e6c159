//! The types of the Kubernetes API as the library of values schemas, which know no Kubernetes.

use std::sync::Arc;

use crate::kube::{self, NoType, Versions};
use crate::schema::{Definitions, Library, NotFound};

/// The types that all of some versions have.
#[derive(Clone, Copy, Debug)]
struct ApiTypes {
    versions: Versions,
}

/// The types that all of these versions have.
pub fn api_types(versions: Versions) -> Arc<dyn Library> {
    Arc::new(ApiTypes { versions })
}

impl Library for ApiTypes {
    fn find(&self, name: &str) -> Result<Definitions, NotFound> {
        match kube::type_schemas(name, self.versions) {
            Ok(found) => Ok(Definitions { name: found.name, all: found.definitions }),
            Err(NoType::Unknown(near)) => Err(NotFound::Unknown(near)),
            Err(NoType::Ambiguous(names)) => Err(NotFound::Ambiguous(names)),
        }
    }
}
