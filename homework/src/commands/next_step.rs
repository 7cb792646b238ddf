//! What to do next, and where.

use std::fs;
use std::path::Path;

use ::tests::Argument;

use crate::grading::marks::{SkipReason, TaskMark};
use crate::grading::rubric::Task;
use crate::grading::submission::COMMANDS;
use crate::messages::Messages;

/// Returns what a task asks for, or the message `to_build` if its program doesn't compile.
pub fn instruction(
    messages: &Messages,
    mark: &TaskMark,
    compiler: Option<&str>,
    to_build: &str,
) -> String {
    match (mark.skipped().next(), compiler) {
        (Some((_, SkipReason::Program(program, _))), Some(_)) => {
            messages.fill(to_build, &[("program", program)])
        }
        _ => messages.get(&format!("ask-{}", mark.task.name)).to_owned(),
    }
}

/// Returns whether the program of a task is in another language, started by a command.
pub fn has_command(root: &Path, task: &Task) -> bool {
    let commands = fs::read_to_string(root.join(COMMANDS)).unwrap_or_default();
    let program = task.file.split('/').next().unwrap_or_default();
    commands.lines().any(|line| line.trim_start().starts_with(program))
}

/// Returns the file and line to work on: that of the compiler's first error, or else of the task.
pub fn place_to_fix(root: &Path, mark: &TaskMark) -> String {
    let error = mark.skipped().find_map(|(_, because)| match because {
        SkipReason::Program(_, problem) => match problem.args.get("why")? {
            Argument::Text(error) => error.rsplit_once(" (")?.1.strip_suffix(')'),
            Argument::Message(_) => None,
        },
        _ => None,
    });
    match error.filter(|place| place.contains(':')) {
        Some(place) => place.to_owned(),
        None => self::place(root, &mark.task),
    }
}

/// Returns the file of a task and, if one of its places is found there, the line.
pub fn place(root: &Path, task: &Task) -> String {
    if has_command(root, task) {
        return COMMANDS.to_owned();
    }
    let text = fs::read_to_string(root.join(&task.file)).unwrap_or_default();
    let found = |place: &String| text.lines().position(|line| line.contains(place.as_str()));
    match task.places.iter().find_map(found) {
        Some(line) => format!("{}:{}", task.file, line + 1),
        None => task.file.clone(),
    }
}
