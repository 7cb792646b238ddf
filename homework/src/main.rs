//! The command of the homework: student copies, grades, hints. It builds and runs `grader` for submissions
//! and `watch` for watch mode.

mod package_launcher; // builds and runs another program of the workspace

use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use homework::arguments::{Arguments, Command};
use homework::commands::{
    calls, grade, hints, list, new, reset, status, try_test, verdict_command,
};
use homework::grading::rubric::Rubric;
use homework::localized_command_line;
use homework::messages::Messages;
use homework::process;
use homework::progress::progress;

fn main() -> ExitCode {
    localized_command_line::run(|arguments: Arguments| {
        let (root, messages) = (homework::workspace(), arguments.messages());
        let result = match arguments.command {
            None => watch(&root, &messages),
            Some(Command::New { folder }) => print(new::new(&root, &folder, &messages)),
            Some(Command::Grade(how)) if how.folders.is_empty() => {
                grade::grade(&root, how.format, how.seed, &messages)
            }
            Some(Command::Grade(_) | Command::Gradescope { .. }) => {
                package_launcher::run(&root, "grader")
            }
            Some(Command::Calls { program, silent }) => {
                print(calls::show(&root, program, silent, &messages))
            }
            Some(Command::Tasks) => print(tasks(&root, &messages)),
            Some(Command::List) => print(list::show(&root, &messages)),
            Some(Command::Hint { task, step }) => {
                print(hints::show(&root, task.as_deref(), step.into(), &messages))
            }
            Some(Command::Try { test, seed }) => try_test::show(&root, &test, seed, &messages),
            Some(Command::Reset { program }) => {
                print(reset::reset(&root, &program, &messages).map(|text| text + "\n"))
            }
            Some(Command::Verdict { names }) if names.is_empty() => {
                verdict_command::show(&root, &messages)
            }
            Some(Command::Verdict { names }) => verdict_command::run(&root, &names, &messages),
        };
        match result.map_err(|error| messages.error(error)) {
            Err(error) if process::interrupted() => {
                common::print_error(&error);
                Ok(process::INTERRUPTED.into())
            }
            result => result,
        }
    })
}

fn print(text: Result<String>) -> Result<ExitCode> {
    common::print(text?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Starts watch mode. Without a terminal, prints the points and the next step instead.
fn watch(root: &Path, messages: &Messages) -> Result<ExitCode> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return print(status::show(root, messages));
    }
    if !package_launcher::is_built("watch") {
        progress(messages.get("built-once"));
    }
    package_launcher::run(root, "watch")
}

fn tasks(root: &Path, messages: &Messages) -> Result<String> {
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
    Ok(text)
}
