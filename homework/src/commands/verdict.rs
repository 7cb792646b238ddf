//! `cargo test` in a hand-out: marks the student's own programs, and shows what came of it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::commands::{screen, try_test};
use crate::grading::grade_submission;
use crate::grading::rubric::Rubric;
use crate::grading::submission;
use crate::grading::test_suite::TestSuite;
use crate::messages::Messages;
use crate::process;

/// Marks the homework in the workspace at `root`, without extra credit. Fails when points
/// are missing.
///
/// # Errors
///
/// The tests do not build, or the system fails.
pub fn show(root: &Path, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let rubric = Rubric::from_workspace(root)?;
    let tests = TestSuite::build(root, &rubric, false)?;
    let own = submission::build_workspace(root, false)?;
    let marks = grade_submission::grade(&rubric, &tests, &own, false);
    common::print(screen::draw(messages, root, &marks, own.compiler.as_deref()).as_bytes())?;
    Ok(if marks.tenths() == 1000 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the tests with one of these messages in their names, and shows all that was said in each of
/// them.
///
/// # Errors
///
/// No test has such a name, the tests do not build, or the system fails.
pub fn run(root: &Path, names: &[String], messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let rubric = Rubric::from_workspace(root)?;
    let is_meant = |test: &String| names.iter().any(|name| test.contains(name.as_str()));
    let find = |tests: &[String]| (0..tests.len()).filter(|&test| is_meant(&tests[test])).collect();
    let (mut tests, meant, extra_credit) = try_test::find_tests(root, &rubric, find)?;
    if meant.is_empty() {
        bail!("no test has {} in its name (cargo run -p homework -- tasks)", names.join(" or "));
    }
    tests.keep_reports = true;
    let own = submission::build_workspace(root, extra_credit)?;
    let mut status = ExitCode::SUCCESS;
    for test in meant {
        let outcome = tests.run(&rubric, test, &own);
        let (text, passed) = try_test::describe(&outcome, &tests.names[test], messages);
        if !passed {
            status = ExitCode::FAILURE;
        }
        common::print(format!("{text}\n").as_bytes())?;
    }
    Ok(status)
}
