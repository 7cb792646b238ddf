//! Hostile to the grader: it listens, and leaves every client waiting.

use std::process::ExitCode;
use std::thread;

use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let _listener = support::listen(&arguments)?;
        loop {
            thread::park();
        }
    })
}
