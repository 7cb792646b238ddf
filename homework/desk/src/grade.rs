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

use homework::arguments::{Format, Grade};
use homework::bounded::{self, note, progress};
use homework::formats::{self, Marked, Skipped};
use homework::marking::builder::Builder;
use homework::marking::mark::Marks;
use homework::marking::order;
use homework::marking::rubric::Rubric;
use homework::marking::sandbox::Sandbox;
use homework::marking::tests::Tests;
use homework::texts::Texts;

use crate::students::Students;

/// Marks these folders with the tests of the workspace at `root`. After Ctrl-C it prints what there
/// is by then.
///
/// # Errors
///
/// The tests do not build, or the system fails. A folder that cannot be marked is skipped, and the
/// exit status tells.
pub fn grade(root: &Path, how: &Grade, texts: &Texts) -> Result<ExitCode> {
    if how.format == Format::Gradescope && how.folders.len() > 1 {
        bail!("Gradescope takes the marks of one folder; name one, or use --format json");
    }
    bounded::stop_on_ctrl_c()?;
    match grade_all(root, how, texts) {
        Err(error) if bounded::interrupted() => {
            print_error(&error);
            Ok(bounded::INTERRUPTED.into())
        }
        graded => graded,
    }
}

fn grade_all(root: &Path, how: &Grade, texts: &Texts) -> Result<ExitCode> {
    let students = match &how.students {
        Some(table) => Students::read(table)?,
        None => Students::default(),
    };
    let sandbox = match Sandbox::new() {
        _ if how.no_sandbox => None,
        Ok(sandbox) => Some(sandbox),
        Err(why) => bail!("{}", texts.fill("no sandbox", &[("why", &one_line(&why))])),
    };
    let rubric = Rubric::of(root)?;
    progress("building the tests");
    let mut tests = Tests::build(root, &rubric, true)?;
    tests.seed = how.seed.unwrap_or_else(new_seed);
    tests.sandbox = sandbox;
    let (marks, skipped) = mark_others(root, &how.folders, &students, &rubric, &tests)?;
    let missing = students.missing(&how.folders).join(", ");
    if !missing.is_empty() {
        note(texts.fill("not handed in", &[("names", &one_line(&missing))]));
    }
    let marked = Marked { rubric: &rubric, marks: &marks, skipped: &skipped, seed: tests.seed };
    lesson::print(formats::print(texts, how.format, &marked, "show others").as_bytes())?;
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
    students: &Students,
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
            match builder.build(folder, students.of(folder)) {
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
