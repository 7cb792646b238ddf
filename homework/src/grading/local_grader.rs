//! Builds and grades the workspace that the command runs in, as a whole or again after a change.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::grading::cargo_build::{self, Source};
use crate::grading::grade_submission;
use crate::grading::marks::{Marks, Student};
use crate::grading::rubric::Task;
use crate::grading::submission::{
    ANSWERS, COMMANDS, LOOK_UPS, MISSING, PROGRAMS, Program, Start, Submission, check_installed,
    commands,
};
use crate::grading::test_suite::TestSuite;
use crate::messages::{Explain as _, message};
use crate::process;

pub struct LocalGrader {
    pub root: PathBuf,
    pub tests: TestSuite,
    /// Whether the errors of the compiler have colours.
    pub coloured: bool,
}

#[derive(Debug, Clone)]
pub struct Graded {
    pub marks: Marks,
    pub programs: Submission,
}

impl LocalGrader {
    pub fn build(root: &Path, extra_credit: bool) -> Result<LocalGrader> {
        let mut tests = TestSuite::build(root, extra_credit)?;
        tests.keep_reports = true;
        Ok(LocalGrader { root: root.to_owned(), tests, coloured: false })
    }

    pub fn grade(&self) -> Result<Graded> {
        let mut graded = self.regrade(None, |_| true)?;
        self.run_pausing(&mut graded)?;
        Ok(graded)
    }

    /// The same, but without tests that pause, and with the marks of `before` for tasks that don't depend
    /// on a changed file.
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
        let marks = grade_submission::regrade(tests, &programs, known, |_, _| ());
        anyhow::ensure!(!process::interrupted(), message!("interrupted"));
        Ok(Graded { marks, programs })
    }

    /// Runs the tests that pause, if all others of their tasks have passed.
    pub fn run_pausing(&self, graded: &mut Graded) -> Result<()> {
        let Graded { marks, programs } = graded;
        for mark in marks.tasks.iter_mut().filter(|mark| mark.is_complete_so_far()) {
            for (name, outcome) in mark.tests.iter_mut().filter(|(_, it)| !it.is_passed()) {
                let test = self.tests.names.iter().position(|test| test == name);
                let test = test.with_context(|| format!("no test {name}"))?;
                (*outcome, _) = self.tests.run(test, programs);
            }
        }
        anyhow::ensure!(!process::interrupted(), message!("interrupted"));
        Ok(())
    }
}

/// Compiles the programs of the workspace at `root`. A program that doesn't compile isn't an error here.
pub fn build_workspace(root: &Path, extra_credit: bool, coloured: bool) -> Result<Submission> {
    let needed = if extra_credit { PROGRAMS.len() } else { 2 };
    let mut arguments = vec!["build", "--workspace", "--keep-going", "--quiet"];
    arguments.extend(coloured.then_some(cargo_build::COLOURED));
    arguments.extend(PROGRAMS[..needed].iter().flat_map(|program| ["--bin", program.name]));
    if extra_credit {
        arguments.extend(["--bin", LOOK_UPS.name]);
    }
    let built = cargo_build::build(root, &arguments, &[], Source::Trusted, cargo_build::TIMEOUT)?;
    let path = root.join(COMMANDS);
    let commands = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
        text => commands(&text.explain(message!("cannot-read", file = path.display()))?, |word| {
            root.join(word).is_file()
        })?,
    };
    let start = |program: &Program| match commands.get(program.name) {
        Some(words) => {
            check_installed(program.name, words, &env::var_os("PATH").unwrap_or_default())?;
            Ok(Start::Command { folder: root.to_owned(), words: words.clone() })
        }
        None => built.executable(program.name).map(|path| Start::Program(path.to_owned())),
    };
    Ok(Submission {
        student: Student::from_folder(root),
        folder: root.to_owned(),
        answers: Ok(root.join(ANSWERS)),
        programs: PROGRAMS.each_ref().map(start),
        look_ups: built.executable(LOOK_UPS.name).map_or_else(|_| MISSING.into(), Path::to_owned),
        seed: 0,
        build_time: Duration::ZERO,
        errors: built.errors,
    })
}

/// The files and folders that a student edits.
pub const SOURCES: [&str; 4] =
    ["homework/answers.toml", "day01-tcp-server", "day01-tcp-client", "day01-udp"];
