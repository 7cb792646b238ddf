//! What `cargo test` shows in a student copy: the points, the first failure of each task, and what to do
//! next. The hidden subcommand `verdict`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::commands::{list, next_step, try_test};
use crate::failure_text;
use crate::grading::grade_submission;
use crate::grading::local_grader::build_workspace;
use crate::grading::marks::{Marks, TaskMark, points};
use crate::grading::test_suite::TestSuite;
use crate::messages::{Messages, message};
use crate::process;
use crate::skip_reasons;
use crate::test_diagram;

const COMPILER_LINES: usize = 14;

/// Grades the workspace at `root` without extra credit. Fails unless it gets all points.
pub fn show(root: &Path, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let tests = TestSuite::build(root, false)?;
    let programs = build_workspace(root, false, false)?;
    let marks = grade_submission::grade(&tests, &programs);
    let summary = summary(messages, root, &marks, programs.compiler_error());
    common::print(summary.as_bytes())?;
    Ok(if marks.tenths() == 1000 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the tests that have one of `names` in their names, and shows each of them in full.
pub fn run(root: &Path, names: &[String], messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let is_named = |test: &String| names.iter().any(|name| test.contains(name.as_str()));
    let find = |tests: &[String]| (0..tests.len()).filter(|&test| is_named(&tests[test])).collect();
    let (mut tests, found) = try_test::find_tests(root, find)?;
    ensure!(!found.is_empty(), message!("no-test-with", names = names.join(", ")));
    tests.keep_reports = true;
    let programs = build_workspace(root, tests.extra_credit, false)?;
    let mut status = ExitCode::SUCCESS;
    for test in found {
        let (outcome, _) = tests.run(test, &programs);
        if !outcome.is_passed() {
            status = ExitCode::FAILURE;
        }
        let text = try_test::describe(&outcome, &tests.names[test], messages);
        common::print(format!("{text}\n").as_bytes())?;
    }
    Ok(status)
}

fn summary(messages: &Messages, root: &Path, marks: &Marks, compiler: Option<&str>) -> String {
    let title = messages.fill("title-own", &[("points", &points(marks.tenths()))]);
    let mut text = format!("{title}\n");
    if let Some(error) = compiler {
        for line in error.trim_end().lines().take(COMPILER_LINES) {
            _ = writeln!(text, "{line}");
        }
        text.push('\n');
    }
    for mark in marks.regressions() {
        let task = messages.task(&mark.task.name);
        // If it doesn't compile, the compiler's error says so.
        let has_worked =
            mark.failed().next().is_some() && !next_step::has_command(root, &mark.task);
        let key = if has_worked { "lost" } else { "not-there" };
        _ = writeln!(text, "✗ {}", messages.fill(key, &[("task", task)]));
        first_failure(messages, mark, &mut text);
    }
    for mark in marks.homework() {
        let note = match mark.failed().next() {
            _ if mark.is_complete() => String::new(),
            None => skip_reasons::not_tried(messages, mark, skip_reasons::reason_in_short).concat(),
            Some(_) => next_step::place(root, &mark.task),
        };
        _ = writeln!(text, "{}", list::line(messages, mark, 10, &note));
        if mark.failed().next().is_some() {
            first_failure(messages, mark, &mut text);
        }
        for remark in failure_text::remarks(messages, mark) {
            _ = writeln!(text, "    {remark}");
        }
    }
    text.push('\n');
    match marks.next() {
        Some(mark) => {
            let ask = next_step::instruction(messages, mark, compiler, "ask-build");
            let (place, notes) =
                (next_step::place(root, &mark.task), messages.section(&mark.task.section));
            let place = messages.show(&message!("next-place", place, notes));
            _ = writeln!(text, "{}\n{place}", messages.fill("next", &[("ask", &ask)]));
        }
        None => _ = writeln!(text, "{}", messages.get("done")),
    }
    _ = writeln!(text, "{}", messages.get("more-commands"));
    text
}

/// The transcript of a task's first failed test, and a line for each reason why others were skipped.
fn first_failure(messages: &Messages, mark: &TaskMark, text: &mut String) {
    if let Some((test, failure)) = mark.failed().next() {
        if failure.is_unreadable_file() {
            let actual = failure_text::actual(messages, failure);
            _ = writeln!(text, "    {}: {actual}", mark.task.file);
            return;
        }
        let more = match mark.failed().count() - 1 {
            0 => String::new(),
            count => messages.fill("more-of-the-same", &[("count", &count.to_string())]),
        };
        let title = messages.test_with_name(test);
        let read = messages.read(&failure_text::section(messages, mark, failure));
        _ = writeln!(text, "    {title}{more}{}{read}", messages.get("and"));
        for line in test_diagram::summarise(messages, failure) {
            _ = writeln!(text, "      {line}");
        }
    }
    for line in skip_reasons::not_tried(messages, mark, skip_reasons::reason_in_short) {
        _ = writeln!(text, "    {line}");
    }
}
