//! From checked documents to text: order, one stream or a folder of files.
