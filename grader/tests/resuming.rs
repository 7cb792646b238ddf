//! Results that are kept: a run that was stopped goes on where it was, and only what has changed is
//! marked again.
//!
//! It takes minutes and needs bubblewrap, so it runs where it is asked for:
//! `cargo test -p grader -- --ignored resuming`

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fixtures::{alone, empty, homework, honest, json, left_of, root};

const FOLDERS: [&str; 3] = ["one", "two", "three"];

fn grade(place: &Path, options: &[&str]) -> Command {
    let mut command = homework(&["--lang", "en", "grade", "--format", "json", "--results"]);
    command.arg(place.join("results")).args(options);
    command.args(FOLDERS.map(|name| place.join(name)));
    command
}

/// How many folders were compiled, the whole of what was printed, and the seed.
fn graded(place: &Path, options: &[&str]) -> (usize, Value, u64) {
    let ended = grade(place, options).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let printed = json(&ended);
    for folder in printed["folders"].as_array().unwrap() {
        assert_eq!(folder["points"], 100.0, "{said}");
    }
    assert_eq!(printed["folders"].as_array().unwrap().len(), FOLDERS.len(), "{said}");
    let compiled = said.lines().filter(|line| line.starts_with("  building /")).count();
    let kept = FOLDERS.len() - compiled;
    assert_eq!(said.contains(&format!("{kept} of 3 were marked before")), kept > 0, "{said}");
    let seed = printed["seed"].as_u64().unwrap();
    (compiled, printed, seed)
}

#[test]
#[ignore = "takes minutes: marks three folders several times"]
fn a_run_that_was_stopped_goes_on_where_it_was() {
    let _alone = alone();
    let place = empty("kept");
    let folders: Vec<PathBuf> = FOLDERS.map(|name| place.join(name)).into();
    folders.iter().for_each(|folder| honest(folder));

    // A crash, as soon as the first is marked.
    let mut first = grade(&place, &["--jobs", "1"]).stderr(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(first.stderr.take().unwrap()).lines();
    assert!(said.map_while(Result::ok).any(|line| line.contains("100 of 100 (1 of 3)")));
    first.kill().unwrap();
    first.wait().unwrap();
    let programs = root().join("target/homework/programs").display().to_string();
    assert!(left_of(&programs).is_empty(), "a test or a program is left");
    let kept = fs::read_dir(place.join("results")).unwrap().next().unwrap().unwrap().path();
    let kept: Value = serde_json::from_slice(&fs::read(kept).unwrap()).unwrap();

    let (compiled, printed, seed) = graded(&place, &[]);
    assert_eq!((compiled, Some(seed)), (2, kept["seed"].as_u64()));
    assert_eq!(graded(&place, &[]), (0, printed, seed));

    // What has changed, and nothing else.
    let main = folders[1].join("day01-tcp-server/src/main.rs");
    let text = fs::read_to_string(&main).unwrap();
    fs::write(&main, format!("{text}// changed\n")).unwrap();
    let (compiled, _, same_seed) = graded(&place, &[]);
    assert_eq!((compiled, same_seed), (1, seed));

    // All of it, when somebody says so.
    assert_eq!(graded(&place, &["--again"]).0, 3);
    let (compiled, _, seed) = graded(&place, &["--seed", "7"]);
    assert_eq!((compiled, seed), (3, 7));
    assert_eq!(graded(&place, &[]).2, 7);
}
