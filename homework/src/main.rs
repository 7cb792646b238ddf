//! The homework of day 01: hands out the class version, marks what comes back, and says what
//! the marks are for.
//!
//! ```text
//! cargo run -p homework -- new /tmp/my-homework
//! cargo run -p homework -- grade
//! cargo run -p homework -- grade submissions/*
//! ```

mod bounded;
mod cargo;
mod hand_out;
mod marks;
mod report;
mod rubric;
mod submission;

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand, ValueEnum};
use lesson::counted;

use crate::marks::Tests;
use crate::rubric::Rubric;
use crate::submission::Builder;

/// Hand out the homework, and mark it.
#[derive(Parser)]
// Without a command, one line says so: the whole help is for those who ask for it.
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a workspace for one student, with the class version of the programs
    New {
        /// The folder to write. It must not exist, or be empty
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Mark the homework in this folder, or in others, with the tests of this folder
    Grade {
        /// The folders to mark [default: this one]
        #[arg(value_name = "DIR")]
        folders: Vec<PathBuf>,

        /// How to print the marks
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Show the tasks, their points and their tests
    Tasks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table of each folder, for people
    Table,
    /// Every folder, task and failed test
    Json,
    /// A row for each folder, for a spreadsheet
    Csv,
    /// The results.json of Gradescope, for one folder
    Gradescope,
}

const EXAMPLES: &str = "\
Examples:
  cargo run -p homework -- new ../my-homework
  cargo run -p homework -- grade
  cargo run -p homework -- grade submissions/* --format csv > marks.csv";

fn main() -> ExitCode {
    lesson::run(|arguments: Arguments| {
        let root = workspace();
        match arguments.command {
            Command::New { folder } => hand_out::new(&root, &folder),
            Command::Grade { folders, format } => grade(&root, folders, format),
            Command::Tasks => tasks(&root),
        }
    })
}

/// The workspace that this program belongs to. `cargo run` says where it is now.
fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.filter(|package| package.ends_with("homework"));
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    package.parent().map_or(package.clone(), Path::to_path_buf)
}

fn grade(root: &Path, folders: Vec<PathBuf>, format: Format) -> Result<ExitCode> {
    if format == Format::Gradescope && folders.len() > 1 {
        bail!("Gradescope takes the marks of one folder; name one, or use --format json");
    }
    let folders = if folders.is_empty() { vec![root.to_owned()] } else { folders };
    let rubric = Rubric::read(&root.join("homework/rubric.toml"))?;

    progress("building the tests");
    let tests = Tests::build(root, &rubric)?;
    let mut builder = Builder::new(root)?;
    if builder.is_new() {
        progress("compiling the libraries as well, this first time: that takes a minute");
    }
    let (mut submissions, mut skipped) = (Vec::new(), Vec::new());
    for (number, folder) in folders.iter().enumerate() {
        let name = report::shown(folder);
        progress(format_args!("building {name} ({} of {})", number + 1, folders.len()));
        match builder.build(folder) {
            Ok(submission) => submissions.push(submission),
            Err(error) => {
                lesson::print_error(&anyhow::anyhow!("skipped {name}: {error:#}"));
                skipped.push((name, format!("{error:#}")));
            }
        }
    }
    let number = counted(submissions.len() as u64, "folder");
    progress(format_args!("testing {number} ({} tests each)", tests.names.len()));
    let marks = tests.mark(&rubric, submissions, count);

    match format {
        Format::Table => {
            let tables: Vec<String> =
                marks.iter().map(|marks| report::table(&rubric, marks)).collect();
            lesson::print(tables.join("\n\n").as_bytes())?;
            if marks.iter().any(|marks| marks.tenths() < 1000) {
                lesson::print(MORE.as_bytes())?;
            }
        }
        Format::Json => lesson::print(report::json(&rubric, &marks, &skipped).as_bytes())?,
        Format::Csv => lesson::print(report::csv(&rubric, &marks).as_bytes())?,
        Format::Gradescope => {
            for marks in &marks {
                lesson::print(report::gradescope(&rubric, marks).as_bytes())?;
            }
        }
    }
    Ok(if skipped.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const MORE: &str = "
To see one of these tests in full: cargo test -p tests NAME
";

fn tasks(root: &Path) -> Result<ExitCode> {
    let rubric = Rubric::read(&root.join("homework/rubric.toml"))?;
    let mut text = String::new();
    for (number, task) in rubric.tasks.iter().enumerate() {
        text += &format!(
            "{:>3}  {:24} {:>3} points   NOTES.md#{}\n",
            number + 1,
            task.title,
            task.points,
            task.section
        );
        for name in &task.tests {
            text += &format!("       - {name}\n");
        }
    }
    lesson::print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Says on standard error what is being done.
fn progress(what: impl Display) {
    _ = writeln!(io::stderr(), "  {what} ...");
}

/// Shows on a terminal how many tests have run.
fn count(done: usize, all: usize) {
    if io::stderr().is_terminal() {
        let end = if done == all { "\r                              \r" } else { "" };
        _ = write!(io::stderr(), "\r  {done} of {all} tests{end}");
    }
}
