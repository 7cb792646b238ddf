//! `grade` without a folder: grades the programs of this workspace.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::formats::{self, Format, Gradebook};
use crate::grading::grade_submission;
use crate::grading::local_grader::build_workspace;
use crate::grading::test_suite::TestSuite;
use crate::messages::{Messages, message};
use crate::process;
use crate::progress::progress;

/// Grades the workspace at `root`. After Ctrl-C, it prints partial marks.
pub fn grade(
    root: &Path,
    format: Format,
    seed: Option<u32>,
    messages: &Messages,
) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    progress(messages.get("building-the-tests"));
    let tests = TestSuite::build(root, true)?;
    progress(messages.get("building-the-programs"));
    let mut own = build_workspace(root, true, false)?;
    own.seed = seed.unwrap_or_default();
    progress(messages.show(&message!("running-the-tests", count = tests.names.len())));
    let marks = [grade_submission::grade(&tests, &own)];
    let graded =
        Gradebook { rubric: &tests.rubric, marks: &marks, skipped: &[], seed, pairs: None };
    common::print(formats::print(messages, format, &graded, "show-again").as_bytes())?;
    Ok(if process::interrupted() { process::INTERRUPTED.into() } else { ExitCode::SUCCESS })
}
