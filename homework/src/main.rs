//! The homework of day 01: hands out the class version, marks what comes back, and says what
//! the marks are for.
//!
//! ```text
//! cargo run -p homework -- new /tmp/my-homework
//! cargo run -p homework -- grade
//! cargo run -p homework -- grade submissions/*
//! ```
//!
//! What needs libraries of its own is a program of its own, which is built when it is asked for:
//! marking what others wrote (`desk`), and the place to sit in (`evening`).

mod neighbour; // the programs next door

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use homework::arguments::{Arguments, Command};
use homework::marking::rubric::Rubric;
use homework::student::{grade, hand_out, verdict};
use homework::texts::Texts;

fn main() -> ExitCode {
    lesson::run(|arguments: Arguments| {
        let (root, texts) = (homework::workspace(), arguments.texts());
        let ended = match arguments.command {
            Command::New { folder } => hand_out::new(&root, &folder, &texts),
            Command::Grade(how) if how.folders.is_empty() => {
                grade::grade(&root, how.format, how.seed, &texts)
            }
            Command::Grade(_) | Command::Gradescope { .. } => neighbour::run(&root, "desk"),
            Command::Tasks => tasks(&root, &texts),
            Command::Verdict { names } if names.is_empty() => verdict::show(&root, &texts),
            Command::Verdict { names } => verdict::run(&root, &names),
        };
        ended.map_err(|error| texts.error(error))
    })
}

fn tasks(root: &Path, texts: &Texts) -> Result<ExitCode> {
    let rubric = Rubric::of(root)?;
    let mut text = String::new();
    for task in rubric.tasks() {
        let points = match task.beyond {
            true => format!("+ {}", task.points),
            false => task.points.to_string(),
        };
        let section = texts.section(&task.section);
        text += &format!("{points:>5}  {}   {section}\n", texts.task(&task.name));
        for name in &task.tests {
            text += &format!("       - {}\n", texts.test_with_name(name));
        }
    }
    lesson::print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
