//! The rubric: which tests belong to which task, and what a task is worth.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// What `rubric.toml` holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// The tests of each program that must pass before anything else of it is tested.
    #[serde(default)]
    pub first: BTreeMap<String, Vec<String>>,
    /// Tests in which a program has a time-out of its own, which a busy machine can miss.
    #[serde(default)]
    pub timed: Vec<String>,
    /// The tasks.
    #[serde(rename = "task")]
    pub tasks: Vec<Task>,
}

/// One part of the homework.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What a table calls it.
    pub title: String,
    /// The points for all of its tests.
    pub points: u32,
    /// The section of the notes that it is about.
    pub section: String,
    /// Names of tests, or of modules and functions with tests in them.
    pub tests: Vec<String>,
}

impl Rubric {
    /// Reads a rubric, whose points must be 100 in all.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no rubric.
    pub fn read(path: &Path) -> Result<Rubric> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the rubric {}", path.display()))?;
        Rubric::parse(&text).with_context(|| format!("cannot use the rubric {}", path.display()))
    }

    fn parse(text: &str) -> Result<Rubric> {
        let rubric: Rubric = toml::from_str(text)?;
        let points: u32 = rubric.tasks.iter().map(|task| task.points).sum();
        if points != 100 {
            bail!("the points of its tasks are {points} in all; make them 100");
        }
        Ok(rubric)
    }

    /// The task of each test, as an index.
    ///
    /// # Errors
    ///
    /// A test that belongs to no task or to two, or a name that no test has.
    pub fn assign(&self, tests: &[String]) -> Result<Vec<usize>> {
        let mut tasks = Vec::new();
        for test in tests {
            let mut of_test = (0..self.tasks.len()).filter(|&task| self.tasks[task].has(test));
            match (of_test.next(), of_test.next()) {
                (Some(task), None) => tasks.push(task),
                (None, _) => bail!("the test {test} belongs to no task; add it to one"),
                (Some(one), Some(other)) => bail!(
                    "the test {test} belongs to two tasks, {:?} and {:?}; leave it in one",
                    self.tasks[one].title,
                    self.tasks[other].title
                ),
            }
        }
        let in_tasks = self.tasks.iter().flat_map(|task| &task.tests);
        for name in in_tasks.chain(self.first.values().flatten()).chain(&self.timed) {
            if !tests.iter().any(|test| names(name, test)) {
                bail!("no test has the name {name:?}; correct or remove it");
            }
        }
        if let Some(task) = self.tasks.iter().find(|task| task.tests.is_empty()) {
            bail!("the task {:?} has no tests; add some or remove it", task.title);
        }
        Ok(tasks)
    }

    /// Whether a busy machine can make this test fail.
    pub fn is_timed(&self, test: &str) -> bool {
        self.timed.iter().any(|name| names(name, test))
    }
}

impl Task {
    fn has(&self, test: &str) -> bool {
        self.place(test).is_some()
    }

    /// Where in the list of tests this one is.
    pub fn place(&self, test: &str) -> Option<usize> {
        self.tests.iter().position(|name| names(name, test))
    }
}

/// Whether a name in the rubric is this test, or the module or function that it is in.
fn names(name: &str, test: &str) -> bool {
    test.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUBRIC: &str = r#"
        [[task]]
        title = "loops"
        points = 60
        section = "homework"
        tests = ["server::loop", "client"]

        [[task]]
        title = "rest"
        points = 40
        section = "close"
        tests = ["server::end"]
    "#;

    fn assign(tests: &[&str]) -> Result<Vec<usize>> {
        let tests: Vec<String> = tests.iter().map(|&test| test.into()).collect();
        Rubric::parse(RUBRIC).unwrap().assign(&tests)
    }

    #[test]
    fn a_name_stands_for_the_tests_in_it() {
        let tests = ["server::loop::case_1", "server::end", "client::a", "client::b::case_1"];
        assert_eq!(assign(&tests).unwrap(), [0, 1, 0, 0]);
    }

    #[test]
    fn a_test_in_no_task_is_an_error() {
        let error = assign(&["server::loop", "server::end", "client::a", "server::looping"]);
        assert!(error.unwrap_err().to_string().contains("server::looping belongs to no task"));
    }

    #[test]
    fn a_test_in_two_tasks_is_an_error() {
        let rubric = RUBRIC.replace("server::end", "server");
        let tests = ["server::loop", "client::a"].map(String::from);
        let error = Rubric::parse(&rubric).unwrap().assign(&tests).unwrap_err().to_string();
        assert!(error.contains("server::loop belongs to two tasks"), "{error}");
    }

    #[test]
    fn a_name_that_no_test_has_is_an_error() {
        let error = assign(&["server::loop", "server::end"]);
        assert!(error.unwrap_err().to_string().contains("no test has the name \"client\""));
    }

    #[test]
    fn points_that_are_not_100_in_all_are_an_error() {
        let error = Rubric::parse(&RUBRIC.replace("60", "61")).unwrap_err().to_string();
        assert!(error.contains("101 in all"), "{error}");
    }
}
