//! Marks what was handed in: one folder is compiled while some of those before it are tested.

use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;
use common::one_line;
use homework::grading::grade_submission::{self, processors};
use homework::grading::marks::Marks;
use homework::grading::rubric::Rubric;
use homework::grading::submission::Submission;
use homework::grading::test_suite::TestSuite;
use homework::process;

use crate::builder::Builder;
use crate::progress_bar::Progress;
use crate::submissions::SubmissionFolder;

/// How many folders are tested at a time for each processor: tests wait most of the time.
const FOLDERS_FOR_EACH_PROCESSOR: usize = 3;

/// How many folders are tested at a time where nobody says.
pub fn usual_jobs() -> usize {
    FOLDERS_FOR_EACH_PROCESSOR * processors()
}

/// What came of a folder: its marks, or why there are none.
pub type Outcome = Result<Marks, String>;

/// With what folders are tested.
pub struct Jobs<'a> {
    /// The rubric.
    pub rubric: &'a Rubric,
    /// The tests.
    pub tests: &'a TestSuite,
    /// Where it is seen.
    pub screen: &'a Progress<'a>,
    /// How many at a time.
    pub jobs: usize,
}

impl Jobs<'_> {
    /// Marks these, and gives what came of each with its place among them. `done` is called with the
    /// marks of each as soon as they are there.
    pub fn mark(
        &self,
        hand_ins: &[&SubmissionFolder],
        builder: &mut Builder,
        done: impl Fn(usize, &Marks) + Sync,
    ) -> Vec<(usize, Outcome)> {
        let Jobs { rubric, tests, screen, jobs } = *self;
        let outcomes = Mutex::new(Vec::new());
        let keep = |number, outcome: Outcome| {
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((number, outcome));
        };
        let (sender, built) = mpsc::channel::<(usize, Submission)>();
        let built = Mutex::new(built);
        let next = || built.lock().unwrap_or_else(PoisonError::into_inner).recv();
        thread::scope(|scope| {
            for _ in 0..jobs.min(hand_ins.len()) {
                scope.spawn(|| {
                    while let Ok((number, submission)) = next() {
                        screen.testing(&submission.student);
                        let marks = grade_submission::grade(rubric, tests, &submission, true);
                        done(number, &marks);
                        screen.marked(&marks);
                        keep(number, Ok(marks));
                    }
                });
            }
            let mut any = false;
            for (number, hand_in) in hand_ins.iter().enumerate() {
                let mut build = |folder| {
                    screen.building(&hand_in.student);
                    let built = builder.build(folder, hand_in.student.clone());
                    built.map_err(|error| one_line(&format!("{error:#}")))
                };
                match hand_in.folder.as_ref().map_err(String::clone).and_then(|it| build(it)) {
                    Ok(submission) => {
                        any = true;
                        // It is received to the end.
                        _ = sender.send((number, submission));
                    }
                    Err(why) => {
                        screen.skipped(&hand_in.student, &why);
                        keep(number, Err(why));
                    }
                }
            }
            drop(sender);
            if any && !process::interrupted() {
                screen.only_testing(tests.names.len());
            }
        });
        let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcomes.sort_by_key(|(number, _)| *number);
        outcomes
    }
}
