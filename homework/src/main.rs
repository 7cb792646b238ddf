//! The homework of day 01: hands out the class version, marks what comes back, and says what
//! the marks are for.
//!
//! ```text
//! cargo run -p homework -- new /tmp/my-homework
//! cargo run -p homework -- grade
//! cargo run -p homework -- grade submissions/*
//! ```
//!
//! `marking` is what a mark is; `student` and `teacher` are what each of them sees of it.

mod arguments; // the command line
mod bounded; // a command that is stopped when it takes too long
mod conversation; // a failed test, drawn
mod marking;
mod reasons; // why something was not tried
mod student;
mod teacher;
mod texts; // all that is said, in both languages

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::{Arguments, Command};
use crate::marking::rubric::Rubric;
use crate::student::{hand_out, verdict};
use crate::teacher::grade::{self, How};
use crate::texts::Texts;

fn main() -> ExitCode {
    lesson::run(|arguments: Arguments| {
        let (root, texts) = (workspace(), arguments.texts());
        match arguments.command {
            Command::New { folder } => hand_out::new(&root, &folder, &texts),
            Command::Grade { folders, format, seed, no_sandbox } => {
                let how = How { format, seed, no_sandbox };
                grade::grade(&root, &folders, how, &texts)
            }
            Command::Tasks => tasks(&root, &texts),
            Command::Verdict { names } if names.is_empty() => verdict::show(&root, &texts),
            Command::Verdict { names } => verdict::run(&root, &names),
        }
    })
}

/// The workspace that this program belongs to. `cargo run` says where it is now.
fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.filter(|package| package.ends_with("homework"));
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.map_or(package.clone(), Path::to_path_buf)
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
