//! `cargo test` in a hand-out: marks the student's own programs, and shows what came of it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::commands::{screen, try_one};
use crate::grading::order;
use crate::grading::rubric::Rubric;
use crate::grading::submission;
use crate::grading::tests::Tests;
use crate::messages::Messages;
use crate::process;

/// Marks the homework in the workspace at `root`, without what lies beyond it. Fails when points
/// are missing.
///
/// # Errors
///
/// The tests do not build, or the system fails.
pub fn show(root: &Path, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let rubric = Rubric::of(root)?;
    let tests = Tests::build(root, &rubric, false)?;
    let own = submission::build_own(root, false)?;
    let marks = order::mark(&rubric, &tests, &own, false);
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
    let rubric = Rubric::of(root)?;
    let is_meant = |test: &String| names.iter().any(|name| test.contains(name.as_str()));
    let find = |tests: &[String]| (0..tests.len()).filter(|&test| is_meant(&tests[test])).collect();
    let (mut tests, meant, beyond) = try_one::meant(root, &rubric, find)?;
    if meant.is_empty() {
        bail!("no test has {} in its name (cargo run -p homework -- tasks)", names.join(" or "));
    }
    tests.conversations = true;
    let own = submission::build_own(root, beyond)?;
    let mut status = ExitCode::SUCCESS;
    for test in meant {
        let outcome = tests.run(&rubric, test, &own);
        let (text, passed) = try_one::told(&outcome, &tests.names[test], messages);
        if !passed {
            status = ExitCode::FAILURE;
        }
        common::print(format!("{text}\n").as_bytes())?;
    }
    Ok(status)
}
