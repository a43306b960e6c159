//! What several tests need: files in folders, the built program, pages of Markdown.
#![allow(dead_code, reason = "each test is a program of its own, and needs a part of it")]

pub mod files;
pub mod markdown;
pub mod program;
