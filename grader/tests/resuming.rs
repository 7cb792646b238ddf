//! Saved results: a killed run is resumed, and only submissions that have changed are graded again.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fixtures::{alone, empty, grader, honest, json, leftover_processes, root};

const FOLDERS: [&str; 3] = ["one", "two", "three"];

fn grade(place: &Path, options: &[&str]) -> Command {
    let mut command = grader(&["--lang", "en", "grade", "--format", "json", "--results"]);
    command.arg(place.join("results")).args(options);
    command.args(FOLDERS.map(|name| place.join(name)));
    command
}

/// Grades, and returns how many folders were compiled, and the results.
fn graded(place: &Path, options: &[&str]) -> (usize, Value) {
    let ended = grade(place, options).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let printed = json(&ended);
    for folder in printed["folders"].as_array().unwrap() {
        assert_eq!(folder["points"], 100.0, "{said}");
    }
    assert_eq!(printed["folders"].as_array().unwrap().len(), FOLDERS.len(), "{said}");
    let compiled = said.lines().filter(|line| line.starts_with("  building /")).count();
    let kept = FOLDERS.len() - compiled;
    assert_eq!(said.contains(&format!("{kept} of 3 haven't changed")), kept > 0, "{said}");
    (compiled, printed)
}

/// Returns the seed of each folder.
fn seeds(printed: &Value) -> Vec<u64> {
    let folders = printed["folders"].as_array().unwrap().iter();
    folders.map(|folder| folder["seed"].as_u64().unwrap()).collect()
}

#[test]
#[ignore = "takes minutes: grades three folders several times"]
fn a_killed_run_is_resumed() {
    let _alone = alone();
    let place = empty("kept");
    let folders: Vec<PathBuf> = FOLDERS.map(|name| place.join(name)).into();
    folders.iter().for_each(|folder| honest(folder));

    // Kill the grader when it has graded the first folder.
    let mut first = grade(&place, &["--jobs", "1"]).stderr(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(first.stderr.take().unwrap()).lines();
    assert!(said.map_while(Result::ok).any(|line| line.contains("100 of 100 (1 of 3)")));
    first.kill().unwrap();
    first.wait().unwrap();
    let programs = root().join("target/homework/programs").display().to_string();
    assert!(leftover_processes(&programs).is_empty(), "a test or a program is left");
    let kept = fs::read_dir(place.join("results")).unwrap().next().unwrap().unwrap().path();
    let kept: Value = serde_json::from_slice(&fs::read(kept).unwrap()).unwrap();

    let (compiled, printed) = graded(&place, &[]);
    let first = seeds(&printed);
    assert_eq!(compiled, 2);
    assert!(first.contains(&kept["marks"]["seed"].as_u64().unwrap()), "{first:?}");
    assert_eq!(graded(&place, &[]), (0, printed));

    // Only the changed folder is graded, with another seed.
    let main = folders[1].join("day01-tcp-server/src/main.rs");
    let text = fs::read_to_string(&main).unwrap();
    fs::write(&main, format!("{text}// changed\n")).unwrap();
    let (compiled, printed) = graded(&place, &[]);
    let second = seeds(&printed);
    assert_eq!(compiled, 1);
    assert_eq!((first[0], first[2]), (second[0], second[2]));
    assert_ne!(first[1], second[1]);

    // Everything is graded with `--again` or another seed.
    assert_eq!(graded(&place, &["--again"]).0, 3);
    let (compiled, printed) = graded(&place, &["--seed", "7"]);
    assert_eq!((compiled, seeds(&printed)), (3, vec![7; 3]));
    assert_eq!((&printed["seed"], graded(&place, &[]).0), (&Value::from(7), 0));
}
