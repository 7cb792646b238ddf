//! Marking: runs every test of this repository on every submission, each in a process of its
//! own, and counts.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ::tests::{Cause, Report};
use anyhow::{Context, Result, bail};
use net_utils::text::one_line;

use crate::bounded;
use crate::cargo;
use crate::rubric::Rubric;
use crate::submission::{PROGRAMS, Submission};

/// How long one test may take. Each of its waits has a deadline of 5 s, so this is for a program
/// that lets it wait again and again.
const TEST_LIMIT: Duration = Duration::from_secs(10);

/// How many tests run at a time for each processor: most of them wait most of the time.
const TESTS_FOR_EACH_PROCESSOR: usize = 4;

/// How often a test with a time-out of its own is tried.
const TRIES_OF_TIMED_TESTS: usize = 3;

/// The binaries with the tests of the homework, and what the rubric puts before their names.
const BINARIES: [(&str, &str); 2] = [("day01", ""), ("questions", "questions::")];

/// The tests, and the task of each.
#[derive(Debug)]
pub struct Tests {
    /// The name of each test in the rubric.
    pub names: Vec<String>,
    /// The task of each test.
    pub tasks: Vec<usize>,
    /// The binary of each test, and its name there.
    commands: Vec<(PathBuf, String)>,
}

/// What came of a test: nothing, or why it failed.
type Outcome = Option<Failure>;

/// Why a test failed.
#[derive(Debug)]
pub enum Failure {
    /// What the test says.
    Reported(Report),
    /// A program that it needs cannot be tested, for this reason.
    Missing(String),
    /// It took too long, and was stopped.
    Stopped,
    /// It could not be run, or did not say why it failed.
    Broken(String),
}

/// The mark of a submission.
#[derive(Debug)]
pub struct Marks {
    /// The folder, as it was named on the command line.
    pub folder: PathBuf,
    /// What keeps whole programs from being tested.
    pub problems: Vec<String>,
    /// Each task of the rubric.
    pub tasks: Vec<TaskMark>,
}

/// The mark for a task.
#[derive(Debug)]
pub struct TaskMark {
    /// How many tests it has.
    pub tests: usize,
    /// The points, in tenths.
    pub tenths: u32,
    /// The tests that failed.
    pub failed: Vec<(String, Failure)>,
}

impl Failure {
    /// What happened and the likely mistake, and where the notes explain it, in one line.
    pub fn message(&self) -> String {
        match self {
            Failure::Reported(report) => one_line(&report.summary()),
            Failure::Missing(reason) | Failure::Broken(reason) => reason.clone(),
            Failure::Stopped => format!(
                "stopped after {} s: the program answers again and again just before the deadline, \
                 or never ends. See NOTES.md#blocking",
                TEST_LIMIT.as_secs()
            ),
        }
    }

    /// Whether the same happened, such as that the server ended, whatever the details and the
    /// likely mistake.
    pub fn is_like(&self, other: &Failure) -> bool {
        let cause = |failure| match failure {
            &Failure::Reported(Report { cause: Some(ref cause), .. }) => Some(cause),
            _ => None,
        };
        match (cause(self), cause(other)) {
            (Some(one), Some(other)) => one.is_like(other),
            _ => self.message() == other.message(),
        }
    }
}

impl Marks {
    /// The points of all tasks, in tenths.
    pub fn tenths(&self) -> u32 {
        self.tasks.iter().map(|task| task.tenths).sum()
    }
}

