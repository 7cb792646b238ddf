//! The results of tests, and the points for them.

use std::path::{Path, PathBuf};

use ::tests::{Message, Report};
use serde::{Deserialize, Serialize};

use crate::grading::rubric::{Rubric, Task};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The program did what was expected. With the report of the test, if that was kept or has a remark.
    Passed(Option<Box<Report>>),
    Failed(Failure),
    /// Not run, because something else has to be fixed first.
    Skipped(SkipReason),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    Reported(Box<Report>),
    /// The test was stopped after this many seconds.
    TimedOut(u64),
    /// The test ended without a report. The last line that it printed.
    Crashed(String),
}

impl Outcome {
    pub fn is_passed(&self) -> bool {
        matches!(self, Outcome::Passed(_))
    }

    /// Returns what is worth saying of a program that passed.
    pub fn remark(&self) -> Option<&Message> {
        match self {
            Outcome::Passed(report) => report.as_ref()?.remark.as_ref(),
            _ => None,
        }
    }

    /// Returns whether a deadline passed, which can also happen because the machine is busy.
    pub fn is_timeout(&self) -> bool {
        match self {
            Outcome::Failed(Failure::TimedOut(_)) => true,
            Outcome::Failed(Failure::Reported(report)) => {
                let of_deadlines = ["timed-out", "not-printed", "still-running", "busy"];
                report.cause.as_deref().is_some_and(|cause| of_deadlines.contains(&cause))
            }
            _ => false,
        }
    }
}

