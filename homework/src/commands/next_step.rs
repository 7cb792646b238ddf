//! The one next thing to do: which task, what it asks for, and where.

use std::fs;
use std::path::Path;

use ::tests::Argument;

use crate::grading::marks::{SkipReason, TaskMark};
use crate::grading::rubric::Task;
use crate::grading::submission::COMMANDS;
use crate::messages::Messages;

/// What a task asks for. A program that does not build comes before everything else: then the text
/// with this key says so.
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

/// Whether the program that a task is about is started by a command of the student's.
pub fn has_command(root: &Path, task: &Task) -> bool {
    let commands = fs::read_to_string(root.join(COMMANDS)).unwrap_or_default();
    let program = task.file.split('/').next().unwrap_or_default();
    commands.lines().any(|line| line.trim_start().starts_with(program))
}

/// Where a task is to be done, when it is known what came of it: at the compiler's first error, if
/// its program does not build.
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

/// Where a task is to be done: the file and, if it can be found there, the line.
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
