//! From checked documents to text: order, one stream or a folder of files. Nothing is written to a disk here.

mod order;
mod output;
#[cfg(test)]
mod tests;

pub(crate) use order::install_sort_key;
pub use order::{install_order, only_templates};
pub use output::{Format, OutputFile, files, folder_name_problem, stream, stream_chunks};
