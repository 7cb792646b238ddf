//! The grader is graded: it marks solutions whose marks are known, and every one must come out
//! exactly, with a message that names the mistake.
//!
//! It takes minutes, so it runs where it is asked for:
//! `cargo test -p homework --test grader -- --ignored --nocapture`

#![expect(clippy::unwrap_used, reason = "a failed test may panic: that is how it reports")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Expected {
    class: Class,
    solution: Vec<Solution>,
}

/// The class version, as it is handed out.
#[derive(Deserialize)]
struct Class {
    marks: Vec<f64>,
}

#[derive(Deserialize)]
struct Solution {
    /// The file, without `.rs`.
    file: String,
    /// The program it stands for.
    program: String,
    /// The points of each task. Without, all there are.
    marks: Option<Vec<f64>>,
    /// What one of the messages must say. Without, nothing may fail.
    says: Option<String>,
}

/// The `main.rs` that makes a program of a solution.
const MAIN: &str = "\
//! A solution, as the program of a folder.

mod solution;
mod support;

fn main() -> std::process::ExitCode {
    solution::main()
}
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn expected() -> Expected {
    let text = fs::read_to_string(root().join("homework/solutions/expected.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

fn homework(arguments: &[&str]) -> Command {
    let mut homework = Command::new(env!("CARGO_BIN_EXE_homework"));
    homework.args(arguments);
    homework
}

fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A folder as a student hands it in: the finished homework.
fn finished(folder: &Path) {
    for program in ["net-utils", "day01-tcp-server", "day01-tcp-client", "day01-udp"] {
        fs::create_dir_all(folder.join(program)).unwrap();
        copy(&root().join(program).join("src"), &folder.join(program).join("src"));
    }
    fs::create_dir_all(folder.join("homework")).unwrap();
    copy(&root().join("homework/answers.toml"), &folder.join("homework/answers.toml"));
}

fn class(folder: &Path) {
    assert!(homework(&["new"]).arg(folder).output().unwrap().status.success());
}

/// A finished homework with a solution in the place of one program.
fn solution(folder: &Path, solution: &Solution) {
    finished(folder);
    let sources = folder.join(&solution.program).join("src");
    fs::remove_dir_all(&sources).unwrap();
    fs::create_dir_all(&sources).unwrap();
    let solutions = root().join("homework/solutions");
    copy(&solutions.join("support.rs"), &sources.join("support.rs"));
    copy(&solutions.join(&solution.file).with_extension("rs"), &sources.join("solution.rs"));
    fs::write(sources.join("main.rs"), MAIN).unwrap();
}

fn grade(folders: &[PathBuf]) -> Value {
    let graded = homework(&["grade", "--format", "json"]).args(folders).output().unwrap();
    assert!(graded.status.success(), "{}", String::from_utf8_lossy(&graded.stderr));
    serde_json::from_slice(&graded.stdout).unwrap()
}

fn marks(folder: &Value) -> Vec<f64> {
    let tasks = folder["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["points"].as_f64().unwrap()).collect()
}

fn all_points(folder: &Value) -> Vec<f64> {
    let tasks = folder["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["max_points"].as_f64().unwrap()).collect()
}

/// The messages of the tests that failed.
fn messages(folder: &Value) -> Vec<&str> {
    let tasks = folder["tasks"].as_array().unwrap();
    let failed = tasks.iter().flat_map(|task| task["failed"].as_array().unwrap());
    failed.map(|test| test["message"].as_str().unwrap()).collect()
}

#[test]
fn the_notes_state_the_mark_of_the_class_version() {
    let mark: f64 = expected().class.marks.iter().sum();
    for notes in ["NOTES.md", "NOTES.zh-CN.md"] {
        let text = fs::read_to_string(root().join(notes)).unwrap();
        assert!(text.contains(&format!(" {mark:.1} ")), "{notes} does not say {mark:.1}");
    }
}

#[test]
fn every_solution_is_expected_and_every_expected_one_is_there() {
    let mut files = Vec::new();
    for kind in ["wrong", "right", "hostile"] {
        for entry in fs::read_dir(root().join("homework/solutions").join(kind)).unwrap() {
            let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
            files.push(format!("{kind}/{name}"));
        }
    }
    let mut named: Vec<String> = expected().solution.into_iter().map(|it| it.file).collect();
    files.sort();
    named.sort();
    assert_eq!(files, named);
}

#[test]
#[ignore = "takes minutes: marks every solution"]
fn every_solution_gets_exactly_its_marks() {
    let expected = expected();
    let place = empty("solutions");
    let mut folders = vec![place.join("class")];
    class(&folders[0]);
    for wanted in &expected.solution {
        folders.push(place.join(wanted.file.replace('/', "-")));
        solution(folders.last().unwrap(), wanted);
    }
    let graded = grade(&folders);
    let graded = graded["folders"].as_array().unwrap();
    assert_eq!(graded.len(), folders.len());

    let mut differ = Vec::new();
    assert!(marks(&graded[0]).iter().sum::<f64>() > 0.0);
    println!("{:56} {:>50} {:>50}", "solution", "expected", "given");
    let class = ("class version", Some(&expected.class.marks), None);
    let solutions = expected.solution.iter();
    let wanted = solutions.map(|it| (it.file.as_str(), it.marks.as_ref(), it.says.as_deref()));
    for ((name, wanted, says), given) in [class].into_iter().chain(wanted).zip(graded) {
        let wanted = wanted.cloned().unwrap_or_else(|| all_points(given));
        let (given_marks, messages) = (marks(given), messages(given));
        println!("{name:56} {:>50} {:>50}", format!("{wanted:?}"), format!("{given_marks:?}"));
        let said = match says {
            Some(says) => messages.iter().any(|message| message.contains(says)),
            None => name == "class version" || messages.is_empty(),
        };
        let sections = messages.iter().all(|message| message.contains("NOTES.md#"));
        if wanted != given_marks || !said || !sections {
            differ.push(format!("{name}: {messages:#?}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
#[ignore = "takes a minute: builds and marks a broken submission"]
fn a_program_that_does_not_build_costs_its_own_tasks() {
    let place = empty("broken");
    let (broken, nothing) = (place.join("broken"), place.join("nothing"));
    finished(&broken);
    let client = broken.join("day01-tcp-client/src/main.rs");
    let text = fs::read_to_string(&client).unwrap();
    fs::write(&client, text.replace("fn main()", "fn main() { no_such_function() }\nfn unused()"))
        .unwrap();
    fs::create_dir(&nothing).unwrap();

    let graded =
        homework(&["grade", "--format", "json"]).args([&nothing, &broken]).output().unwrap();
    assert_eq!(graded.status.code(), Some(1));
    let errors = String::from_utf8(graded.stderr).unwrap();
    assert!(errors.contains("not a homework"), "{errors}");
    let graded: Value = serde_json::from_slice(&graded.stdout).unwrap();
    assert_eq!(graded["skipped"].as_array().unwrap().len(), 1);
    let broken = &graded["folders"][0];
    let problem = broken["problems"][0].as_str().unwrap();
    assert!(problem.contains("day01-tcp-client does not build: error[E0425]"), "{problem}");
    assert!(problem.contains("day01-tcp-client/src/main.rs:"), "{problem}");
    let marks = marks(broken);
    assert_eq!((marks[0], marks[2], marks[3], marks[6]), (10.0, 25.0, 0.0, 10.0), "{marks:?}");
}

#[test]
#[ignore = "takes minutes: marks the class version 20 times while the processors are busy"]
fn the_same_submission_gets_the_same_mark_20_times_under_load() {
    let place = empty("same");
    let folder = place.join("class");
    class(&folder);
    let mut busy: Vec<_> = (0..std::thread::available_parallelism().unwrap().get())
        .map(|_| Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap())
        .collect();
    let folders = vec![folder; 20];
    let graded = grade(&folders);
    for busy in &mut busy {
        _ = busy.kill();
        _ = busy.wait();
    }
    let graded = graded["folders"].as_array().unwrap();
    assert_eq!(graded.len(), 20);
    for given in graded {
        assert_eq!(marks(given), expected().class.marks, "{:#?}", messages(given));
    }
}
