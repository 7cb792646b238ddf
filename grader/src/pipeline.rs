//! Compiles one submission while earlier ones are tested.

use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;

use homework::grading::grade_submission;
use homework::grading::marks::Marks;
use homework::grading::submission::Submission;
use homework::grading::test_suite::TestSuite;
use homework::messages::{Message, Messages, from_error};
use homework::parallel_jobs::processors;
use homework::process;

use crate::builder::Builder;
use crate::progress_bar::Progress;
use crate::submissions::SubmissionFolder;

/// Tests wait most of the time, so a processor can run several.
const JOBS_PER_PROCESSOR: usize = 3;

/// Returns how many submissions are tested at a time by default.
pub fn default_jobs() -> usize {
    JOBS_PER_PROCESSOR * processors()
}

/// The marks of a submission, or why it can't be graded.
pub type Outcome = Result<Marks, Message>;

/// A submission to grade, with its index and the seed of the tests' data.
pub struct Numbered<'a> {
    pub number: usize,
    pub submission: &'a SubmissionFolder,
    pub seed: u32,
}

/// Grades numbered submissions, `jobs` of them at a time. Calls `on_graded` with the marks of each as soon as
/// they're known.
pub fn run(
    tests: &TestSuite,
    jobs: usize,
    messages: &Messages,
    submissions: &[Numbered],
    builder: &mut Builder,
    on_graded: impl Fn(usize, &Marks) + Sync,
) -> Vec<(usize, Outcome)> {
    let progress_bar = Progress::new(messages, submissions.len());
    let outcomes = Mutex::new(Vec::new());
    let add = |number, outcome: Outcome| {
        outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((number, outcome));
    };
    let (sender, receiver) = mpsc::channel::<(usize, Submission)>();
    let receiver = Mutex::new(receiver);
    let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
    thread::scope(|scope| {
        for _ in 0..jobs.min(submissions.len()) {
            scope.spawn(|| {
                while let Ok((number, built)) = next() {
                    progress_bar.testing(&built.student);
                    let marks = grade_submission::grade(tests, &built);
                    on_graded(number, &marks);
                    progress_bar.graded(&marks);
                    add(number, Ok(marks));
                }
            });
        }
        let mut any = false;
        for &Numbered { number, submission, seed } in submissions {
            let student = &submission.student;
            let built = submission.folder.clone().and_then(|folder| {
                progress_bar.building(student);
                builder.build(&folder, student.clone()).map_err(from_error)
            });
            match built {
                Ok(mut built) => {
                    any = true;
                    built.seed = seed;
                    // The threads receive until the sender is dropped.
                    _ = sender.send((number, built));
                }
                Err(why) => {
                    progress_bar.skipped(student, &why);
                    add(number, Err(why));
                }
            }
        }
        drop(sender);
        if any && !process::interrupted() {
            progress_bar.only_testing(tests.names.len());
        }
    });
    progress_bar.end();
    outcomes.into_inner().unwrap_or_else(PoisonError::into_inner)
}
