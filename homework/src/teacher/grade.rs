//! `grade`: marks folders, one or many.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::ValueEnum;
use lesson::{counted, print_error};

use crate::marking::order;
use crate::marking::rubric::Rubric;
use crate::marking::submission::{self, Builder};
use crate::marking::tests::Tests;
use crate::teacher::formats;
use crate::texts::Texts;

/// How marks are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table of each folder, for people
    Table,
    /// Every folder, task and test that did not pass
    Json,
    /// A row for each folder, for a spreadsheet
    Csv,
    /// The results.json of Gradescope, for one folder
    Gradescope,
}

/// Marks these folders with the tests of the workspace at `root`; without any, the workspace.
///
/// # Errors
///
/// The tests do not build, or the system fails. A folder that is no homework is skipped.
pub fn grade(root: &Path, folders: &[PathBuf], format: Format, texts: &Texts) -> Result<ExitCode> {
    if format == Format::Gradescope && folders.len() > 1 {
        bail!("Gradescope takes the marks of one folder; name one, or use --format json");
    }
    let rubric = Rubric::of(root)?;
    progress("building the tests");
    let tests = Tests::build(root, &rubric, true)?;
    let (mut submissions, mut skipped) = (Vec::new(), Vec::new());
    // Kept until the marks are there: it keeps a second grader from taking the programs away.
    let mut builder;
    if folders.is_empty() {
        progress("building the programs");
        submissions.push(submission::build_own(root, true)?);
    } else {
        builder = Builder::new(root)?;
        if builder.is_new() {
            progress("compiling the libraries as well, this first time: that takes a minute");
        }
        for (number, folder) in folders.iter().enumerate() {
            let name = formats::shown(folder);
            progress(format_args!("building {name} ({} of {})", number + 1, folders.len()));
            match builder.build(folder) {
                Ok(submission) => submissions.push(submission),
                Err(error) => {
                    print_error(&anyhow::anyhow!("skipped {name}: {error:#}"));
                    skipped.push((name, format!("{error:#}")));
                }
            }
        }
    }
    let number = counted(submissions.len() as u64, "folder");
    progress(format_args!("testing {number} ({} tests each)", tests.names.len()));
    let marks = order::mark(&rubric, &tests, &submissions, true, count);

    let text = match format {
        Format::Table => {
            let tables = marks.iter().map(|marks| formats::table(texts, &rubric, marks));
            let mut text = tables.collect::<Vec<_>>().join("\n\n");
            let own = folders.is_empty() && marks.iter().any(|marks| marks.tenths() < 1000);
            if own {
                text += &format!("\n{}\n", texts.get("show again"));
            }
            text
        }
        Format::Json => formats::json(texts, &rubric, &marks, &skipped),
        Format::Csv => formats::csv(texts, &rubric, &marks),
        Format::Gradescope => marks.iter().map(|marks| formats::gradescope(texts, marks)).collect(),
    };
    lesson::print(text.as_bytes())?;
    Ok(if skipped.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
