//! Hostile to the grader: it ends before anybody can connect.

use std::process::ExitCode;

pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
