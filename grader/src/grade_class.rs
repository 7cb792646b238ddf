//! `grade` with folders: grades a class, and prints the results.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use common::{one_line, print_error};
use homework::formats::{self, Format, Gradebook, shown};
use homework::grade_options::GradeOptions;
use homework::grading::rubric::Rubric;
use homework::messages::{Messages, message};
use homework::process;
use homework::progress::{note, progress};

use crate::file_operations::write_atomically;
use crate::incremental::{ClassResults, Grader, Tools};
use crate::isolation::Isolation;
use crate::pairs::{self, Pairs};
use crate::report;
use crate::roster::Roster;
use crate::submissions::{self, SubmissionFolder};
use crate::work_folder::WorkFolder;

/// Grades submissions with the tests of the workspace at `root`. After Ctrl-C it prints the results so far.
/// The exit status is 1 if a submission can't be graded.
pub fn grade(root: &Path, options: &GradeOptions, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    match grade_all(root, options, messages) {
        Err(error) if process::interrupted() => {
            print_error(&messages.error(error));
            Ok(process::INTERRUPTED.into())
        }
        Err(error) if options.format == Format::Gradescope => {
            // Partial results would count as the student's.
            options.out.iter().for_each(|file| _ = fs::remove_file(file));
            Err(error)
        }
        graded => graded,
    }
}

fn grade_all(root: &Path, options: &GradeOptions, messages: &Messages) -> Result<ExitCode> {
    if let Some(folder) = &options.report {
        report::check(folder)?;
    }
    let isolation = &Isolation::choose(root, options)?;
    let rubric = &Rubric::from_workspace(root)?;
    let work_folder = &WorkFolder::lock(root, |what| progress(messages.show(what)))?;
    let (submissions, missing) = find_submissions(options, work_folder, messages)?;
    let grader = Grader { root, options, work_folder, isolation, messages };
    let ClassResults { marks, skipped, tools } = grader.grade(&submissions)?;
    let tools = || tools.map_or_else(|| grader.prepare(), Ok);
    let pairs = run_pairs(&grader, &submissions, tools);
    let pairs_json = pairs.as_ref().map(|pairs| pairs.json(messages));
    let (marks, skipped) = (&*marks, &*skipped);
    let gradebook =
        Gradebook { rubric, marks, skipped, seed: options.seed, pairs: pairs_json.as_ref() };
    let text = formats::print(messages, options.format, &gradebook, "show-others");
    match &options.out {
        Some(file) => write_atomically(file, text.as_bytes())?,
        None => common::print(text.as_bytes())?,
    }
    pairs.iter().flat_map(|pairs| pairs.lines(messages)).for_each(note);
    // After Ctrl-C the report would be incomplete.
    if let Some(folder) = options.report.as_deref().filter(|_| !process::interrupted()) {
        let class = (&*submissions, &*missing);
        report::write(folder, root, messages, &gradebook, class, pairs.as_ref())?;
        let index = shown(&folder.join(report::INDEX));
        note(messages.fill("report-written", &[("file", &index)]));
    }
    Ok(match () {
        () if process::interrupted() => process::INTERRUPTED.into(),
        () if skipped.is_empty() => ExitCode::SUCCESS,
        () => ExitCode::FAILURE,
    })
}

/// Runs all pairs if the options ask for it. An error is printed; the marks are valid anyway.
fn run_pairs(
    grader: &Grader,
    submissions: &[SubmissionFolder],
    tools: impl FnOnce() -> Result<Tools>,
) -> Option<Pairs> {
    if !grader.options.pairs || process::interrupted() {
        return None;
    }
    let pairs = tools().and_then(|tools| pairs::run(grader, submissions, tools));
    pairs.map_err(|error| print_error(&grader.messages.error(error))).ok()
}

/// Returns the submissions, and the names of students without one.
fn find_submissions(
    options: &GradeOptions,
    work_folder: &WorkFolder,
    messages: &Messages,
) -> Result<(Vec<SubmissionFolder>, Vec<String>)> {
    let roster = options.students.as_deref().map(Roster::read).transpose()?.unwrap_or_default();
    let unpacked = work_folder.path.join("unpacked");
    let mut submissions = submissions::find(&options.folders, &roster, &unpacked)?;
    // The roster may be in the same folder.
    submissions.retain(|submission| Some(&submission.student.folder) != options.students.as_ref());
    let folders: Vec<_> = submissions.iter().map(|submission| &submission.student.folder).collect();
    let missing: Vec<String> = roster.missing(&folders).into_iter().map(str::to_owned).collect();
    if !missing.is_empty() {
        note(messages.fill("not-submitted", &[("names", &one_line(&missing.join(", ")))]));
    }
    let is_for_one = [Format::Gradescope, Format::Classroom50].contains(&options.format);
    if is_for_one && submissions.len() != 1 {
        bail!(message!("format-for-one"));
    }
    Ok((submissions, missing))
}
