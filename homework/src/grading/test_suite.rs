//! Builds the tests, and runs each in its own process.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::tests::{Report, SEED};
use anyhow::{Result, ensure};
use common::{escaped, one_line};
use serde_json::{Value, json};

use crate::grading::cargo_build::{self, Source};
use crate::grading::marks::{Failure, Outcome, SkipReason};
use crate::grading::rubric::Rubric;
use crate::grading::submission::Submission;
use crate::messages::{Explain as _, message};
use crate::process;

/// The time limit for a test. Each of its waits has a deadline of 5 s; this is for a program that makes it
/// wait again and again.
const TEST_TIMEOUT: Duration = Duration::from_secs(7);

/// The same for a test that pauses. On a busy machine Java needs as long for the rest of it as for another test.
const PAUSING_TIMEOUT: Duration = Duration::from_secs(10);

/// The same for extra credit, where some tests transfer many megabytes.
const EXTRA_CREDIT_TIMEOUT: Duration = Duration::from_secs(12);

/// How many times a test of a program's own timeout is tried before it counts as failed.
const TRIES: usize = 3;

/// The test binaries, and the prefixes of their tests in the rubric.
const BINARIES: [(&str, &str); 3] =
    [("homework", ""), ("questions", "questions::"), ("day01", "day01::")];

/// The environment variable with the path of the answers.
pub const ANSWERS_VARIABLE: &str = "HOMEWORK_ANSWERS";

/// A callback for the index and the result of each test.
pub type OnResult = Box<dyn Fn(usize, &Outcome) + Send + Sync>;

