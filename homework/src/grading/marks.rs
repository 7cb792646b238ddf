//! What came of the tests, and the points for it.

use std::path::{Path, PathBuf};

use ::tests::{Message, Report};
use serde::{Deserialize, Serialize};

use crate::grading::rubric::{Rubric, Task};

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The program did what was expected; and what was said, where the test tells.
    Passed(Option<Box<Report>>),
    /// It did not.
    Failed(Failure),
    /// Nobody knows: something else has to be done first.
    Skipped(SkipReason),
}

/// How a test failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    /// The test says what it saw.
    Reported(Box<Report>),
    /// The test had to be stopped after so many seconds.
    TimedOut(u64),
    /// The test itself broke: what it printed last.
    Crashed(String),
}

impl Outcome {
    /// Whether the program did what was expected.
    pub fn is_passed(&self) -> bool {
        matches!(self, Outcome::Passed(_))
    }
}

impl Failure {
    /// Whether a file of answers cannot be read: then nothing is known of any of them.
    pub fn is_unreadable_file(&self) -> bool {
        match self {
            Failure::Reported(report) => {
                let of_the_file = ["full-width", "unreadable", "invalid-line", "missing-part"];
                report.cause.as_deref().is_some_and(|cause| of_the_file.contains(&cause))
            }
            _ => false,
        }
    }
}

/// Why a test was not tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SkipReason {
    /// Another test of the same task, which has failed.
    Test(String),
    /// A task that is not complete.
    Task(String),
    /// A program that cannot be tested, and why.
    Program(String, Message),
    /// The programs of this folder have used up their time: the test that was the last.
    Time(String),
    /// Ctrl-C came.
    Interrupted,
    /// It has not been reached yet: these marks are not the last word.
    NotYet,
}

/// Who handed something in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Student {
    /// The name. Where nobody told it, that of the folder.
    pub name: String,
    /// The folder or packed file, as it was named on the command line.
    pub folder: PathBuf,
    /// When it was handed in, in the words of who told it.
    pub submitted: Option<String>,
}

impl Student {
    /// Of whom nothing is known but the folder.
    pub fn from_folder(folder: &Path) -> Self {
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        Self { name: name.display().to_string(), folder: folder.to_owned(), submitted: None }
    }

    /// Whether the name is another one than that of the folder or packed file.
    pub fn is_known(&self) -> bool {
        let names =
            [self.folder.file_name(), self.folder.file_stem(), Some(self.folder.as_os_str())];
        !names.into_iter().flatten().any(|name| name.display().to_string() == self.name)
    }
}

/// The mark of a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    /// Whose it is.
    pub student: Student,
    /// What keeps whole programs from being tested.
    pub problems: Vec<Message>,
    /// The tasks, in the order of the rubric.
    pub tasks: Vec<TaskMark>,
}

/// The mark for a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskMark {
    /// The task.
    pub task: Task,
    /// What came of each of its tests, in their order.
    pub tests: Vec<(String, Outcome)>,
}

impl TaskMark {
    /// How many tests have passed.
    pub fn passed(&self) -> usize {
        self.tests.iter().filter(|(_, outcome)| outcome.is_passed()).count()
    }

    /// Whether all have.
    pub fn is_complete(&self) -> bool {
        self.passed() == self.tests.len()
    }

    /// The points, in tenths. Rounded down: all points are for all tests.
    pub fn tenths(&self) -> u32 {
        self.share(self.passed(), 10)
    }

    /// What so many tests of it are worth, in parts of a point, rounded down.
    fn share(&self, tests: usize, parts: u32) -> u32 {
        let all = self.tests.len().max(1) as u64;
        let parts = u64::from(self.task.points) * u64::from(parts) * tests as u64 / all;
        u32::try_from(parts).unwrap_or(u32::MAX)
    }

    /// What each of its tests is worth, in parts of a point, such that they are the points of the
    /// task in all: for those who want a number for each test.
    pub fn shares(&self, parts: u32) -> impl Iterator<Item = u32> {
        (0..self.tests.len()).map(move |test| self.share(test + 1, parts) - self.share(test, parts))
    }

    /// The tests that failed.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.tests.iter().filter_map(|(test, outcome)| match outcome {
            Outcome::Failed(failure) => Some((test.as_str(), failure)),
            _ => None,
        })
    }

    /// The tests that were not tried, and why.
    pub fn skipped(&self) -> impl Iterator<Item = (&str, &SkipReason)> {
        self.tests.iter().filter_map(|(test, outcome)| match outcome {
            Outcome::Skipped(because) => Some((test.as_str(), because)),
            _ => None,
        })
    }
}

impl Marks {
    /// The tasks of the homework.
    pub fn homework(&self) -> impl Iterator<Item = &TaskMark> {
        self.tasks.iter().filter(|mark| !mark.task.extra_credit && mark.task.points > 0)
    }

    /// extra credit.
    pub fn extra_credit(&self) -> impl Iterator<Item = &TaskMark> {
        self.tasks.iter().filter(|mark| mark.task.extra_credit)
    }

    /// What the class version did, and these programs do no longer.
    pub fn regressions(&self) -> impl Iterator<Item = &TaskMark> {
        self.tasks.iter().filter(|mark| mark.task.points == 0 && !mark.is_complete())
    }

    /// The task to be done next: what worked before, then the programs. The questions can be answered
    /// at any time.
    pub fn next(&self) -> Option<&TaskMark> {
        let is_open = |mark: &&TaskMark| !mark.is_complete();
        let is_program = |mark: &&TaskMark| mark.task.file.ends_with(".rs");
        let program = || self.homework().filter(is_open).find(is_program);
        self.regressions().next().or_else(program).or_else(|| self.homework().find(is_open))
    }

    /// The points for the homework, in tenths.
    pub fn tenths(&self) -> u32 {
        self.homework().map(TaskMark::tenths).sum()
    }

    /// The points for extra credit, in tenths.
    pub fn extra_credit_tenths(&self) -> u32 {
        self.extra_credit().map(TaskMark::tenths).sum()
    }
}

impl Rubric {
    /// All points that lie extra credit.
    pub fn extra_credit_points(&self) -> u32 {
        self.tasks().filter(|task| task.extra_credit).map(|task| task.points).sum()
    }
}

/// Points as a text, such as `7.5`; whole ones without a fraction.
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
    fn marks_are_read_as_they_were_written() {
        let task = mark(10, 1, 3);
        let marks = Marks {
            student: Student::from_folder(Path::new("submissions/王小明")),
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
    fn all_points_are_for_all_tests_only() {
        assert_eq!(mark(25, 36, 36).tenths(), 250);
        assert_eq!(mark(25, 35, 36).tenths(), 243);
        assert_eq!(mark(25, 0, 36).tenths(), 0);
        // 9.99 of 10 points are 9.9, not 10.
        assert_eq!(mark(10, 999, 1000).tenths(), 99);
        assert_eq!((points(250), points(99)), ("25".to_owned(), "9.9".to_owned()));
    }

    #[test]
    fn what_each_test_is_worth_is_the_task_in_all() {
        let shares: Vec<u32> = mark(30, 0, 9).shares(10).collect();
        assert_eq!(shares, [33, 33, 34, 33, 33, 34, 33, 33, 34]);
        assert_eq!(mark(5, 0, 6).shares(1).sum::<u32>(), 5);
        assert_eq!(mark(5, 0, 0).shares(1).count(), 0);
    }
}