impl Failure {
    /// Returns whether the answers can't be read, so that there are no results of single questions.
    pub fn is_unreadable_file(&self) -> bool {
        match self {
            Failure::Reported(report) => report.cause.as_deref() == Some("unreadable"),
            _ => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SkipReason {
    /// This test of the same task failed.
    Test(String),
    /// This task isn't complete.
    Task(String),
    /// A program can't be tested: its name, and the reason.
    Program(String, Message),
    /// The time for this submission is spent: the last test that was run.
    Time(String),
    Interrupted,
    /// Not yet: these marks are partial.
    NotYet,
    /// Not yet, because it pauses.
    RunsLast,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Student {
    /// The name, or that of the folder if no roster has it.
    pub name: String,
    /// The folder or archive, as it was named on the command line.
    pub folder: PathBuf,
    /// The time of submission, as the roster has it.
    pub submitted: Option<String>,
}

impl Student {
    pub fn from_folder(folder: &Path) -> Self {
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        Self { name: name.display().to_string(), folder: folder.to_owned(), submitted: None }
    }

    /// Returns whether the name differs from that of the folder or archive.
    pub fn is_known(&self) -> bool {
        let names =
            [self.folder.file_name(), self.folder.file_stem(), Some(self.folder.as_os_str())];
        !names.into_iter().flatten().any(|name| name.display().to_string() == self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    pub student: Student,
    /// The seed of the tests' data.
    pub seed: u32,
    /// Why whole programs can't be tested.
    pub problems: Vec<Message>,
    pub tasks: Vec<TaskMark>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskMark {
    pub task: Task,
    pub tests: Vec<(String, Outcome)>,
}

impl TaskMark {
    pub fn passed(&self) -> usize {
        self.tests.iter().filter(|(_, outcome)| outcome.is_passed()).count()
    }

    pub fn is_complete(&self) -> bool {
        self.passed() == self.tests.len()
    }

    /// The same, apart from tests that run last.
    pub fn is_complete_so_far(&self) -> bool {
        let passed_or_to_come = |outcome: &Outcome| {
            outcome.is_passed() || *outcome == Outcome::Skipped(SkipReason::RunsLast)
        };
        self.tests.iter().all(|(_, outcome)| passed_or_to_come(outcome))
    }

    /// Returns the points in tenths, rounded down, so that full points take every test.
    pub fn tenths(&self) -> u32 {
        self.share(self.passed(), 10)
    }

    /// Returns what this number of tests is worth, in fractions of a point, rounded down.
    fn share(&self, tests: usize, parts: u32) -> u32 {
        let all = self.tests.len().max(1) as u64;
        let parts = u64::from(self.task.points) * u64::from(parts) * tests as u64 / all;
        u32::try_from(parts).unwrap_or(u32::MAX)
    }

    /// Returns what each test is worth, in fractions of a point. The sum is exactly that of the task.
    pub fn shares(&self, parts: u32) -> impl Iterator<Item = u32> {
        (0..self.tests.len()).map(move |test| self.share(test + 1, parts) - self.share(test, parts))
    }

    pub fn failed(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.tests.iter().filter_map(|(test, outcome)| match outcome {
            Outcome::Failed(failure) => Some((test.as_str(), failure)),
            _ => None,
        })
    }

    pub fn skipped(&self) -> impl Iterator<Item = (&str, &SkipReason)> {
        self.tests.iter().filter_map(|(test, outcome)| match outcome {
            Outcome::Skipped(because) => Some((test.as_str(), because)),
            _ => None,
        })
    }
}

impl Marks {
    /// Returns the tasks that count towards the 100 points.
    pub fn homework(&self) -> impl Iterator<Item = &TaskMark> {
        self.tasks.iter().filter(|mark| !mark.task.extra_credit && mark.task.points > 0)
    }

    pub fn extra_credit(&self) -> impl Iterator<Item = &TaskMark> {
        self.tasks.iter().filter(|mark| mark.task.extra_credit)
    }

    /// Returns what works in the starter code but not in this submission.
    pub fn regressions(&self) -> impl Iterator<Item = &TaskMark> {
        self.tasks.iter().filter(|mark| mark.task.points == 0 && !mark.is_complete())
    }

    /// Returns the task to do next: regressions first, then the programs, then the questions.
    pub fn next(&self) -> Option<&TaskMark> {
        let is_open = |mark: &&TaskMark| !mark.is_complete();
        let is_program = |mark: &&TaskMark| mark.task.file.ends_with(".rs");
        let program = || self.homework().filter(is_open).find(is_program);
        self.regressions().next().or_else(program).or_else(|| self.homework().find(is_open))
    }

    /// Sets the outcome of a test that paused while the others ran. It counts only if those passed.
    pub fn set_pausing(&mut self, task: &str, test: &str, outcome: Outcome) {
        let Some(mark) = self.tasks.iter_mut().find(|mark| mark.task.name == task) else { return };
        let before = mark.tests.iter().find(|(_, outcome)| !outcome.is_passed());
        let outcome = match before {
            Some((name, Outcome::Failed(_))) if mark.task.in_order => {
                Outcome::Skipped(SkipReason::Test(name.clone()))
            }
            _ => outcome,
        };
        for (_, own) in mark.tests.iter_mut().filter(|(name, _)| name == test) {
            *own = outcome.clone();
        }
    }

    pub fn tenths(&self) -> u32 {
        self.homework().map(TaskMark::tenths).sum()
    }

    pub fn extra_credit_tenths(&self) -> u32 {
        self.extra_credit().map(TaskMark::tenths).sum()
    }
}

impl Rubric {
    pub fn extra_credit_points(&self) -> u32 {
        self.tasks().filter(|task| task.extra_credit).map(|task| task.points).sum()
    }
}

/// Formats points, such as `7.5` or `7`.
pub fn points(tenths: u32) -> String {
    match tenths % 10 {
        0 => format!("{}", tenths / 10),
        part => format!("{}.{part}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(points: u32, passed: usize, tests: usize) -> TaskMark {
        let rubric = format!("name = 't'\npoints = {points}\nfile = ''\nsection = ''\ntests = []");
        let outcome = |number| match number < passed {
            true => Outcome::Passed(None),
            false => Outcome::Skipped(SkipReason::Interrupted),
        };
        let tests = (0..tests).map(|number| (number.to_string(), outcome(number))).collect();
        TaskMark { task: toml::from_str(&rubric).unwrap(), tests }
    }

    #[test]
    fn marks_round_trip_through_json() {
        let task = mark(10, 1, 3);
        let marks = Marks {
            student: Student::from_folder(Path::new("submissions/王小明")),
            seed: 7,
            problems: vec!["a \u{1b} b".into()],
            tasks: vec![TaskMark {
                tests: vec![
                    ("a".to_owned(), Outcome::Passed(None)),
                    ("b".to_owned(), Outcome::Failed(Failure::Reported(Box::default()))),
                    ("c".to_owned(), Outcome::Skipped(SkipReason::Test("b".to_owned()))),
                ],
                ..task
            }],
        };
        let written = serde_json::to_string(&marks).unwrap();
        assert_eq!(serde_json::from_str::<Marks>(&written).unwrap(), marks);
    }

    #[test]
    fn a_test_that_pauses_counts_if_the_others_passed() {
        for (passed, expected) in [(2, Outcome::Passed(None)), (1, last_failed())] {
            let mut task = mark(10, passed, 3);
            task.task.in_order = true;
            if passed == 1 {
                task.tests[1].1 = Outcome::Failed(Failure::TimedOut(1));
            }
            task.tests[2].1 = Outcome::Skipped(SkipReason::RunsLast);
            assert_eq!(task.is_complete_so_far(), passed == 2);
            let student = Student::from_folder(Path::new("x"));
            let mut marks = Marks { student, seed: 0, problems: Vec::new(), tasks: vec![task] };
            marks.set_pausing("t", "2", Outcome::Passed(None));
            assert_eq!(marks.tasks[0].tests[2].1, expected);
        }
    }

    fn last_failed() -> Outcome {
        Outcome::Skipped(SkipReason::Test("1".to_owned()))
    }

    #[test]
    fn only_all_tests_get_all_points() {
        assert_eq!(mark(25, 36, 36).tenths(), 250);
        assert_eq!(mark(25, 35, 36).tenths(), 243);
        assert_eq!(mark(25, 0, 36).tenths(), 0);
        // 9.99 of 10 points are 9.9, not 10.
        assert_eq!(mark(10, 999, 1000).tenths(), 99);
        assert_eq!((points(250), points(99)), ("25".to_owned(), "9.9".to_owned()));
    }

    #[test]
    fn the_shares_of_the_tests_add_up_to_the_task() {
        let shares: Vec<u32> = mark(30, 0, 9).shares(10).collect();
        assert_eq!(shares, [33, 33, 34, 33, 33, 34, 33, 33, 34]);
        assert_eq!(mark(5, 0, 6).shares(1).sum::<u32>(), 5);
        assert_eq!(mark(5, 0, 0).shares(1).count(), 0);
    }
}
