//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::grade_options::GradeOptions;
use crate::grading::submission::TcpProgram;
use crate::messages::{Language, Messages, language_of_environment};

/// Hand out the homework, and mark it.
#[derive(Parser)]
// Without a command, one line says so: the whole help is for those who ask for it.
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
pub struct Arguments {
    /// The language of all that is said [default: that of LANG]
    #[arg(long, value_name = "en|zh", value_parser = language, global = true)]
    lang: Option<Language>,

    /// What to do [default: the place to sit in for an evening, which shows what comes of each save]
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
    /// The language that was asked for.
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_else(language_of_environment)
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
    /// Grade this folder, or submissions in other folders and zip files
    Grade(GradeOptions),
    /// Write the autograder that Gradescope needs to grade this homework
    Gradescope {
        /// The zip file to write
        #[arg(value_name = "FILE.zip")]
        file: PathBuf,
    },
    /// Show the calls of a program beside its peer, with the answers of the system (Linux, strace)
    Calls {
        /// The program: day01-tcp-server or server, day01-tcp-client or client
        #[arg(value_enum, hide_possible_values = true)]
        program: TcpProgram,

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

const EXAMPLES: &str = "\
Examples:
  cargo run -p homework
  cargo run -p homework -- new ../my-homework
  cargo run -p homework -- grade
  cargo run -p homework -- calls server
  cargo run -p homework -- grade submissions/* --format csv > marks.csv
  cargo run -p homework -- grade moodle.zip --students students.csv --report report
  cargo run -p homework -- gradescope autograder.zip";
