//! The teacher's desk: marks what others wrote, with the command line of `homework`, which builds and
//! starts it when it is needed.
//!
//! ```text
//! cargo run -p homework -- grade submissions/*
//! ```

mod grade;
mod students; // who handed in which folder

use std::process::ExitCode;

use anyhow::bail;
use homework::arguments::{Arguments, Command};

fn main() -> ExitCode {
    lesson::run(|arguments: Arguments| {
        let (root, texts) = (homework::workspace(), arguments.texts());
        match arguments.command {
            Command::Grade(how) if !how.folders.is_empty() => grade::grade(&root, &how, &texts),
            _ => bail!("this is not for the desk; start it with cargo run -p homework"),
        }
    })
}
