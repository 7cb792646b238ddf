//! The tests: built once, and run one at a time, each in a process of its own.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ::tests::{Report, SEED};
use anyhow::{Context, Result, bail};
use common::{escaped, one_line};
use serde_json::{Value, json};

use crate::grading::cargo::{self, Whose};
use crate::grading::mark::{Because, Failure, Outcome};
use crate::grading::rubric::Rubric;
use crate::grading::sandbox::Sandbox;
use crate::grading::submission::{LOOK_UPS, MISSING, PROGRAMS, Submission};
use crate::grading::unprivileged;
use crate::process;

/// How long one test may take. Each of its waits has a deadline of 5 s, so this is for a program
/// that lets it wait again and again.
const TEST_LIMIT: Duration = Duration::from_secs(7);

/// The same beyond the homework, where some tests move many megabytes.
const LIMIT_BEYOND: Duration = Duration::from_secs(12);

/// How often a test in which the program has a time-out of its own is tried.
const TRIES: usize = 3;

/// The binaries with the tests, and what the rubric puts before their names.
const BINARIES: [(&str, &str); 3] =
    [("homework", ""), ("questions", "questions::"), ("day01", "day01::")];

/// The variable that tells the tests where the answers are.
const ANSWERS: &str = "HOMEWORK_ANSWERS";

/// What is called with each test that was run, and what came of it.
pub struct Told(pub Box<Tell>);

/// What a [`Told`] calls.
type Tell = dyn Fn(usize, &Outcome) + Send + Sync;

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

/// The tests of this repository.
#[derive(Debug)]
pub struct Tests {
    /// The name of each test in the rubric.
    pub names: Vec<String>,
    /// The tests of each task, in its order.
    pub of_tasks: Vec<Vec<usize>>,
    /// The binary of each test, and its name there.
    commands: Vec<(PathBuf, String)>,
    /// From what the tests make the words that they send. 0 is for those that they have.
    pub seed: u32,
    /// The boxes in which tests and programs run.
    pub sandbox: Option<Sandbox>,
    /// Whether what was said in a test that passes is kept, too: it is for who sits in front of it.
    pub conversations: bool,
    /// Whether programs run as nobody, where there are no boxes.
    pub as_nobody: bool,
    /// Who is told of each test that was run, and what came of it.
    pub told: Option<Told>,
}

impl Tests {
    /// Builds the tests of the workspace at `root` and asks them for their names. Those of what
    /// lies beyond the homework take longer to build.
    ///
    /// # Errors
    ///
    /// They do not build, or the rubric does not fit them.
    pub fn build(root: &Path, rubric: &Rubric, beyond: bool) -> Result<Tests> {
        let binaries = BINARIES.into_iter().filter(|(name, _)| beyond || *name != "day01");
        let mut arguments = vec!["test", "--workspace", "--no-run", "--quiet"];
        arguments.extend(binaries.clone().flat_map(|(binary, _)| ["--test", binary]));
        let built = cargo::build(root, &arguments, &[], Whose::Own, cargo::LIMIT)?;
        let (mut names, mut commands) = (Vec::new(), Vec::new());
        for (binary, prefix) in binaries {
            let path = built.executable(binary).map_err(anyhow::Error::msg)?;
            let mut list = Command::new(path);
            list.args(["--list", "--format", "terse"]);
            let list = process::run(&mut list, TEST_LIMIT)
                .with_context(|| format!("cannot start {}", path.display()))?;
            if !list.succeeded() {
                bail!("{} does not list its tests", path.display());
            }
            for line in String::from_utf8_lossy(&list.stdout).lines() {
                // Those of `itself` test what judges, not what is judged.
                if let Some(name) = line.strip_suffix(": test")
                    && !name.starts_with("itself::")
                {
                    names.push(format!("{prefix}{name}"));
                    commands.push((path.to_owned(), name.to_owned()));
                }
            }
        }
        let of_tasks = rubric.assign(&names, beyond)?;
        Ok(Tests {
            names,
            of_tasks,
            commands,
            seed: 0,
            sandbox: None,
            conversations: false,
            as_nobody: false,
            told: None,
        })
    }

