//! One test, with all that was said in it, whether it passes or fails.

use std::path::Path;
use std::process::ExitCode;

use ::tests::{CapturedOutput, Report, message};
use anyhow::{Result, bail};

use crate::failure_text;
use crate::grading::marks::{Failure, Outcome};
use crate::grading::rubric::Rubric;
use crate::grading::submission;
use crate::grading::test_suite::TestSuite;
use crate::ladder;
use crate::messages::Messages;
use crate::process;
use crate::reasons;

/// The columns of a conversation: the names of the tests are as long.
const COLUMNS: usize = 64;

/// Runs the test with this name, or with this end of its name, on the programs of the workspace at
/// `root`. The exit status tells whether it passed.
///
/// # Errors
///
/// There is no such test, or there are several; the tests do not build, or the system fails.
pub fn show(root: &Path, name: &str, seed: u32, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let rubric = Rubric::from_workspace(root)?;
    let (mut tests, found, extra_credit) = find_tests(root, &rubric, |tests| find(tests, name))?;
    let test = match found[..] {
        [test] => test,
        [] => bail!("{}", messages.fill("no-test", &[("test", name)])),
        _ => {
            let names: Vec<_> = found.iter().map(|&test| tests.names[test].as_str()).collect();
            bail!(
                "{}",
                messages.fill("several-tests", &[("test", name), ("tests", &names.join(", "))])
            )
        }
    };
    (tests.seed, tests.keep_reports) = (seed, true);
    let own = submission::build_workspace(root, extra_credit)?;
    let (text, passed) = describe(&tests.run(&rubric, test, &own), &tests.names[test], messages);
    common::print(text.as_bytes())?;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The tests, built, and those of them that are meant: of the homework or, where none of these is, of
/// extra credit, which takes longer to build. Says whether it had to.
///
/// # Errors
///
/// The tests do not build.
pub fn find_tests(
    root: &Path,
    rubric: &Rubric,
    find: impl Fn(&[String]) -> Vec<usize>,
) -> Result<(TestSuite, Vec<usize>, bool)> {
    let tests = TestSuite::build(root, rubric, false)?;
    let found = find(&tests.names);
    if !found.is_empty() {
        return Ok((tests, found, false));
    }
    let tests = TestSuite::build(root, rubric, true)?;
    let found = find(&tests.names);
    Ok((tests, found, true))
}

/// All that a test with this name has to tell, and whether it passed.
pub fn describe(outcome: &Outcome, name: &str, messages: &Messages) -> (String, bool) {
    let mut text = format!("{}\n", messages.test_with_name(name));
    for line in whole(messages, outcome) {
        text += &format!("  {line}\n");
    }
    if let Outcome::Failed(failure) = outcome {
        let section = match failure {
            Failure::Reported(report) => messages.section(&report.section),
            _ => messages.section("homework"),
        };
        text += &format!("{}\n", messages.fill("read", &[("notes", &section)]));
    }
    (text, outcome.is_passed())
}

/// The tests that are meant: the one of this name, or all whose names end so.
fn find(names: &[String], name: &str) -> Vec<usize> {
    match names.iter().position(|test| test == name) {
        Some(test) => vec![test],
        None => (0..names.len()).filter(|&test| names[test].ends_with(name)).collect(),
    }
}

/// All that was said, and what came of it.
fn whole(messages: &Messages, outcome: &Outcome) -> Vec<String> {
    let (mut lines, report, end) = match outcome {
        Outcome::Passed(report) => {
            let report = report.as_deref();
            let said = report.map(|report| ladder::draw(messages, report, COLUMNS));
            (said.unwrap_or_default(), report, format!("✓ {}", messages.get("passed")))
        }
        Outcome::Failed(failure) => {
            let end = format!("✗ {}", failure_text::summary(messages, failure));
            match failure {
                Failure::Reported(report) => {
                    (ladder::draw_broken(messages, report, COLUMNS), Some(&**report), end)
                }
                _ => (Vec::new(), None, end),
            }
        }
        Outcome::Skipped(because) => {
            (Vec::new(), None, format!("✗ {}", reasons::reason(messages, because)))
        }
    };
    lines.extend(report.map(|report| printed(messages, report)).unwrap_or_default());
    lines.push(end);
    if let Some(mistake) = report.and_then(|report| report.mistake.as_ref())
        && matches!(outcome, Outcome::Failed(_))
    {
        lines.push(messages.show(&message!("looks-for", mistake)));
    }
    lines
}

/// What the programs printed meanwhile.
fn printed(messages: &Messages, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for said in &report.programs {
        let values = [("command", &*said.command), ("ended", &messages.show(&said.ended))];
        lines.push(messages.fill("printed", &values));
        for CapturedOutput { lines: own, left_out, .. } in [&said.stdout, &said.stderr] {
            let middle = own.len() / 2;
            for (number, line) in own.iter().enumerate() {
                if number == middle && *left_out > 0 {
                    lines.push(messages.fill("left-out", &[("count", &left_out.to_string())]));
                }
                // What a program has escaped itself was escaped once more on the way.
                lines.push(format!("| {}", line.replace("\\\\", "\\")));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_meant_by_its_name_or_the_end_of_it() {
        let names = ["a::one", "b::one", "b::one::case"].map(String::from);
        assert_eq!(find(&names, "a::one"), [0]);
        assert_eq!(find(&names, "one"), [0, 1]);
        assert_eq!(find(&names, "case"), [2]);
        assert_eq!(find(&names, "b"), [] as [usize; 0]);
    }
}
