//! The rubric: which tests belong to which task, and what a task is worth.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// What `rubric.toml` holds: its tasks, those of the class version first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Tests in which a program has a time-out of its own, which a busy machine can miss.
    #[serde(default)]
    timed: Vec<String>,
    /// What the class version does already.
    given: Vec<Task>,
    /// What is to be done.
    #[serde(rename = "task")]
    to_do: Vec<Task>,
}

/// One part of the homework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its name here and in messages.toml.
    pub name: String,
    /// The points for all of its tests. What is given has none.
    #[serde(default)]
    pub points: u32,
    /// Whether it lies extra credit.
    #[serde(default)]
    pub extra_credit: bool,
    /// Whether each test builds on the ones before it: after the first that fails none is tried.
    #[serde(default)]
    pub in_order: bool,
    /// The file in which it is done.
    pub file: String,
    /// Messages that mark the place in that file: the first that is there counts.
    #[serde(default)]
    pub places: Vec<String>,
    /// The section of the notes that it is about.
    pub section: String,
    /// Tasks that must be complete before this one is tried.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Names of tests, or of modules and functions with tests in them.
    pub tests: Vec<String>,
}

impl Rubric {
    /// Reads the rubric of the workspace at `root`. In a hand-out it stands in another folder.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no rubric: its points are not 100, or a task needs one that
    /// there is not.
    pub fn from_workspace(root: &Path) -> Result<Rubric> {
        let handed_out = root.join("course/homework/rubric.toml");
        match handed_out.is_file() {
            true => Rubric::read(&handed_out),
            false => Rubric::read(&root.join("homework/rubric.toml")),
        }
    }

    fn read(path: &Path) -> Result<Rubric> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the rubric {}", path.display()))?;
        Rubric::parse(&text).with_context(|| format!("cannot use the rubric {}", path.display()))
    }

    fn parse(text: &str) -> Result<Rubric> {
        let rubric: Rubric = toml::from_str(text)?;
        let points: u32 =
            rubric.tasks().filter(|task| !task.extra_credit).map(|task| task.points).sum();
        if points != 100 {
            bail!("the points of the homework's tasks are {points} in all; make them 100");
        }
        for (number, task) in rubric.tasks().enumerate() {
            if task.tests.is_empty() {
                bail!("the task {:?} has no tests; add some or remove it", task.name);
            }
            for need in &task.needs {
                // Only earlier ones, so that there is no circle.
                if !rubric.tasks().take(number).any(|other| other.name == *need) {
                    bail!("the task {:?} needs {need:?}, which no task before it is", task.name);
                }
            }
        }
        Ok(rubric)
    }

    /// All tasks, in the order of the lesson, each behind those that it needs.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.given.iter().chain(&self.to_do)
    }

    /// How many tasks have to be complete, one after the other, before this one is tried.
    pub fn level(&self, task: &Task) -> usize {
        let needed = self.tasks().filter(|other| task.needs.contains(&other.name));
        needed.map(|other| self.level(other) + 1).max().unwrap_or(0)
    }

    /// Whether what is in this file, or below this folder, has a say in the mark of a task.
    pub fn depends_on(&self, task: &Task, place: &str) -> bool {
        let mut needed = self.tasks().filter(|other| task.needs.contains(&other.name));
        task.file.starts_with(place) || needed.any(|other| self.depends_on(other, place))
    }

    /// The tests of each task, in its order. Without `extra_credit`, those of the homework alone.
    ///
    /// # Errors
    ///
    /// A test that belongs to no task or to two, or a name that no test has.
    pub fn assign(&self, tests: &[String], extra_credit: bool) -> Result<Vec<Vec<usize>>> {
        let mut assigned = vec![Vec::new(); self.tasks().count()];
        for (number, test) in tests.iter().enumerate() {
            let mut of_test =
                self.tasks().enumerate().filter(|(_, task)| task.place(test).is_some());
            match (of_test.next(), of_test.next()) {
                (Some((task, _)), None) => assigned[task].push(number),
                (None, _) => bail!("the test {test} belongs to no task; add it to one"),
                (Some((_, one)), Some((_, other))) => bail!(
                    "the test {test} belongs to two tasks, {:?} and {:?}; leave it in one",
                    one.name,
                    other.name
                ),
            }
        }
        let asked_for = self.tasks().filter(|task| extra_credit || !task.extra_credit);
        let timed = self.timed.iter().filter(|_| extra_credit);
        for name in asked_for.flat_map(|task| &task.tests).chain(timed) {
            if !tests.iter().any(|test| names(name, test)) {
                bail!("no test has the name {name:?}; correct or remove it");
            }
        }
        for (task, own) in self.tasks().zip(&mut assigned) {
            own.sort_by_key(|&test| task.place(&tests[test]));
        }
        Ok(assigned)
    }

    /// Whether a busy machine can make this test fail.
    pub fn is_timed(&self, test: &str) -> bool {
        self.timed.iter().any(|name| names(name, test))
    }
}

impl Task {
    /// Where in the list of tests this one is.
    fn place(&self, test: &str) -> Option<usize> {
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

    fn assign(tests: &[&str]) -> Result<Vec<Vec<usize>>> {
        let tests: Vec<String> = tests.iter().map(|&test| test.into()).collect();
        Rubric::parse(RUBRIC).unwrap().assign(&tests, true)
    }

    #[test]
    fn a_name_stands_for_the_tests_in_it() {
        let tests = [
            "client::a",
            "server::loop::case_1",
            "server::end",
            "client::b",
            "more",
            "server::start",
        ];
        assert_eq!(assign(&tests).unwrap(), [vec![5], vec![1, 0, 3], vec![2], vec![4]]);
    }

    #[test]
    fn a_test_in_no_task_is_an_error() {
        let error = assign(&["server::loop", "server::end", "client::a", "server::looping"]);
        assert!(error.unwrap_err().to_string().contains("server::looping belongs to no task"));
    }

    #[test]
    fn a_test_in_two_tasks_is_an_error() {
        let rubric = RUBRIC.replace("\"server::end\"", "\"server\"");
        let tests = ["server::loop", "client::a"].map(String::from);
        let error = Rubric::parse(&rubric).unwrap().assign(&tests, true).unwrap_err().to_string();
        assert!(error.contains("server::loop belongs to two tasks"), "{error}");
    }

    #[test]
    fn a_name_that_no_test_has_is_an_error() {
        let error = assign(&["server::loop", "server::end", "server::start", "more"]);
        assert!(error.unwrap_err().to_string().contains("no test has the name \"client\""));
    }

    #[test]
    fn points_that_are_not_100_in_all_are_an_error() {
        let error = Rubric::parse(&RUBRIC.replace("60", "61")).unwrap_err().to_string();
        assert!(error.contains("101 in all"), "{error}");
    }

    #[test]
    fn a_task_comes_behind_those_that_it_needs() {
        let rubric = Rubric::parse(RUBRIC).unwrap();
        let levels: Vec<_> = rubric.tasks().map(|task| rubric.level(task)).collect();
        assert_eq!(levels, [0, 1, 2, 0]);
        let depends: Vec<_> =
            rubric.tasks().map(|task| rubric.depends_on(task, "main.rs")).collect();
        assert_eq!(depends, [true; 4]);
        let error = Rubric::parse(&RUBRIC.replace("[\"loops\"]", "[\"more\"]")).unwrap_err();
        assert!(error.to_string().contains("which no task before it is"), "{error}");
    }
}
