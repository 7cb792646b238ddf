//! The options of `grade`, which the grader needs too.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;

use crate::formats::Format;

/// What to mark, and how.
#[derive(Debug, Args)]
pub struct GradeOptions {
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
