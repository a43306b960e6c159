//! `plimsoll explain`: the page of a code.

use std::process::ExitCode;

use anyhow::{Result, bail};
use plimsoll::diagnostic::{CODES, find_code, nearest};

use crate::args::ExplainArgs;
use crate::terminal;

pub fn run(args: &ExplainArgs) -> Result<ExitCode> {
    let Some(code) = find_code(args.code.trim()) else {
        let upper = args.code.to_ascii_uppercase();
        let known = CODES.iter().map(|code| code.id);
        match nearest(&upper, known) {
            Some(near) => bail!("there is no code `{}`; did you mean `{near}`?", args.code),
            None => {
                bail!("there is no code `{}`; a code is a letter and three digits, such as `K003`", args.code)
            }
        }
    };
    terminal::print(code.page)?;
    Ok(ExitCode::SUCCESS)
}
