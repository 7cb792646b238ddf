//! The homework of who runs this program: marked as a whole, and again after each change.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::grading::grade_submission;
use crate::grading::marks::Marks;
use crate::grading::rubric::Rubric;
use crate::grading::submission::{self, Submission};
use crate::grading::test_suite::TestSuite;
use crate::messages::message;
use crate::process;

/// The tests, built once, for one's own programs.
#[derive(Debug)]
pub struct LocalGrader {
    /// The workspace.
    pub root: PathBuf,
    /// What the tests are worth.
    pub rubric: Rubric,
    /// The tests.
    pub tests: TestSuite,
    /// Whether extra credit is graded too.
    pub extra_credit: bool,
    /// Whether the compiler's words are wanted in its colours.
    pub coloured: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Graded {
    /// The marks.
    pub marks: Marks,
    /// The programs that were marked.
    pub programs: Submission,
}

impl LocalGrader {
    /// Builds the tests of the workspace at `root`.
    ///
    /// # Errors
    ///
    /// They do not build, or the system fails.
    pub fn build(root: &Path, extra_credit: bool) -> Result<LocalGrader> {
        let rubric = Rubric::from_workspace(root)?;
        let mut tests = TestSuite::build(root, &rubric, extra_credit)?;
        tests.keep_reports = true;
        Ok(LocalGrader { root: root.to_owned(), rubric, tests, extra_credit, coloured: false })
    }

    /// Builds the programs, and marks them.
    ///
    /// # Errors
    ///
    /// The system fails. That a program does not build is no error.
    pub fn grade(&self) -> Result<Graded> {
        self.regrade(None, |_| true)
    }

    /// The same after a change of some files, when what came before is known: what does not depend
    /// on them is not tested again. Says before the tests begin whether the programs build.
    ///
    /// # Errors
    ///
    /// The system fails, or another was wanted meanwhile.
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

/// What the marks depend on: the files and folders that a student changes.
pub const SOURCES: [&str; 4] =
    ["homework/answers.toml", "day01-tcp-server", "day01-tcp-client", "day01-udp"];
