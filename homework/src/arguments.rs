//! The command line.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::calls::Program;
use crate::messages::{Language, Messages};

/// Hand out the homework, and mark it.
#[derive(Parser)]
// Without a command, one line says so: the whole help is for those who ask for it.
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
pub struct Arguments {
    /// The language of all that is said [default: that of LANG]
    #[arg(long, value_enum, global = true)]
    lang: Option<Language>,

    /// What to do [default: the place to sit in for an evening, which shows what comes of each save]
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// The language that was asked for.
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_else(Language::of_environment)
    }

    /// What is said, in that language.
    pub fn messages(&self) -> Messages {
        Messages::new(self.language())
    }
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Write a workspace for one student, with the class version of the programs
    New {
        /// The folder to write. It must not exist, or be empty
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Mark the homework in this folder, or in others, with the tests of this folder
    Grade(Grade),
    /// Write an autograder for Gradescope: everything that it needs to mark this homework
    Gradescope {
        /// The zip file to write
        #[arg(value_name = "FILE.zip")]
        file: PathBuf,
    },
    /// Show the calls of a program beside its peer, with the answers of the system (Linux, strace)
    Calls {
        /// The program: day01-tcp-server or server, day01-tcp-client or client
        #[arg(value_enum, hide_possible_values = true)]
        program: Program,

        /// Let the peer say nothing, so that both ends wait
        #[arg(long)]
        silent: bool,
    },
    /// Show the tasks, their points and their tests
    Tasks,
    /// Show which tasks are done, and where the others are to be done
    List,
    /// Show a hint for a task: a question, the place, or nearly the line
    Hint {
        /// The task, by its name or its number in the list [default: the next one]
        task: Option<String>,

        /// Which of the three hints
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
        step: u8,
    },
    /// Run one test, and show all that was said in it
    Try {
        /// Its name, or the end of its name
        test: String,

        /// From what to make the words that the test sends. 0 is for those that it has
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u32,
    },
    /// Put a program, or the answers, back to the class version. What was there is kept
    Reset {
        /// day01-tcp-server, day01-tcp-client, day01-udp or homework/answers.toml
        program: String,
    },
    /// What `cargo test` shows in a hand-out: the homework alone, and the next thing to do
    #[command(hide = true)]
    Verdict {
        /// Run the tests with one of these in their names instead, and show them in full
        #[arg(value_name = "TEST")]
        names: Vec<String>,
    },
}

/// What to mark, and how.
#[derive(Debug, Args)]
pub struct Grade {
    /// The folders or zip files to mark, for each student or for the whole class [default: this
    /// folder]
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,

    /// How to print the marks
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,

    /// Write the marks into this file. With --format gradescope, after each test as well
    #[arg(long, value_name = "FILE", requires = "folders")]
    pub out: Option<PathBuf>,

    /// A table with the columns name, folder and submitted: who handed in which folder, and when
    #[arg(long, value_name = "FILE.csv", requires = "folders")]
    pub students: Option<PathBuf>,

    /// Where to keep the results: what has not changed since is not marked again
    /// [default: target/homework/results]
    #[arg(long, value_name = "DIR", requires = "folders")]
    pub results: Option<PathBuf>,

    /// Mark all anew, whatever results there are
    #[arg(long, requires = "folders")]
    pub again: bool,

    /// How many folders to test at a time [default: three for each processor]
    #[arg(long, value_name = "N", requires = "folders")]
    pub jobs: Option<NonZero<usize>>,

    /// Write a page for the class and one for each student into this folder
    #[arg(long, value_name = "DIR", requires = "folders")]
    pub report: Option<PathBuf>,

    /// Let every client talk to every server, too, and to the finished programs
    #[arg(long, requires = "folders")]
    pub pairs: bool,

    /// From what to make the words that the tests send, as a report names it. 0 is for the
    /// words that stand in the tests [default: 0 for this folder; for others that of the results
    /// there are, or a new number]
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,

    /// Where no boxes can be made: run what others wrote as a user to whom nothing belongs. This is
    /// for root, in a container that is there for one submission
    #[arg(long, conflicts_with = "no_sandbox", requires = "folders")]
    pub as_nobody: bool,

    /// Run what others wrote with all your rights, where there is no bubblewrap
    #[arg(long)]
    pub no_sandbox: bool,
}

/// How marks are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table of each folder, for people
    Table,
    /// Every folder, task and test that did not pass
    Json,
    /// A row for each folder, for a spreadsheet
    Csv,
    /// A table of each folder for a page of a code host
    Markdown,
    /// The results.json of Gradescope, for one folder
    Gradescope,
    /// The result.json of Classroom 50, for one folder
    Classroom50,
}

const EXAMPLES: &str = "\
Examples:
  cargo run -p homework
  cargo run -p homework -- new ../my-homework
  cargo run -p homework -- grade
  cargo run -p homework -- calls server
  cargo run -p homework -- grade submissions/* --format csv > marks.csv
  cargo run -p homework -- grade moodle.zip --students students.csv --report report
  cargo run -p homework -- gradescope autograder.zip";
