//! From checked documents to text: order, one stream or a folder of files.

mod files;
mod only;
mod order;
mod stream;
#[cfg(test)]
mod tests;

pub use files::{OutputFile, files, folder_name_problem};
pub use only::only_templates;
pub use order::install_order;
pub(crate) use order::install_sort_key;
pub use stream::{stream, stream_chunks};

/// How documents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Block YAML.
    #[default]
    Yaml,
    /// JSON.
    Json,
}