pub type Variables = Vec<(&'static str, OsString)>;

/// Starts tests of untrusted programs. The grader implements it.
pub trait Launcher: Send + Sync {
    /// Returns the command that runs a test binary on a submission's programs.
    fn command(&self, binary: &Path, submission: &Submission, variables: Variables) -> Command;
}

pub struct TestSuite {
    pub rubric: Rubric,
    /// Whether it has the tests for extra credit too.
    pub extra_credit: bool,
    pub names: Vec<String>,
    pub tests_by_task: Vec<Vec<usize>>,
    /// The binary of each test, and the test's name in it.
    commands: Vec<(PathBuf, String)>,
    /// How a test is started, if not by [`direct_command`].
    pub launcher: Option<Box<dyn Launcher>>,
    /// Whether passed tests keep their reports, to be shown.
    pub keep_reports: bool,
    pub on_result: Option<OnResult>,
    /// Tests that run together hold it for reading. One that must run alone holds it for writing.
    alone: RwLock<()>,
}

impl TestSuite {
    /// Builds and lists the tests of the workspace at `root`. Those for extra credit take longer to build.
    pub fn build(root: &Path, extra_credit: bool) -> Result<TestSuite> {
        let rubric = Rubric::from_workspace(root)?;
        let binaries = BINARIES.into_iter().filter(|(name, _)| extra_credit || *name != "day01");
        let mut arguments = vec!["test", "--workspace", "--no-run", "--quiet"];
        arguments.extend(binaries.clone().flat_map(|(binary, _)| ["--test", binary]));
        let built =
            cargo_build::build(root, &arguments, &[], Source::Trusted, cargo_build::TIMEOUT)?;
        let (mut names, mut commands) = (Vec::new(), Vec::new());
        for (binary, prefix) in binaries {
            let path = built.executable(binary)?;
            let mut list = Command::new(path);
            list.args(["--list", "--format", "terse"]);
            let list = process::run(&mut list, TEST_TIMEOUT)
                .explain(message!("cannot-run", file = path.display()))?;
            ensure!(list.succeeded(), "{} doesn't list its tests", path.display());
            for line in String::from_utf8_lossy(&list.stdout).lines() {
                // The module `itself` tests the test harness.
                if let Some(name) = line.strip_suffix(": test")
                    && !name.starts_with("itself::")
                {
                    names.push(format!("{prefix}{name}"));
                    commands.push((path.to_owned(), name.to_owned()));
                }
            }
        }
        let tests_by_task = rubric.assign(&names, extra_credit)?;
        Ok(TestSuite {
            rubric,
            extra_credit,
            names,
            tests_by_task,
            commands,
            launcher: None,
            keep_reports: false,
            on_result: None,
            alone: RwLock::default(),
        })
    }

    /// Returns whether a test does nothing for seconds.
    pub fn pauses(&self, test: usize) -> bool {
        self.rubric.pauses(&self.names[test])
    }

    /// Runs a test. Returns its outcome, and how long it took.
    ///
    /// A deadline that passes on a busy machine says nothing about the program, so a test of the homework is
    /// run again while no other one runs. Extra credit isn't: a wrong program could hold up all others for
    /// minutes.
    pub fn run(&self, test: usize, submission: &Submission) -> (Outcome, Duration) {
        let tries = if self.rubric.is_timed(&self.names[test]) { TRIES } else { 1 };
        let together = self.alone.read().unwrap_or_else(PoisonError::into_inner);
        let mut outcome = self.run_once(test, submission);
        for _ in 1..tries {
            if !outcome.0.is_passed() {
                outcome = self.run_once(test, submission);
            }
        }
        drop(together);
        if outcome.0.is_timeout() && !self.is_extra_credit(test) {
            let _alone = self.alone.write().unwrap_or_else(PoisonError::into_inner);
            outcome = self.run_once(test, submission);
        }
        if let Some(callback) = &self.on_result {
            callback(test, &outcome.0);
        }
        outcome
    }

    fn is_extra_credit(&self, test: usize) -> bool {
        self.names[test].starts_with("day01::")
    }

    fn command(&self, test: usize, submission: &Submission) -> Command {
        let (binary, name) = &self.commands[test];
        let variables = vec![
            ("RUST_BACKTRACE", "0".into()),
            (Report::VARIABLE, "json".into()),
            (SEED, submission.seed.to_string().into()),
        ];
        let mut command = match &self.launcher {
            Some(launcher) => launcher.command(binary, submission, variables),
            None => direct_command(binary, submission, variables, ""),
        };
        // Without --nocapture, a test that is stopped prints nothing.
        command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
        command
    }

    fn run_once(&self, test: usize, submission: &Submission) -> (Outcome, Duration) {
        let start = Instant::now();
        let outcome = self.outcome(test, submission);
        (outcome, start.elapsed())
    }

    fn outcome(&self, test: usize, submission: &Submission) -> Outcome {
        let limit = match self.is_extra_credit(test) {
            true => EXTRA_CREDIT_TIMEOUT,
            false if self.pauses(test) => PAUSING_TIMEOUT,
            false => TEST_TIMEOUT,
        };
        let ended = match process::run(&mut self.command(test, submission), limit) {
            Ok(ended) => ended,
            Err(error) => return Outcome::Failed(Failure::Crashed(error.to_string())),
        };
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let report = Report::last_in(&stderr).map(|report| Box::new(safe(&report)));
        if ended.succeeded() {
            return Outcome::Passed(report.filter(|it| self.keep_reports || it.remark.is_some()));
        }
        if process::interrupted() {
            return Outcome::Skipped(SkipReason::Interrupted);
        }
        Outcome::Failed(match report {
            _ if ended.status.is_none() => Failure::TimedOut(limit.as_secs()),
            Some(report) => Failure::Reported(report),
            None => Failure::Crashed(one_line(stderr.lines().last().unwrap_or_default())),
        })
    }
}

/// Returns the command that runs a test binary. `prefix` goes in front of the command of each program.
pub fn direct_command(
    binary: &Path,
    submission: &Submission,
    variables: Variables,
    prefix: &str,
) -> Command {
    let mut command = Command::new(binary);
    command.envs(variables);
    for (name, program) in submission.variables() {
        let mut prefixed = OsString::from(prefix);
        prefixed.push(program);
        command.env(name, prefixed);
    }
    command.envs(submission.answers.iter().map(|path| (ANSWERS_VARIABLE, path)));
    // The programs' own error messages name files relative to the submission.
    command.current_dir(&submission.folder);
    command
}

/// Escapes a report, which contains the output of programs.
fn safe(report: &Report) -> Report {
    let mut value = json!(report);
    escape(&mut value);
    serde_json::from_value(value).unwrap_or_default()
}

fn escape(value: &mut Value) {
    match value {
        Value::String(text) => *text = escaped(text.as_bytes()),
        Value::Array(values) => values.iter_mut().for_each(escape),
        Value::Object(values) => values.values_mut().for_each(escape),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_in_a_report_are_escaped() {
        let turned = Report { actual: "\x1b[2J \u{202e}abc\n".into(), ..Report::default() };
        assert_eq!(safe(&turned).actual, "\\x1b[2J \\u{202e}abc\n".into());
    }
}
