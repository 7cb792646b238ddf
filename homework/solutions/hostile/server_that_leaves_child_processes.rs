//! Hostile to the grader: starts child processes that keep its output open and never exit.

use std::env;
use std::process::{Command, ExitCode};
use std::thread;

fn main() -> ExitCode {
    let is_left_behind = env::args().nth(1).is_some_and(|argument| argument == "left-behind");
    if let Ok(program) = env::current_exe()
        && !is_left_behind
    {
        for _ in 0..3 {
            _ = Command::new(&program).arg("left-behind").spawn();
        }
        return ExitCode::SUCCESS;
    }
    loop {
        thread::park();
    }
}