impl Tests {
    /// Builds the tests of the workspace at `root` and asks them for their names.
    ///
    /// # Errors
    ///
    /// They do not build, or the rubric does not fit them.
    pub fn build(root: &Path, rubric: &Rubric) -> Result<Tests> {
        let mut arguments = vec!["test", "--workspace", "--no-run", "--quiet"];
        for (binary, _) in BINARIES {
            arguments.extend(["--test", binary]);
        }
        let built = cargo::build(root, &arguments, &[])?;
        let (mut names, mut commands) = (Vec::new(), Vec::new());
        for (binary, prefix) in BINARIES {
            let path = built.executable(binary).map_err(anyhow::Error::msg)?;
            let mut list = Command::new(path);
            list.args(["--list", "--format", "terse"]);
            let list = bounded::run(&mut list, TEST_LIMIT)
                .with_context(|| format!("cannot start {}", path.display()))?;
            if !list.succeeded() {
                bail!("{} does not list its tests", path.display());
            }
            for line in String::from_utf8_lossy(&list.stdout).lines() {
                if let Some(name) = line.strip_suffix(": test") {
                    names.push(format!("{prefix}{name}"));
                    commands.push((path.to_owned(), name.to_owned()));
                }
            }
        }
        let tasks = rubric.assign(&names)?;
        Ok(Tests { names, tasks, commands })
    }

    /// Marks submissions. Calls `progress` with the number of tests that have run, and of all.
    ///
    /// All tests of all submissions are in one queue, so that the processors work while a
    /// program that hangs is waited for. What a test says of one program does not depend on
    /// the others: every one has ports and processes of its own.
    pub fn mark(
        &self,
        rubric: &Rubric,
        submissions: Vec<Submission>,
        progress: impl Fn(usize, usize) + Sync,
    ) -> Vec<Marks> {
        let mut graded: Vec<Graded> = submissions.into_iter().map(Graded::new).collect();
        let all = graded.len() * self.names.len();

        // What a program must do before anything else, one test after the other.
        let mut jobs = Vec::new();
        for (submission, graded) in graded.iter().enumerate() {
            let programs = rubric.first.iter().filter(|(program, _)| graded.has(program));
            jobs.extend(programs.map(|(program, tests)| (submission, program, tests)));
        }
        let outcomes = in_parallel(&jobs, processes(), |&(submission, _, tests)| {
            tests.iter().find_map(|name| {
                let test = self.names.iter().position(|other| other == name)?;
                Some((test, self.run(test, &graded[submission])?))
            })
        });
        for ((submission, program, _), outcome) in jobs.into_iter().zip(outcomes) {
            if let Some((test, failure)) = outcome {
                graded[submission].give_up(program, &self.names[test], &failure);
            }
        }

        // Everything, with what does not work out of the way.
        let jobs: Vec<(usize, usize)> = (0..graded.len())
            .flat_map(|submission| (0..self.names.len()).map(move |test| (submission, test)))
            .collect();
        let done = AtomicUsize::new(0);
        let mut outcomes = in_parallel(&jobs, processes(), |&(submission, test)| {
            let outcome = self.run(test, &graded[submission]);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
            outcome
        });

        // A busy machine must not cost a point: those that it can make fail have more tries,
        // with nothing else running.
        for (&(submission, test), outcome) in jobs.iter().zip(&mut outcomes) {
            if rubric.is_timed(&self.names[test]) {
                for _ in 1..TRIES_OF_TIMED_TESTS {
                    if outcome.is_some() {
                        *outcome = self.run(test, &graded[submission]);
                    }
                }
            }
        }

        let mut outcomes = outcomes.into_iter();
        graded
            .into_iter()
            .map(|graded| {
                let own = outcomes.by_ref().take(self.names.len()).collect();
                self.sum_up(rubric, graded, own)
            })
            .collect()
    }

    /// Runs one test on the programs of a submission.
    fn run(&self, test: usize, graded: &Graded) -> Outcome {
        let (binary, name) = &self.commands[test];
        let mut command = Command::new(binary);
        // Without capturing, what a test says is there also when it has to be stopped.
        command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
        command.env(Report::VARIABLE, "json");
        command.env("HOMEWORK_ANSWERS", &graded.submission.answers);
        command.env("RUST_BACKTRACE", "0");
        for (program, path) in PROGRAMS.iter().zip(&graded.submission.programs) {
            match path {
                Ok(path) => command.env(program.variable, path),
                // The tests say that it is missing, and `problems` says why.
                Err(_) => command.env(program.variable, MISSING),
            };
        }
        let ended = match bounded::run(&mut command, TEST_LIMIT) {
            Ok(ended) => ended,
            Err(error) => return Some(Failure::Broken(format!("cannot be run: {error}"))),
        };
        if ended.succeeded() {
            return None;
        }
        let report = Report::last_in(&String::from_utf8_lossy(&ended.stderr));
        let missing = match report.as_ref().and_then(|report| report.cause.as_ref()) {
            Some(Cause::Missing { program }) => graded.problems.get(program),
            _ => None,
        };
        Some(match (missing, report) {
            (Some(problem), _) => Failure::Missing(problem.clone()),
            _ if ended.status.is_none() => Failure::Stopped,
            (None, Some(report)) => Failure::Reported(report),
            (None, None) => Failure::Broken("the test itself failed; ask your teacher".into()),
        })
    }

