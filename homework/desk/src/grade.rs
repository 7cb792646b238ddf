//! `grade` with folders: marks what others wrote.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use lesson::{one_line, print_error};

use homework::arguments::{Format, Grade};
use homework::bounded::{self, note, progress};
use homework::formats::{self, Marked};
use homework::marking::place::Place;
use homework::marking::rubric::Rubric;
use homework::marking::sandbox::Sandbox;
use homework::texts::Texts;

use crate::hand_in::{self, HandIn};
use crate::results::write;
use crate::run::{Graded, Run};
use crate::students::Students;

/// Marks what was handed in, with the tests of the workspace at `root`. After Ctrl-C it prints what
/// there is by then.
///
/// # Errors
///
/// The tests do not build, or the system fails. A folder that cannot be marked is skipped, and the
/// exit status tells.
pub fn grade(root: &Path, how: &Grade, texts: &Texts) -> Result<ExitCode> {
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
    let sandbox = sandbox(how, texts)?;
    let rubric = Rubric::of(root)?;
    let place = Place::alone(root, |what| progress(what))?;
    let hand_ins = handed_in(how, &place, texts)?;
    let run = Run { root, how, place: &place, rubric: &rubric, texts };
    let Graded { marks, skipped, seed } = run.mark(&hand_ins, sandbox)?;
    let marked = Marked { rubric: &rubric, marks: &marks, skipped: &skipped, seed };
    let printed = formats::print(texts, how.format, &marked, "show others");
    match &how.out {
        Some(file) => write(file, printed.as_bytes())?,
        None => lesson::print(printed.as_bytes())?,
    }
    Ok(match () {
        () if bounded::interrupted() => bounded::INTERRUPTED.into(),
        () if skipped.is_empty() => ExitCode::SUCCESS,
        () => ExitCode::FAILURE,
    })
}

/// How strangers' code is kept in bounds.
fn sandbox(how: &Grade, texts: &Texts) -> Result<Option<Sandbox>> {
    if how.no_sandbox {
        return Ok(None);
    }
    match Sandbox::new() {
        Ok(sandbox) => Ok(Some(sandbox)),
        Err(why) => bail!("{}", texts.fill("no sandbox", &[("why", &one_line(&why))])),
    }
}

/// What was handed in, and by whom. Says who handed in nothing.
fn handed_in(how: &Grade, place: &Place, texts: &Texts) -> Result<Vec<HandIn>> {
    let students = match &how.students {
        Some(table) => Students::read(table)?,
        None => Students::default(),
    };
    let hand_ins = hand_in::find(&how.folders, &students, &place.folder.join("handed-in"))?;
    let folders: Vec<_> = hand_ins.iter().map(|hand_in| &hand_in.student.folder).collect();
    let missing = students.missing(&folders).join(", ");
    if !missing.is_empty() {
        note(texts.fill("not handed in", &[("names", &one_line(&missing))]));
    }
    let for_one = [Format::Gradescope, Format::Classroom50].contains(&how.format);
    if for_one && hand_ins.len() != 1 {
        bail!("this format is for the marks of one folder; name one, or use --format json");
    }
    Ok(hand_ins)
}
