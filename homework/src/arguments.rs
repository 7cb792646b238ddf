//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::grade_options::GradeOptions;
use crate::grading::submission::TcpProgram;
use crate::messages::{Language, Messages, language_of_environment};

/// Watch, test and grade the day 01 homework.
#[derive(Parser)]
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
pub struct Arguments {
    /// The language of all output [default: that of LANG]
    #[arg(long, value_name = "en|zh", value_parser = language, global = true)]
    lang: Option<Language>,

    /// What to do [default: watch mode, which tests your programs on every save]
    #[command(subcommand)]
    pub command: Option<Command>,
}

fn language(value: &str) -> Result<Language, &'static str> {
    match value {
        "en" => Ok(Language::En),
        "zh" => Ok(Language::Zh),
        _ => Err("choose en or zh"),
    }
}

impl Arguments {
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_else(language_of_environment)
    }

    pub fn messages(&self) -> Messages {
        Messages::new(self.language())
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// Write a student copy: the starter code, the notes and the tests
    New {
        /// The folder to write to, new or empty
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Grade this folder, or submissions in other folders and zip files
    Grade(GradeOptions),
    /// Write the autograder that Gradescope needs to grade this homework
    Gradescope {
        /// The zip file to write
        #[arg(value_name = "FILE.zip")]
        file: PathBuf,
    },
    /// Show your program's system calls next to its peer's (needs Linux and strace)
    Calls {
        /// The program: day01-tcp-server or server, day01-tcp-client or client
        #[arg(value_enum, hide_possible_values = true)]
        program: TcpProgram,

        /// Make the peer send nothing, so that both ends wait
        #[arg(long)]
        silent: bool,
    },
    /// List all tasks with their points and tests
    Tasks,
    /// List which tasks are done, and where to work on the others
    List,
    /// Show a hint for a task: a question, where to look, or nearly the whole line of code
    Hint {
        /// The name of the task, or its number in the list [default: the next task]
        task: Option<String>,

        /// How much to give away
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
        step: u8,
    },
    /// Run one test, and show what the programs sent and printed
    Try {
        /// The name of the test, or the end of its name
        test: String,

        /// The seed of the data that the test sends, as a report shows it
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u32,
    },
    /// Restore the starter code of a program, or the blank answers, and keep a backup
    Reset {
        /// day01-tcp-server, day01-tcp-client, day01-udp or homework/answers.toml
        program: String,
    },
    /// Show what `cargo test` shows in a student copy
    #[command(hide = true)]
    Verdict {
        /// Only run tests with one of these in their names, and show them in full
        #[arg(value_name = "TEST")]
        names: Vec<String>,
    },
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
