//! The built program as a process.

use std::path::Path;
use std::process::Command;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_plimsoll");

/// How a process ended, and what it printed. There is no code when a signal ended it.
#[derive(Debug, PartialEq)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ended {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A `PATH` on which `plimsoll` is the built program.
pub fn search_path() -> String {
    let folder = Path::new(PROGRAM).parent().expect("a folder of programs");
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
}
