//! The results of one folder while it is tested, for a platform that stops what takes too long and
//! shows what there is by then.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use homework::formats;
use homework::grading::marks::{Marks, Outcome, SkipReason, Student, TaskMark};
use homework::grading::rubric::Rubric;
use homework::grading::test_suite::{OnResult, TestSuite};
use homework::messages::Messages;

use crate::saved_results::write;

/// Writes results in which no test has been reached, and gives what writes them again after each
/// test.
///
/// # Errors
///
/// They cannot be written.
pub fn write_as_they_come(
    file: &Path,
    messages: &Messages,
    rubric: &Rubric,
    tests: &TestSuite,
    student: &Student,
) -> Result<OnResult> {
    let marks = nothing_yet(rubric, tests, student);
    let (file, messages, seed) = (file.to_owned(), messages.clone(), tests.seed);
    let names = tests.names.clone();
    let say = move |marks: &Marks| {
        write(&file, formats::gradescope(&messages, marks, seed).as_bytes())
            .with_context(|| format!("cannot write {}", file.display()))
    };
    say(&marks)?;
    let marks = Mutex::new(marks);
    Ok(OnResult(Box::new(move |test, outcome| {
        let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        let all = marks.tasks.iter_mut().flat_map(|mark| &mut mark.tests);
        for (_, own) in all.filter(|(name, _)| *name == names[test]) {
            *own = outcome.clone();
        }
        // It was possible a moment ago, and the last word is still to come.
        _ = say(&marks);
    })))
}

/// Marks in which no test has been reached.
fn nothing_yet(rubric: &Rubric, tests: &TestSuite, student: &Student) -> Marks {
    let tasks = rubric.tasks().zip(&tests.tests_by_task).map(|(task, own)| TaskMark {
        task: task.clone(),
        tests: own
            .iter()
            .map(|&test| (tests.names[test].clone(), Outcome::Skipped(SkipReason::NotYet)))
            .collect(),
    });
    Marks { student: student.clone(), problems: Vec::new(), tasks: tasks.collect() }
}
