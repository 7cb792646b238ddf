//! Who fails the same tests in the same way as a known wrong solution. That says nothing of why:
//! other mistakes may look the same from outside.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use homework::grading::mark::{Because, Marks};
use homework::grading::rubric::{Rubric, Task};
use serde::Deserialize;

use super::mistakes::how;

/// Which tests fail, each with how it fails.
pub type Fails = BTreeSet<String>;

/// A known wrong solution.
#[derive(Debug)]
pub struct Known {
    /// Its file, below the workspace.
    pub file: String,
    /// The program that it stands for.
    program: String,
    fails: Fails,
}

/// Students who fail the same tests in one program, and the solutions that do so, too.
#[derive(Debug)]
pub struct Alike<'a> {
    /// The program.
    pub program: String,
    /// Which tests, each with how it fails.
    pub fails: Fails,
    /// The solutions.
    pub solutions: Vec<&'a str>,
    /// Whose marks they are, by their places.
    pub who: Vec<usize>,
}

/// What the file with the expected marks holds of them.
#[derive(Deserialize)]
struct Expected {
    class: Class,
    solution: Vec<Solution>,
}

#[derive(Deserialize)]
struct Class {
    fails: Fails,
}

#[derive(Deserialize)]
struct Solution {
    file: String,
    program: String,
    #[serde(default)]
    fails: Fails,
}

/// The programs that are compared.
const PROGRAMS: [&str; 2] = ["day01-tcp-server", "day01-tcp-client"];

/// The wrong solutions of the workspace at `root`, and the class version as it was handed out.
///
/// # Errors
///
/// Their file cannot be read.
pub fn known(root: &Path, rubric: &Rubric) -> Result<Vec<Known>> {
    let path = root.join("homework/solutions/expected.toml");
    let text = fs::read_to_string(&path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let expected: Expected =
        toml::from_str(&text).with_context(|| format!("cannot use {}", path.display()))?;
    let class = PROGRAMS.map(|program| {
        let is_of = |test: &&String| {
            let tasks = rubric.tasks().filter(|task| is_about(task, program));
            tasks.flat_map(|task| &task.tests).any(|own| test.starts_with(own.as_str()))
        };
        let fails = expected.class.fails.iter().filter(is_of).cloned().collect();
        Known { file: "homework/starter".to_owned(), program: program.to_owned(), fails }
    });
    let solutions = expected.solution.into_iter().map(|Solution { file, program, fails }| Known {
        file: format!("homework/solutions/{file}"),
        program,
        fails,
    });
    let known = class.into_iter().chain(solutions);
    Ok(known.filter(|known| !known.fails.is_empty()).collect())
}

/// Whether a task of the homework is about this program alone.
fn is_about(task: &Task, program: &str) -> bool {
    !task.beyond && task.file.starts_with(program) && task.name != "both"
}

/// Which tests of a program fail. `None` where that is not known: it does not build, or time was
/// up.
fn fails(marks: &Marks, program: &str) -> Option<Fails> {
    let mut fails = Fails::new();
    for mark in marks.tasks.iter().filter(|mark| is_about(&mark.task, program)) {
        for (_, because) in mark.not_tried() {
            if !matches!(because, Because::Test(_) | Because::Task(_)) {
                return None;
            }
        }
        fails.extend(mark.failed().map(|(test, failure)| format!("{test}: {}", how(failure))));
    }
    Some(fails)
}

/// The students who fail as known solutions do, the most frequent first.
pub fn alike<'a>(known: &'a [Known], marks: &[&Marks]) -> Vec<Alike<'a>> {
    let mut all: Vec<Alike> = Vec::new();
    for (number, marks) in marks.iter().enumerate() {
        for program in PROGRAMS {
            let Some(fails) = fails(marks, program) else { continue };
            let is_it = |alike: &&mut Alike| alike.program == program && alike.fails == fails;
            if let Some(alike) = all.iter_mut().find(is_it) {
                alike.who.push(number);
                continue;
            }
            let same = known.iter().filter(|it| it.program == program && it.fails == fails);
            let solutions: Vec<&str> = same.map(|known| known.file.as_str()).collect();
            if !solutions.is_empty() {
                let program = program.to_owned();
                all.push(Alike { program, fails, solutions, who: vec![number] });
            }
        }
    }
    all.sort_by_key(|alike| std::cmp::Reverse(alike.who.len()));
    all
}
