//! The homework of who runs this program: marked as a whole, and again after each change.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::grading::mark::Marks;
use crate::grading::order;
use crate::grading::rubric::Rubric;
use crate::grading::submission::{self, Submission};
use crate::grading::tests::Tests;
use crate::process;

/// The tests, built once, for one's own programs.
#[derive(Debug)]
pub struct Own {
    /// The workspace.
    pub root: PathBuf,
    /// What the tests are worth.
    pub rubric: Rubric,
    /// The tests.
    pub tests: Tests,
    /// Whether what lies beyond the homework is tested as well.
    pub beyond: bool,
    /// Whether the compiler's words are wanted in its colours.
    pub in_colours: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Marked {
    /// The marks.
    pub marks: Marks,
    /// The programs that were marked.
    pub programs: Submission,
}

impl Own {
    /// Builds the tests of the workspace at `root`.
    ///
    /// # Errors
    ///
    /// They do not build, or the system fails.
    pub fn build(root: &Path, beyond: bool) -> Result<Own> {
        let rubric = Rubric::of(root)?;
        let mut tests = Tests::build(root, &rubric, beyond)?;
        tests.conversations = true;
        Ok(Own { root: root.to_owned(), rubric, tests, beyond, in_colours: false })
    }

    /// Builds the programs, and marks them.
    ///
    /// # Errors
    ///
    /// The system fails. That a program does not build is no error.
    pub fn mark(&self) -> Result<Marked> {
        self.mark_changed(None, |_| true)
    }

    /// The same after a change of some files, when what came before is known: what does not depend
    /// on them is not tested again. Says before the tests begin whether the programs build.
    ///
    /// # Errors
    ///
    /// The system fails, or another was wanted meanwhile.
    pub fn mark_changed(
        &self,
        before: Option<&Marks>,
        has_changed: impl Fn(&str) -> bool + Sync,
    ) -> Result<Marked> {
        let programs = match self.in_colours {
            true => submission::build_own_in_colours(&self.root, self.beyond)?,
            false => submission::build_own(&self.root, self.beyond)?,
        };
        let known = |task: &_| {
            let before = before?;
            let depends = PLACES
                .iter()
                .any(|place| has_changed(place) && self.rubric.depends_on(task, place));
            before.tasks.iter().find(|mark| !depends && mark.task.name == task.name).cloned()
        };
        let marks = order::mark_again(&self.rubric, &self.tests, &programs, self.beyond, known);
        if process::interrupted() {
            anyhow::bail!("stopped while testing");
        }
        Ok(Marked { marks, programs })
    }
}

/// What the marks depend on: the files and folders that a student changes.
pub const PLACES: [&str; 4] =
    ["homework/answers.toml", "day01-tcp-server", "day01-tcp-client", "day01-udp"];
