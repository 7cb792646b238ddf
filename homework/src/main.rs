//! The homework of day 01: shows what comes of each save, hands out the class version, marks what comes back, and says what
//! the marks are for.
//!
//! ```text
//! cargo run -p homework
//! cargo run -p homework -- new /tmp/my-homework
//! cargo run -p homework -- grade
//! cargo run -p homework -- grade submissions/*
//! ```
//!
//! What needs libraries of its own is a program of its own, which is built when it is asked for:
//! marking what others wrote (`grader`), and the place to sit in (`watch`).

mod exec; // the programs next door

use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use homework::arguments::{Arguments, Command};
use homework::commands::{calls, cargo_test, grade, hints, list, new, reset, status, try_test};
use homework::grading::rubric::Rubric;
use homework::messages::Messages;
use homework::process;

fn main() -> ExitCode {
    common::run(|arguments: Arguments| {
        let (root, messages) = (homework::workspace(), arguments.messages());
        let ended = match arguments.command {
            None => sit_down(&root, &messages),
            Some(Command::New { folder }) => new::new(&root, &folder, &messages),
            Some(Command::Grade(how)) if how.folders.is_empty() => {
                grade::grade(&root, how.format, how.seed, &messages)
            }
            Some(Command::Grade(_) | Command::Gradescope { .. }) => exec::run(&root, "grader"),
            Some(Command::Calls { program, silent }) => {
                calls::show(&root, program, silent, &messages)
            }
            Some(Command::Tasks) => tasks(&root, &messages),
            Some(Command::List) => list::show(&root, &messages),
            Some(Command::Hint { task, step }) => {
                hints::show(&root, task.as_deref(), step.into(), &messages)
            }
            Some(Command::Try { test, seed }) => try_test::show(&root, &test, seed, &messages),
            Some(Command::Reset { program }) => reset::show(&root, &program, &messages),
            Some(Command::Verdict { names }) if names.is_empty() => {
                cargo_test::show(&root, &messages)
            }
            Some(Command::Verdict { names }) => cargo_test::run(&root, &names, &messages),
        };
        ended.map_err(|error| messages.error(error))
    })
}

/// The place to sit in for an evening; where there is no terminal, what would be seen there first.
fn sit_down(root: &Path, messages: &Messages) -> Result<ExitCode> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return status::show(root, messages);
    }
    if !exec::is_built("watch") {
        process::progress(messages.get("built-once"));
    }
    exec::run(root, "watch")
}

fn tasks(root: &Path, messages: &Messages) -> Result<ExitCode> {
    let rubric = Rubric::from_workspace(root)?;
    let mut text = String::new();
    for task in rubric.tasks() {
        let points = match task.extra_credit {
            true => format!("+ {}", task.points),
            false => task.points.to_string(),
        };
        let section = messages.section(&task.section);
        text += &format!("{points:>5}  {}   {section}\n", messages.task(&task.name));
        for name in &task.tests {
            text += &format!("       - {}\n", messages.test_with_name(name));
        }
    }
    common::print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
