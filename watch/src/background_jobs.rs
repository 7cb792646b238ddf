//! Runs jobs in a background thread: grading after a save (only what the saved files affect, where
//! that's known), extra credit, and call traces. A new job interrupts the current one.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

use anyhow::{Context as _, Result};
use common::one_line;
use homework::commands::calls;
use homework::grading::local_grader::{Graded, LocalGrader, SOURCES};
use homework::grading::submission::TcpProgram;
use homework::messages::Messages;
use homework::process;

use crate::watch_event::WatchEvent;

#[derive(Debug)]
pub enum Job {
    /// Grade what depends on these files, or everything the first time.
    Grade(Vec<PathBuf>),
    ExtraCredit,
    TraceCalls(TcpProgram),
}

/// The handle of the background thread. A new job interrupts the current one, which then starts over.
#[derive(Debug)]
pub struct TestRunner(Sender<(u64, Job)>);

impl TestRunner {
    /// Starts the thread, which first grades all of the homework in the workspace at `root`.
    pub fn start(
        root: &Path,
        coloured: bool,
        messages: Messages,
        events: SyncSender<WatchEvent>,
    ) -> Self {
        let (sender, jobs) = mpsc::channel();
        let root = root.to_owned();
        thread::spawn(move || {
            let (homework, extra_credit, graded) = (None, None, None);
            Worker { root, coloured, messages, events, homework, extra_credit, graded }.run(&jobs);
        });
        let runner = TestRunner(sender);
        runner.add(Job::Grade(Vec::new()));
        runner
    }

    pub fn add(&self, job: Job) {
        // The thread is gone only when watch mode ends.
        _ = self.0.send((process::cancel(), job));
    }
}

struct Worker {
    root: PathBuf,
    coloured: bool,
    messages: Messages,
    events: SyncSender<WatchEvent>,
    /// The tests of the homework, once they are built.
    homework: Option<LocalGrader>,
    /// The tests of the homework and the extra credit, likewise.
    extra_credit: Option<LocalGrader>,
    /// The homework when it was last graded.
    graded: Option<Graded>,
}

impl Worker {
    fn run(mut self, jobs: &Receiver<(u64, Job)>) {
        // What's still to do. It stays here when a new job interrupts it.
        let (mut changed, mut extra_credit, mut calls) = (Vec::new(), false, None);
        while let Ok(first) = jobs.recv() {
            let mut number = 0;
            // A burst of saves needs a single run.
            for (latest, job) in [first].into_iter().chain(jobs.try_iter()) {
                number = latest;
                match job {
                    Job::Grade(files) => changed.extend(files),
                    Job::ExtraCredit => extra_credit = true,
                    Job::TraceCalls(program) => calls = Some(program),
                }
            }
            process::begin(number);
            _ = self.events.send(WatchEvent::BuildStarted);
            if self.graded.is_none() || !changed.is_empty() {
                let graded = self.grade(&changed);
                if self.report(graded) {
                    changed.clear();
                }
            }
            if self.has_pausing_tests() {
                let graded = self.run_pausing();
                self.report(graded);
            }
            if let Some(program) = calls {
                let lines = calls::diagram(&self.root, program, false, &self.messages);
                let lines = lines.unwrap_or_else(|error| vec![self.describe(error)]);
                if self.report(Ok(WatchEvent::CallsTraced(lines))) {
                    calls = None;
                }
            }
            if extra_credit {
                let graded = self.grade_extra_credit();
                extra_credit = !self.report(graded);
            }
        }
    }

    /// Sends the result of a job, unless it was interrupted. Returns whether the job is done.
    fn report(&self, result: Result<WatchEvent>) -> bool {
        if process::interrupted() {
            return false;
        }
        let is_done = result.is_ok();
        let event = result.unwrap_or_else(|error| WatchEvent::Failed(self.describe(error)));
        _ = self.events.send(event);
        is_done
    }

    fn describe(&self, error: anyhow::Error) -> String {
        one_line(&format!("{:#}", self.messages.error(error)))
    }

    fn grade(&mut self, changed: &[PathBuf]) -> Result<WatchEvent> {
        let grader = built(&mut self.homework, &self.root, false, self.coloured)?;
        // A file outside these places may change every result.
        let is_source = |file: &PathBuf| SOURCES.iter().any(|place| file.starts_with(place));
        let before = self.graded.as_ref().filter(|_| changed.iter().all(is_source));
        let before = before.map(|graded| &graded.marks);
        let has_changed = |place: &str| changed.iter().any(|file| file.starts_with(place));
        let graded = grader.regrade(before, has_changed)?;
        self.graded = Some(graded.clone());
        Ok(WatchEvent::Graded(Box::new(graded)))
    }

    /// Returns whether there are tests to run that pause.
    fn has_pausing_tests(&self) -> bool {
        let mut tasks = self.graded.iter().flat_map(|graded| &graded.marks.tasks);
        tasks.any(|mark| mark.is_complete_so_far() && !mark.is_complete())
    }

    /// Runs the tests that pause, for which the result of the others didn't wait.
    fn run_pausing(&mut self) -> Result<WatchEvent> {
        let grader = built(&mut self.homework, &self.root, false, self.coloured)?;
        let mut graded = self.graded.clone().context("nothing is graded yet")?;
        grader.run_pausing(&mut graded)?;
        self.graded = Some(graded.clone());
        Ok(WatchEvent::Graded(Box::new(graded)))
    }

    fn grade_extra_credit(&mut self) -> Result<WatchEvent> {
        let grader = built(&mut self.extra_credit, &self.root, true, self.coloured)?;
        Ok(WatchEvent::ExtraCreditGraded(Box::new(grader.grade()?.marks)))
    }
}

fn built<'a>(
    tests: &'a mut Option<LocalGrader>,
    root: &Path,
    extra_credit: bool,
    coloured: bool,
) -> Result<&'a LocalGrader> {
    if let Some(tests) = tests {
        return Ok(tests);
    }
    Ok(tests.insert(LocalGrader { coloured, ..LocalGrader::build(root, extra_credit)? }))
}
