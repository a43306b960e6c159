//! From checked documents to text: order, one stream or a folder of files. Nothing is written to a disk here.

mod files;
mod order;
mod stream;
#[cfg(test)]
mod tests;

pub use files::{OutputFile, files, folder_name_problem};
pub(crate) use order::install_sort_key;
pub use order::{install_order, only_templates};
pub use stream::{Format, stream, stream_chunks};
