//! `grade`: marks folders, one or many.

use std::collections::hash_map::RandomState;
use std::fmt::Display;
use std::hash::BuildHasher as _;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use anyhow::{Result, bail};
use clap::ValueEnum;
use lesson::{one_line, print_error};

use crate::bounded;
use crate::marking::builder::Builder;
use crate::marking::mark::Marks;
use crate::marking::order;
use crate::marking::rubric::Rubric;
use crate::marking::sandbox::Sandbox;
use crate::marking::submission;
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

/// How folders are marked.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// How the marks are printed.
    pub format: Format,
    /// From what the words that the tests send are made.
    pub seed: Option<u32>,
    /// Whether strangers' code may run without a box.
    pub no_sandbox: bool,
}

/// Marks these folders with the tests of the workspace at `root`; without any, the workspace. After
/// Ctrl-C it prints what there is by then.
///
/// # Errors
///
/// The tests do not build, or the system fails. A folder that cannot be marked is skipped, and the
/// exit status tells.
pub fn grade(root: &Path, folders: &[PathBuf], how: How, texts: &Texts) -> Result<ExitCode> {
    if how.format == Format::Gradescope && folders.len() > 1 {
        bail!("Gradescope takes the marks of one folder; name one, or use --format json");
    }
    bounded::stop_on_ctrl_c()?;
    match grade_all(root, folders, how, texts) {
        Err(error) if bounded::interrupted() => {
            print_error(&error);
            Ok(bounded::INTERRUPTED.into())
        }
        graded => graded,
    }
}

fn grade_all(root: &Path, folders: &[PathBuf], how: How, texts: &Texts) -> Result<ExitCode> {
    let How { format, seed, no_sandbox } = how;
    let sandbox = match Sandbox::new() {
        _ if no_sandbox || folders.is_empty() => None,
        Ok(sandbox) => Some(sandbox),
        Err(why) => bail!("{}", texts.fill("no sandbox", &[("why", &one_line(&why))])),
    };
    let rubric = Rubric::of(root)?;
    progress("building the tests");
    let mut tests = Tests::build(root, &rubric, true)?;
    tests.seed = seed.unwrap_or_else(|| if folders.is_empty() { 0 } else { new_seed() });
    tests.sandbox = sandbox;
    let (marks, skipped) = match folders {
        [] => {
            progress("building the programs");
            let own = submission::build_own(root, true)?;
            progress(format_args!("testing them ({} tests)", tests.names.len()));
            (vec![order::mark(&rubric, &tests, &own, true)], Vec::new())
        }
        _ => mark_others(root, folders, &rubric, &tests)?,
    };

    let seed = tests.seed;
    let text = match format {
        Format::Table => {
            let tables = marks.iter().map(|marks| formats::table(texts, &rubric, marks));
            let mut text = tables.collect::<Vec<_>>().join("\n\n");
            if seed != 0 {
                let seed = texts.fill("seed", &[("seed", &seed.to_string())]);
                text += &format!("\n{seed}\n");
            }
            if marks.iter().any(|marks| marks.tenths() < 1000) {
                let hint = if folders.is_empty() { "show again" } else { "show others" };
                text += &format!("\n{}\n", texts.get(hint));
            }
            text
        }
        Format::Json => formats::json(texts, &rubric, &marks, &skipped, seed),
        Format::Csv => formats::csv(texts, &rubric, &marks, seed),
        Format::Gradescope => {
            marks.iter().map(|marks| formats::gradescope(texts, marks, seed)).collect()
        }
    };
    lesson::print(text.as_bytes())?;
    Ok(match () {
        () if bounded::interrupted() => bounded::INTERRUPTED.into(),
        () if skipped.is_empty() => ExitCode::SUCCESS,
        () => ExitCode::FAILURE,
    })
}

/// A folder that was not marked, and why.
type Skipped = (String, String);

/// Marks folders: one is built while those before it are tested.
fn mark_others(
    root: &Path,
    folders: &[PathBuf],
    rubric: &Rubric,
    tests: &Tests,
) -> Result<(Vec<Marks>, Vec<Skipped>)> {
    // It keeps another grader from taking the programs away, until the last test has run.
    let mut builder = Builder::new(root, tests.sandbox.as_ref(), |what| progress(what))?;
    let mut skipped = Vec::new();
    let marks = thread::scope(|scope| {
        let (sender, submissions) = mpsc::channel();
        let marks = scope.spawn(|| {
            let count = |done| count(done, folders.len());
            order::mark_as_they_come(rubric, tests, submissions, count)
        });
        for (number, folder) in folders.iter().enumerate() {
            let name = formats::shown(folder);
            if !bounded::interrupted() {
                progress(format_args!("building {name} ({} of {})", number + 1, folders.len()));
            }
            match builder.build(folder) {
                // It is received to the end.
                Ok(submission) => _ = sender.send(submission),
                Err(error) => {
                    let error = one_line(&format!("{error:#}"));
                    if !bounded::interrupted() {
                        print_error(&anyhow::anyhow!("skipped {name}: {error}"));
                    }
                    skipped.push((name, error));
                }
            }
        }
        drop(sender);
        if !bounded::interrupted() {
            progress(format_args!("testing what was built ({} tests each)", tests.names.len()));
        }
        marks.join()
    });
    let marks = marks.map_err(|_| anyhow::anyhow!("the tests could not be run to their end"))?;
    Ok((marks, skipped))
}

/// A number that nobody knows before.
fn new_seed() -> u32 {
    let number = RandomState::new().hash_one("seed");
    // Short enough to be typed, and never 0.
    1 + u32::try_from(number % 999_999).unwrap_or_default()
}

/// Says on standard error what is being done.
fn progress(what: impl Display) {
    _ = writeln!(io::stderr(), "  {what} ...");
}

/// Shows on a terminal how many folders have been marked.
fn count(done: usize, all: usize) {
    if io::stderr().is_terminal() {
        let end = if done == all { "\r                              \r" } else { "" };
        _ = write!(io::stderr(), "\r  {done} of {all} folders marked{end}");
    }
}
