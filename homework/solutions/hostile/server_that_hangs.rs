//! Hostile to the grader: prints nothing and never exits.

use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    loop {
        thread::park();
    }
}