    /// Runs one test on the programs of a submission.
    pub fn run(&self, rubric: &Rubric, test: usize, submission: &Submission) -> Outcome {
        let tries = if rubric.is_timed(&self.names[test]) { TRIES } else { 1 };
        let mut outcome = self.run_once(test, submission);
        for _ in 1..tries {
            if !outcome.is_passed() {
                outcome = self.run_once(test, submission);
            }
        }
        if let Some(Told(tell)) = &self.told {
            tell(test, &outcome);
        }
        outcome
    }

    fn command(&self, test: usize, submission: &Submission) -> Command {
        let (binary, name) = &self.commands[test];
        let mut variables = vec![("RUST_BACKTRACE", "0".into()), (Report::VARIABLE, "json".into())];
        if self.seed != 0 {
            variables.push((SEED, self.seed.to_string().into()));
        }
        let mut command = match &self.sandbox {
            Some(sandbox) => in_box(sandbox, binary, submission, variables),
            None => {
                variables.extend(submission.variables().map(|(name, command)| {
                    let command = if self.as_nobody {
                        behind(unprivileged::program(), &command)
                    } else {
                        command
                    };
                    (name, command)
                }));
                variables.extend(submission.answers.iter().map(|path| (ANSWERS, path.into())));
                let mut command = Command::new(binary);
                command.env_remove(SEED).envs(variables);
                // A command that names a file which is not there is told so by its own folder.
                command.current_dir(&submission.folder);
                command
            }
        };
        // Without capturing, what a test says is there also when it has to be stopped.
        command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
        command
    }

    fn limit(&self, test: usize) -> Duration {
        if self.names[test].starts_with("day01::") { LIMIT_BEYOND } else { TEST_LIMIT }
    }

    fn run_once(&self, test: usize, submission: &Submission) -> Outcome {
        let mut command = self.command(test, submission);
        let limit = self.limit(test);
        let ended = match process::run(&mut command, limit) {
            Ok(ended) => ended,
            Err(error) => return Outcome::Failed(Failure::Broken(error.to_string())),
        };
        let said = String::from_utf8_lossy(&ended.stderr);
        let report = Report::last_in(&said).map(|report| Box::new(safe(&report)));
        if ended.succeeded() {
            return Outcome::Passed(report.filter(|_| self.conversations));
        }
        if process::interrupted() {
            return Outcome::NotTried(Because::Interrupted);
        }
        Outcome::Failed(match report {
            _ if ended.status.is_none() => Failure::Stopped(limit.as_secs()),
            Some(report) => Failure::Seen(report),
            None => Failure::Broken(one_line(said.lines().last().unwrap_or_default())),
        })
    }
}

/// The start of a command that runs the tests of a binary in a box, on these programs.
fn in_box(
    sandbox: &Sandbox,
    binary: &Path,
    submission: &Submission,
    mut variables: Vec<(&str, OsString)>,
) -> Command {
    let [tests, looks_up, answered] = ["/box/tests", "/box/net-utils", "/box/answers.toml"];
    let mut files = vec![(binary, tests.to_owned()), (&*submission.look_ups, looks_up.to_owned())];
    variables.push((LOOK_UPS.variable, looks_up.into()));
    if let Ok(answers) = &submission.answers {
        files.push((answers, answered.to_owned()));
        variables.push((ANSWERS, answered.into()));
    }
    for (number, program) in PROGRAMS.iter().enumerate() {
        let command = match &submission.programs[number] {
            Ok(start) => {
                let (path, place, command) = sandbox.start(start, number);
                files.push((path, place));
                command
            }
            Err(_) => MISSING.to_owned(),
        };
        variables.push((program.variable, command.into()));
    }
    let mut command = sandbox.test(&files, &variables);
    command.arg(tests);
    command
}

/// A command behind the words that start it.
fn behind(words: String, command: &OsStr) -> OsString {
    let mut behind = OsString::from(words + " ");
    behind.push(command);
    behind
}

/// A report that is safe to show: it holds what a program has printed.
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
#[expect(clippy::module_inception, reason = "this file is about other tests")]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_report_acts_on_a_terminal() {
        let turned = Report { came: "\x1b[2J \u{202e}abc\n".into(), ..Report::default() };
        assert_eq!(safe(&turned).came, "\\x1b[2J \\u{202e}abc\n");
    }
}
