//! Grades the workspace that the command runs in, as a whole or again after a change.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::grading::cargo_build;
use crate::grading::grade_submission;
use crate::grading::marks::Marks;
use crate::grading::rubric::{Rubric, Task};
use crate::grading::submission::{self, Submission};
use crate::grading::test_suite::TestSuite;
use crate::messages::message;
use crate::process;

/// The built tests for the programs of a workspace.
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
    pub fn build(root: &Path, extra_credit: bool) -> Result<LocalGrader> {
        let rubric = Rubric::from_workspace(root)?;
        let mut tests = TestSuite::build(root, &rubric, extra_credit)?;
        tests.keep_reports = true;
        Ok(LocalGrader { root: root.to_owned(), rubric, tests, extra_credit, coloured: false })
    }

    /// Builds and grades the programs.
    pub fn grade(&self) -> Result<Graded> {
        self.regrade(None, |_| true)
    }

    /// The same, but keeps the marks of `before` for tasks that don't depend on a changed file.
    pub fn regrade(
        &self,
        before: Option<&Marks>,
        has_changed: impl Fn(&str) -> bool + Sync,
    ) -> Result<Graded> {
        let Self { rubric, tests, extra_credit, .. } = self;
        let further = if self.coloured { &[cargo_build::COLOURED][..] } else { &[] };
        let programs = submission::build_workspace_with(&self.root, *extra_credit, further)?;
        let known = |task: &Task| {
            let is_affected = |place: &&str| has_changed(place) && rubric.depends_on(task, place);
            if SOURCES.iter().any(is_affected) {
                return None;
            }
            before?.tasks.iter().find(|mark| mark.task.name == task.name).cloned()
        };
        let marks = grade_submission::regrade(rubric, tests, &programs, *extra_credit, known);
        if process::interrupted() {
            anyhow::bail!(message!("interrupted"));
        }
        Ok(Graded { marks, programs })
    }
}

/// The files and folders that a student edits.
pub const SOURCES: [&str; 4] =
    ["homework/answers.toml", "day01-tcp-server", "day01-tcp-client", "day01-udp"];
