//! What `cargo test` runs in a student copy: grades the homework, and shows the next step. With the name
//! of a test, it runs only that one.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut homework = Command::new(env!("CARGO_BIN_EXE_homework"));
    // Cargo and editors add options for the standard test harness. They start with two hyphens.
    let names = arguments.into_iter().filter(|argument| !argument.starts_with("--"));
    match homework.arg("verdict").args(names).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