    fn sum_up(&self, rubric: &Rubric, graded: Graded, outcomes: Vec<Outcome>) -> Marks {
        let mut tasks: Vec<TaskMark> = rubric
            .tasks
            .iter()
            .map(|_| TaskMark { tests: 0, tenths: 0, failed: Vec::new() })
            .collect();
        for ((name, &task), outcome) in self.names.iter().zip(&self.tasks).zip(outcomes) {
            tasks[task].tests += 1;
            tasks[task].failed.extend(outcome.map(|failure| (name.clone(), failure)));
        }
        for (task, mark) in rubric.tasks.iter().zip(&mut tasks) {
            mark.failed.sort_by_key(|(test, _)| task.place(test));
            mark.tenths = tenths(task.points, mark.tests - mark.failed.len(), mark.tests);
        }
        Marks {
            folder: graded.submission.folder,
            problems: graded.problems.into_values().collect(),
            tasks,
        }
    }
}

/// A path at which there is never a program.
const MISSING: &str = "no/such/program";

/// The points for a part of the tests, in tenths. Rounded down: all points are for all tests.
fn tenths(points: u32, passed: usize, tests: usize) -> u32 {
    let tenths = u64::from(points) * 10 * passed as u64 / tests.max(1) as u64;
    u32::try_from(tenths).unwrap_or(u32::MAX)
}

/// A submission while it is marked.
struct Graded {
    submission: Submission,
    /// What keeps a program from being tested, by its name.
    problems: BTreeMap<String, String>,
}

impl Graded {
    fn new(submission: Submission) -> Self {
        let problems = PROGRAMS
            .iter()
            .zip(&submission.programs)
            .filter_map(|(program, path)| Some((program.name.to_owned(), path.clone().err()?)))
            .collect();
        Graded { submission, problems }
    }

    fn has(&self, program: &str) -> bool {
        !self.problems.contains_key(program)
    }

    /// Tests a program no more, because it failed a first test.
    fn give_up(&mut self, program: &str, test: &str, failure: &Failure) {
        let problem = format!("{program} fails its first test, {test}: {}", failure.message());
        for (other, path) in PROGRAMS.iter().zip(&mut self.submission.programs) {
            if other.name == program {
                *path = Err(problem.clone());
            }
        }
        self.problems.entry(program.to_owned()).or_insert(problem);
    }
}

fn processes() -> usize {
    TESTS_FOR_EACH_PROCESSOR * thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does all jobs, so many at a time. The results are in the order of the jobs.
fn in_parallel<Job: Sync, Done: Send>(
    jobs: &[Job],
    threads: usize,
    work: impl Fn(&Job) -> Done + Sync,
) -> Vec<Done> {
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<Done>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len()) {
            scope.spawn(|| {
                while let index = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(job) = jobs.get(index)
                {
                    let result = work(job);
                    *done[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    done.into_iter()
        .filter_map(|done| done.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_points_are_for_all_tests_only() {
        assert_eq!(tenths(25, 36, 36), 250);
        assert_eq!(tenths(25, 35, 36), 243);
        assert_eq!(tenths(25, 0, 36), 0);
        // 9.99 of 10 points are 9.9, not 10.
        assert_eq!(tenths(10, 999, 1000), 99);
    }

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let jobs: Vec<usize> = (0..100).collect();
        assert_eq!(
            in_parallel(&jobs, 8, |job| job * 2),
            jobs.iter().map(|j| j * 2).collect::<Vec<_>>()
        );
    }
}
