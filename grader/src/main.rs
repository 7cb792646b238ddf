//! Grades a class. `homework` builds and starts this program, with its own command line.
//!
//! ```text
//! cargo run -p homework -- grade submissions/*
//! ```

mod autograder_zip; // what to upload to Gradescope
mod builder; // compiles the programs of a submission
mod file_operations; // atomic writes, and whole folders
mod fingerprint; // has anything changed since the last run?
mod grade_class; // the command `grade` with folders
mod incremental; // grades only what has changed
mod isolation; // how untrusted code is restricted
mod pairs; // runs every client against every server
mod partial_results; // results that are written after each test
mod pipeline; // compiles one submission while others are tested
mod progress_bar;
mod report; // HTML pages
mod roster; // names of students, from a CSV file
mod sandbox; // runs untrusted code in bubblewrap
mod saved_results; // one JSON file per student
mod submission_reader; // reads the files of a submission, within limits
mod submissions; // finds submissions in folders and zip files
mod unprivileged; // runs untrusted code as a user who owns nothing
mod unzip;
mod work_folder; // target/homework, locked

use std::process::ExitCode;

use anyhow::bail;
use homework::arguments::{Arguments, Command};
use homework::messages::message;

fn main() -> ExitCode {
    homework::localized_command_line::run(|arguments: Arguments| {
        let (root, messages) = (homework::workspace(), arguments.messages());
        let ended = match arguments.command {
            Some(Command::Grade(options)) if !options.folders.is_empty() => {
                grade_class::grade(&root, &options, &messages)
            }
            Some(Command::Gradescope { file }) => autograder_zip::write(&root, &file, &messages),
            _ => bail!(message!("not-for-grader")),
        };
        ended.map_err(|error| messages.error(error))
    })
}
