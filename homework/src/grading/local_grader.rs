//! Grades the workspace that the command runs in, as a whole or again after a change.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::grading::grade_submission;
use crate::grading::marks::Marks;
use crate::grading::rubric::Task;
use crate::grading::submission::Submission;
use crate::grading::test_suite::TestSuite;
use crate::grading::workspace_build::build_workspace;
use crate::messages::message;
use crate::process;

/// The built tests for the programs of a workspace.
pub struct LocalGrader {
    pub root: PathBuf,
    pub tests: TestSuite,
    /// Whether the errors of the compiler have colours.
    pub coloured: bool,
}

#[derive(Debug)]
pub struct Graded {
    pub marks: Marks,
    pub programs: Submission,
}

impl LocalGrader {
    /// Builds the tests of the workspace at `root`.
    pub fn build(root: &Path, extra_credit: bool) -> Result<LocalGrader> {
        let mut tests = TestSuite::build(root, extra_credit)?;
        tests.keep_reports = true;
        Ok(LocalGrader { root: root.to_owned(), tests, coloured: false })
    }

    pub fn grade(&self) -> Result<Graded> {
        self.regrade(None, |_| true)
    }

    /// The same, but keeps the marks of `before` for tasks that don't depend on a changed file.
    pub fn regrade(
        &self,
        before: Option<&Marks>,
        has_changed: impl Fn(&str) -> bool + Sync,
    ) -> Result<Graded> {
        let Self { root, tests, coloured } = self;
        let programs = build_workspace(root, tests.extra_credit, *coloured)?;
        let known = |task: &Task| {
            let is_affected =
                |place: &&str| has_changed(place) && tests.rubric.depends_on(task, place);
            if SOURCES.iter().any(is_affected) {
                return None;
            }
            before?.tasks.iter().find(|mark| mark.task.name == task.name).cloned()
        };
        let marks = grade_submission::regrade(tests, &programs, known);
        if process::interrupted() {
            anyhow::bail!(message!("interrupted"));
        }
        Ok(Graded { marks, programs })
    }
}

/// The files and folders that a student edits.
pub const SOURCES: [&str; 4] =
    ["homework/answers.toml", "day01-tcp-server", "day01-tcp-client", "day01-udp"];
