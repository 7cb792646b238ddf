//! The teacher's desk: marks what others wrote, with the command line of `homework`, which builds and
//! starts it when it is needed.
//!
//! ```text
//! cargo run -p homework -- grade submissions/*
//! ```

mod autograder; // what Gradescope runs
mod builder; // compiles the programs of a submission
mod fingerprint; // what marks depend on, in one number
mod grade;
mod hand_in; // what was handed in
mod isolation; // how untrusted code is restricted
mod pairs; // every client with every server
mod partial; // results of one folder while it is tested
mod report; // a page for the class and one for each student
mod results; // the results that are kept
mod run; // what is marked again, and what is not
mod sandbox; // runs untrusted code in bubblewrap
mod screen; // the bar
mod students; // who handed in which folder
mod submission_files; // reads the files of a submission, within limits
mod testing;
mod unpack; // zip files
mod unprivileged; // runs untrusted code as a user who owns nothing
mod work_folder; // target/homework, locked

use std::process::ExitCode;

use anyhow::bail;
use homework::arguments::{Arguments, Command};

fn main() -> ExitCode {
    common::run(|arguments: Arguments| {
        let (root, messages) = (homework::workspace(), arguments.messages());
        let ended = match arguments.command {
            Some(Command::Grade(how)) if !how.folders.is_empty() => {
                grade::grade(&root, &how, &messages)
            }
            Some(Command::Gradescope { file }) => autograder::write(&root, &file, &messages),
            _ => bail!("this is not for the desk; start it with cargo run -p homework"),
        };
        ended.map_err(|error| messages.error(error))
    })
}
