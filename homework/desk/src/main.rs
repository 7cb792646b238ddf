//! The teacher's desk: marks what others wrote, with the command line of `homework`, which builds and
//! starts it when it is needed.
//!
//! ```text
//! cargo run -p homework -- grade submissions/*
//! ```

mod grade;

use std::process::ExitCode;

use anyhow::bail;
use homework::arguments::{Arguments, Command};

use crate::grade::How;

fn main() -> ExitCode {
    lesson::run(|arguments: Arguments| {
        let (root, texts) = (homework::workspace(), arguments.texts());
        match arguments.command {
            Command::Grade { folders, format, seed, no_sandbox } if !folders.is_empty() => {
                grade::grade(&root, &folders, How { format, seed, no_sandbox }, &texts)
            }
            _ => bail!("this is not for the desk; start it with cargo run -p homework"),
        }
    })
}
