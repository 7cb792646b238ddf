//! `grade` with folders: marks what others wrote.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use common::{one_line, print_error};

use homework::formats::Format;
use homework::formats::{self, Gradebook};
use homework::grade_options::GradeOptions;
use homework::grading::rubric::Rubric;
use homework::messages::Messages;
use homework::process::{self, note, progress};

use crate::incremental::{Graded, Grader, Tools};
use crate::isolation::Isolation;
use crate::pairs::{self, Pairs};
use crate::report;
use crate::roster::Roster;
use crate::saved_results::write;
use crate::submissions::{self, SubmissionFolder};
use crate::work_folder::WorkFolder;

/// Marks what was handed in, with the tests of the workspace at `root`. After Ctrl-C it prints what
/// there is by then.
///
/// # Errors
///
/// The tests do not build, or the system fails. A folder that cannot be marked is skipped, and the
/// exit status tells.
pub fn grade(root: &Path, how: &GradeOptions, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    match grade_all(root, how, messages) {
        Err(error) if process::interrupted() => {
            print_error(&messages.error(error));
            Ok(process::INTERRUPTED.into())
        }
        Err(error) if how.format == Format::Gradescope => {
            // What was written so far is nobody's mark.
            how.out.iter().for_each(|file| _ = fs::remove_file(file));
            Err(error)
        }
        graded => graded,
    }
}

fn grade_all(root: &Path, how: &GradeOptions, messages: &Messages) -> Result<ExitCode> {
    if let Some(folder) = &how.report {
        report::check(folder, messages)?;
    }
    let isolation = Isolation::choose(root, how, messages)?;
    let rubric = Rubric::from_workspace(root)?;
    let own = WorkFolder::lock(root, |what| progress(messages.say(what)))?;
    let (hand_ins, missing) = handed_in(how, &own, messages)?;
    let run = Grader { root, how, own: &own, rubric: &rubric, messages };
    let Graded { marks, skipped, seed, tools } = run.mark(&hand_ins, &isolation)?;
    let tools = || tools.map_or_else(|| run.prepare(seed, &isolation), Ok);
    let pairs = pairs(&run, &hand_ins, tools);
    let of_pairs = pairs.as_ref().map(|pairs| pairs.json(messages));
    let (marks, skipped) = (&*marks, &*skipped);
    let marked = Gradebook { rubric: &rubric, marks, skipped, seed, pairs: of_pairs.as_ref() };
    let printed = formats::print(messages, how.format, &marked, "show-others");
    match &how.out {
        Some(file) => write(file, printed.as_bytes())
            .with_context(|| format!("cannot write {}", formats::shown(file)))?,
        None => common::print(printed.as_bytes())?,
    }
    pairs.iter().flat_map(|pairs| pairs.lines(messages)).for_each(note);
    // After Ctrl-C it would say less than the one that is there.
    if let Some(folder) = how.report.as_deref().filter(|_| !process::interrupted()) {
        report::write(folder, root, messages, &marked, (&hand_ins, &missing), pairs.as_ref())?;
        let index = formats::shown(&folder.join(report::INDEX));
        note(messages.fill("report-written", &[("file", &index)]));
    }
    Ok(match () {
        () if process::interrupted() => process::INTERRUPTED.into(),
        () if skipped.is_empty() => ExitCode::SUCCESS,
        () => ExitCode::FAILURE,
    })
}

/// What came of every client with every server, where that was asked for. The marks are there,
/// whatever comes of it.
fn pairs(
    run: &Grader,
    hand_ins: &[SubmissionFolder],
    tools: impl FnOnce() -> Result<Tools>,
) -> Option<Pairs> {
    if !run.how.pairs || process::interrupted() {
        return None;
    }
    let pairs = tools().and_then(|tools| pairs::run(run, hand_ins, tools));
    pairs.map_err(|error| print_error(&run.messages.error(error))).ok()
}

/// What was handed in, and by whom; and the names of those who handed in nothing, which it says.
fn handed_in(
    how: &GradeOptions,
    work_folder: &WorkFolder,
    messages: &Messages,
) -> Result<(Vec<SubmissionFolder>, Vec<String>)> {
    let students = match &how.students {
        Some(table) => Roster::read(table)?,
        None => Roster::default(),
    };
    let own = work_folder.path.join("handed-in");
    let mut hand_ins = submissions::find(&how.folders, &students, &own)?;
    // The table may lie among them.
    hand_ins.retain(|hand_in| Some(&hand_in.student.folder) != how.students.as_ref());
    let folders: Vec<_> = hand_ins.iter().map(|hand_in| &hand_in.student.folder).collect();
    let missing: Vec<String> = students.missing(&folders).into_iter().map(str::to_owned).collect();
    if !missing.is_empty() {
        note(messages.fill("not-handed-in", &[("names", &one_line(&missing.join(", ")))]));
    }
    let for_one = [Format::Gradescope, Format::Classroom50].contains(&how.format);
    if for_one && hand_ins.len() != 1 {
        bail!("this format is for the marks of one folder; name one, or use --format json");
    }
    Ok((hand_ins, missing))
}
