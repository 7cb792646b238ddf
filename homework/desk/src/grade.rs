//! `grade` with folders: marks what others wrote.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use anyhow::{Result, bail};
use lesson::{one_line, print_error};

use homework::arguments::Format;
use homework::bounded::{self, progress};
use homework::formats::{self, Marked, Skipped};
use homework::marking::builder::Builder;
use homework::marking::mark::Marks;
use homework::marking::order;
use homework::marking::rubric::Rubric;
use homework::marking::sandbox::Sandbox;
use homework::marking::tests::Tests;
use homework::texts::Texts;

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

/// Marks these folders with the tests of the workspace at `root`. After Ctrl-C it prints what there
/// is by then.
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
        _ if no_sandbox => None,
        Ok(sandbox) => Some(sandbox),
        Err(why) => bail!("{}", texts.fill("no sandbox", &[("why", &one_line(&why))])),
    };
    let rubric = Rubric::of(root)?;
    progress("building the tests");
    let mut tests = Tests::build(root, &rubric, true)?;
    tests.seed = seed.unwrap_or_else(new_seed);
    tests.sandbox = sandbox;
    let (marks, skipped) = mark_others(root, folders, &rubric, &tests)?;
    let marked = Marked { rubric: &rubric, marks: &marks, skipped: &skipped, seed: tests.seed };
    lesson::print(formats::print(texts, format, &marked, "show others").as_bytes())?;
    Ok(match () {
        () if bounded::interrupted() => bounded::INTERRUPTED.into(),
        () if skipped.is_empty() => ExitCode::SUCCESS,
        () => ExitCode::FAILURE,
    })
}

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

/// Shows on a terminal how many folders have been marked.
fn count(done: usize, all: usize) {
    if io::stderr().is_terminal() {
        let end = if done == all { "\r                              \r" } else { "" };
        _ = write!(io::stderr(), "\r  {done} of {all} folders marked{end}");
    }
}
