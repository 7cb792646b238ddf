//! Reads `rubric.toml`: the tasks, their tests and their points.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

/// The tasks, beginning with those that the starter code completes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Tests of a program's own timeout, which it can miss on a busy machine.
    #[serde(default)]
    timed: Vec<String>,
    /// Tests in which the test does nothing for seconds.
    #[serde(default)]
    pauses: Vec<String>,
    /// What the starter code already does.
    given: Vec<Task>,
    #[serde(rename = "task")]
    to_do: Vec<Task>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its name here and in the message catalogue.
    pub name: String,
    /// The points for all of its tests. Tasks of the starter code have none.
    #[serde(default)]
    pub points: u32,
    #[serde(default)]
    pub extra_credit: bool,
    /// Whether each test needs the ones before it, so that the first failure ends the task.
    #[serde(default)]
    pub in_order: bool,
    pub file: String,
    /// Texts that mark the place in that file. The first one that the file contains counts.
    #[serde(default)]
    pub places: Vec<String>,
    pub section: String,
    /// Tasks that must be complete before this one is tested.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The names of tests, or of modules and functions that contain tests.
    pub tests: Vec<String>,
}

impl Rubric {
    pub fn from_workspace(root: &Path) -> Result<Rubric> {
        let paths = ["course/homework/rubric.toml", "homework/rubric.toml"];
        let [student_copy, path] = paths.map(|path| root.join(path));
        let path = if student_copy.is_file() { student_copy } else { path };
        let text = fs::read_to_string(&path)
            .with_context(|| format!("can't read the rubric {}", path.display()))?;
        Rubric::parse(&text).with_context(|| format!("can't use the rubric {}", path.display()))
    }

    fn parse(text: &str) -> Result<Rubric> {
        let rubric: Rubric = toml::from_str(text)?;
        let points: u32 =
            rubric.tasks().filter(|task| !task.extra_credit).map(|task| task.points).sum();
        ensure!(
            points == 100,
            "the points of the homework's tasks are {points} in all; make them 100"
        );
        for (number, task) in rubric.tasks().enumerate() {
            ensure!(
                !task.tests.is_empty(),
                "the task {:?} has no tests; add some or remove it",
                task.name
            );
            for need in &task.needs {
                // Only earlier tasks, which rules out cycles.
                if !rubric.tasks().take(number).any(|other| other.name == *need) {
                    let name = &task.name;
                    bail!("the task {name:?} needs {need:?}, but no task before it has this name");
                }
            }
        }
        Ok(rubric)
    }

    /// Returns all tasks, each after those that it needs.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.given.iter().chain(&self.to_do)
    }

    /// Returns the length of the longest chain of tasks that this one needs.
    pub fn level(&self, task: &Task) -> usize {
        let needed = self.tasks().filter(|other| task.needs.contains(&other.name));
        needed.map(|other| self.level(other) + 1).max().unwrap_or(0)
    }

    /// Returns whether the points of a task depend on this file or folder.
    pub fn depends_on(&self, task: &Task, place: &str) -> bool {
        let mut needed = self.tasks().filter(|other| task.needs.contains(&other.name));
        task.file.starts_with(place) || needed.any(|other| self.depends_on(other, place))
    }

    /// Returns the indices of each task's tests. `extra_credit` says whether `tests` has those too.
    pub fn assign(&self, tests: &[String], extra_credit: bool) -> Result<Vec<Vec<usize>>> {
        let mut assigned = vec![Vec::new(); self.tasks().count()];
        for (number, test) in tests.iter().enumerate() {
            let has_test = |(_, task): &(usize, &Task)| task.place(test).is_some();
            let of_test: Vec<_> = self.tasks().enumerate().filter(has_test).collect();
            match of_test[..] {
                [] => bail!("the test {test} belongs to no task; add it to one"),
                [(task, _)] => assigned[task].push(number),
                [(_, Task { name: one, .. }), (_, Task { name: other, .. }), ..] => {
                    bail!(
                        "the test {test} belongs to two tasks, {one:?} and {other:?}; leave it in one"
                    )
                }
            }
        }
        let asked_for = self.tasks().filter(|task| extra_credit || !task.extra_credit);
        let timed = self.timed.iter().filter(|_| extra_credit);
        let named = asked_for.flat_map(|task| &task.tests).chain(timed).chain(&self.pauses);
        for name in named {
            ensure!(
                tests.iter().any(|test| names(name, test)),
                "no test has the name {name:?}; correct or remove it"
            );
        }
        for (task, own) in self.tasks().zip(&mut assigned) {
            own.sort_by_key(|&test| task.place(&tests[test]));
        }
        Ok(assigned)
    }

    /// Returns whether the test does nothing for seconds.
    pub fn pauses(&self, test: &str) -> bool {
        self.pauses.iter().any(|name| names(name, test))
    }

    /// Returns whether a right program can fail this test on a busy machine.
    pub fn is_timed(&self, test: &str) -> bool {
        self.timed.iter().any(|name| names(name, test))
    }
}

impl Task {
    fn place(&self, test: &str) -> Option<usize> {
        self.tests.iter().position(|name| names(name, test))
    }
}

/// Returns whether a name in the rubric is that of this test, or of a module or function around it.
fn names(name: &str, test: &str) -> bool {
    test.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUBRIC: &str = r#"
        [[given]]
        name = "works"
        file = "main.rs"
        section = "server"
        tests = ["server::start"]

        [[task]]
        name = "loops"
        points = 60
        file = "main.rs"
        section = "homework"
        needs = ["works"]
        tests = ["server::loop", "client"]

        [[task]]
        name = "rest"
        points = 40
        file = "main.rs"
        section = "close"
        needs = ["loops"]
        tests = ["server::end"]

        [[task]]
        name = "more"
        points = 7
        extra_credit = true
        file = "main.rs"
        section = "close"
        tests = ["more"]
    "#;

    /// Assigns tests, given as one text, to the tasks of the rubric with a replacement.
    fn assign(tests: &str, from: &str, to: &str) -> Result<Vec<Vec<usize>>> {
        let tests: Vec<String> = tests.split(' ').map(str::to_owned).collect();
        Rubric::parse(&RUBRIC.replacen(from, to, 1))?.assign(&tests, true)
    }

    #[test]
    fn a_module_name_selects_its_tests() {
        let tests = "client::a server::loop::case_1 server::end client::b more server::start";
        let assigned = assign(tests, "", "").unwrap();
        assert_eq!(assigned, [vec![5], vec![1, 0, 3], vec![2], vec![4]]);
    }

    #[test]
    fn a_rubric_that_does_not_match_the_tests_is_an_error() {
        let looping = "server::loop server::end client::a server::looping";
        let no_client = "server::loop server::end server::start more";
        for (tests, from, to, expected) in [
            (looping, "", "", "server::looping belongs to no task"),
            ("server::loop client::a", "::end", "", "server::loop belongs to two tasks"),
            (no_client, "", "", "no test has the name \"client\""),
            ("", "60", "61", "101 in all"),
            ("", "[\"loops\"]", "[\"more\"]", "but no task before it"),
        ] {
            let error = assign(tests, from, to).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn tasks_come_after_those_they_need() {
        let rubric = Rubric::parse(RUBRIC).unwrap();
        let levels: Vec<_> = rubric.tasks().map(|task| rubric.level(task)).collect();
        assert_eq!(levels, [0, 1, 2, 0]);
        assert!(rubric.tasks().all(|task| rubric.depends_on(task, "main.rs")));
    }
}
