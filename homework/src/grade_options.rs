//! The options of `grade`, which the grader needs too.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;

use crate::formats::Format;

/// What to grade, and how.
#[derive(Debug, Args)]
pub struct GradeOptions {
    /// Folders or zip files to grade, one per student or one with a whole class [default: this folder]
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,

    /// Write to a file instead of standard output. With --format gradescope it's updated after each test
    #[arg(long, value_name = "FILE", requires = "folders")]
    pub out: Option<PathBuf>,

    /// A roster: a CSV file with the columns name, folder and, optionally, submitted
    #[arg(long, value_name = "FILE.csv", requires = "folders")]
    pub students: Option<PathBuf>,

    /// Where to save results, which are reused until a submission changes
    /// [default: target/homework/results]
    #[arg(long, value_name = "DIR", requires = "folders")]
    pub results: Option<PathBuf>,

    /// Ignore saved results and grade everything
    #[arg(long, requires = "folders")]
    pub again: bool,

    /// How many submissions to test at a time [default: three per processor]
    #[arg(long, value_name = "N", requires = "folders")]
    pub jobs: Option<NonZero<usize>>,

    /// Write a report to a folder: an HTML page for the class and one for each student
    #[arg(long, value_name = "DIR", requires = "folders")]
    pub report: Option<PathBuf>,

    /// Also run every client against every server, and against the finished programs
    #[arg(long, requires = "folders")]
    pub pairs: bool,

    /// Seed of the test data [default: 0 for this folder, otherwise a random number for each submission]
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,

    /// If sandboxes can't be made, run submissions as an unprivileged user. Needs root. Use it only in a
    /// container that is thrown away after one submission
    #[arg(long, conflicts_with = "no_sandbox", requires = "folders")]
    pub as_nobody: bool,

    /// Run submissions without a sandbox, with all your permissions
    #[arg(long)]
    pub no_sandbox: bool,
}
