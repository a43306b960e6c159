//! From checked documents to text: order, one stream or a folder of files.

mod files;
mod only;
mod order;
mod stream;
#[cfg(test)]
mod tests;

pub use files::{File, files, refuse_folder};
pub use only::only;
pub use order::arrange;
pub(crate) use order::sort_key;
pub use stream::{pieces, stream};

/// How documents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Block YAML.
    #[default]
    Yaml,
    /// JSON.
    Json,
}
