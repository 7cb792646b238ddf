//! `try`: runs one test and shows all of its steps, whether it passes or fails.

use std::path::Path;
use std::process::ExitCode;

use ::tests::{CapturedOutput, Report, message};
use anyhow::{Result, bail};

use crate::failure_text;
use crate::grading::local_grader::build_workspace;
use crate::grading::marks::{Failure, Outcome};
use crate::grading::test_suite::TestSuite;
use crate::messages::Messages;
use crate::process;
use crate::skip_reasons;
use crate::test_diagram;

const WIDTH: usize = 64;

/// Runs the test whose name is or ends with `name`. The exit status is 1 if it fails.
pub fn show(root: &Path, name: &str, seed: u32, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let (mut tests, found) = find_tests(root, |tests| find(tests, name))?;
    let [test] = found[..] else {
        let names: Vec<_> = found.iter().map(|&test| tests.names[test].as_str()).collect();
        let key = if names.is_empty() { "no-test" } else { "several-tests" };
        bail!(message!(key, test = name, tests = names.join(", ")));
    };
    tests.keep_reports = true;
    let mut programs = build_workspace(root, tests.extra_credit, false)?;
    programs.seed = seed;
    let (outcome, _) = tests.run(test, &programs);
    common::print(describe(&outcome, &tests.names[test], messages).as_bytes())?;
    Ok(if outcome.is_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the tests, and returns them with the indices of those that `find` chooses. Extra credit takes
/// longer to build, so it's only searched if the homework has no such test.
pub fn find_tests(
    root: &Path,
    find: impl Fn(&[String]) -> Vec<usize>,
) -> Result<(TestSuite, Vec<usize>)> {
    let mut tests = TestSuite::build(root, false)?;
    let mut found = find(&tests.names);
    if found.is_empty() {
        tests = TestSuite::build(root, true)?;
        found = find(&tests.names);
    }
    Ok((tests, found))
}

/// Returns the test of this name, or else all tests whose names end with it.
fn find(names: &[String], name: &str) -> Vec<usize> {
    match names.iter().position(|test| test == name) {
        Some(test) => vec![test],
        None => (0..names.len()).filter(|&test| names[test].ends_with(name)).collect(),
    }
}

/// Returns the steps of a test, the output of the programs, and the result.
pub fn describe(outcome: &Outcome, name: &str, messages: &Messages) -> String {
    let mut lines = Vec::new();
    let mut section = None;
    match outcome {
        Outcome::Passed(report) => {
            if let Some(report) = report {
                lines = test_diagram::draw(messages, report, WIDTH);
                lines.extend(outputs(messages, report));
            }
            lines.push(format!("✓ {}", messages.get("passed")));
            lines.extend(failure_text::remark(messages, outcome));
        }
        Outcome::Failed(failure) => {
            section = Some("homework");
            if let Failure::Reported(report) = failure {
                lines = test_diagram::draw_failed(messages, report, WIDTH);
                lines.extend(outputs(messages, report));
                section = Some(&report.section);
            }
            lines.push(format!("✗ {}", failure_text::summary(messages, failure)));
            if let Failure::Reported(report) = failure
                && let Some(mistake) = &report.mistake
            {
                lines.push(messages.show(&message!("looks-for", mistake)));
            }
        }
        Outcome::Skipped(because) => {
            lines.push(format!("✗ {}", skip_reasons::reason(messages, because)));
        }
    }
    let title = messages.test_with_name(name);
    let mut text = format!("{title}\n  {}\n", lines.join("\n  "));
    if let Some(section) = section {
        text += &format!("{}\n", messages.read(&messages.section(section)));
    }
    text
}

fn outputs(messages: &Messages, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for program in &report.programs {
        let (command, ended) = (&program.command, &program.ended);
        lines.push(messages.show(&message!("printed", command, ended)));
        for CapturedOutput { lines: output, left_out, .. } in [&program.stdout, &program.stderr] {
            let middle = output.len() / 2;
            for (number, line) in output.iter().enumerate() {
                if number == middle && *left_out > 0 {
                    lines.push(messages.fill("left-out", &[("count", &left_out.to_string())]));
                }
                // The report escapes backslashes that the program printed.
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
    fn a_test_is_found_by_its_name_or_the_end_of_it() {
        let names = ["a::one", "b::one", "b::one::case"].map(String::from);
        assert_eq!(find(&names, "a::one"), [0]);
        assert_eq!(find(&names, "one"), [0, 1]);
        assert_eq!(find(&names, "case"), [2]);
        assert_eq!(find(&names, "b"), [] as [usize; 0]);
    }
}
