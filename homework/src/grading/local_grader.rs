//! Grades the workspace that the command runs in, as a whole or again after a change.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::grading::grade_submission;
use crate::grading::marks::Marks;
use crate::grading::rubric::Rubric;
use crate::grading::submission::{self, Submission};
use crate::grading::test_suite::TestSuite;
use crate::messages::message;
use crate::process;

/// The built tests for the programs of a workspace.
#[derive(Debug)]
pub struct LocalGrader {
    /// The workspace.
    pub root: PathBuf,
    /// The tasks and their points.
    pub rubric: Rubric,
    /// The tests.
    pub tests: TestSuite,
    /// Whether extra credit is graded too.
    pub extra_credit: bool,
    /// Whether the errors of the compiler have colours.
    pub coloured: bool,
}

/// The result of grading a workspace.
#[derive(Debug)]
pub struct Graded {
    /// The marks.
    pub marks: Marks,
    /// The programs that were graded.
    pub programs: Submission,
}

impl LocalGrader {
    /// Builds the tests of the workspace at `root`.
    ///
    /// # Errors
    ///
    /// They don't compile, or a system call fails.
    pub fn build(root: &Path, extra_credit: bool) -> Result<LocalGrader> {
        let rubric = Rubric::from_workspace(root)?;
        let mut tests = TestSuite::build(root, &rubric, extra_credit)?;
        tests.keep_reports = true;
        Ok(LocalGrader { root: root.to_owned(), rubric, tests, extra_credit, coloured: false })
    }

    /// Builds and grades the programs.
    ///
    /// # Errors
    ///
    /// A system call fails. A program that doesn't compile isn't an error.
    pub fn grade(&self) -> Result<Graded> {
        self.regrade(None, |_| true)
    }

    /// The same, but keeps the marks of `before` for tasks that don't depend on a changed file.
    ///
    /// # Errors
    ///
    /// A system call fails, or the tests are interrupted.
    pub fn regrade(
        &self,
        before: Option<&Marks>,
        has_changed: impl Fn(&str) -> bool + Sync,
    ) -> Result<Graded> {
        let programs = match self.coloured {
            true => submission::build_workspace_coloured(&self.root, self.extra_credit)?,
            false => submission::build_workspace(&self.root, self.extra_credit)?,
        };
        let known = |task: &_| {
            let before = before?;
            let depends = SOURCES
                .iter()
                .any(|place| has_changed(place) && self.rubric.depends_on(task, place));
            before.tasks.iter().find(|mark| !depends && mark.task.name == task.name).cloned()
        };
        let marks = grade_submission::regrade(
            &self.rubric,
            &self.tests,
            &programs,
            self.extra_credit,
            known,
        );
        if process::interrupted() {
            anyhow::bail!(message!("interrupted"));
        }
        Ok(Graded { marks, programs })
    }
}

/// The files and folders that a student edits.
pub const SOURCES: [&str; 4] =
    ["homework/answers.toml", "day01-tcp-server", "day01-tcp-client", "day01-udp"];
