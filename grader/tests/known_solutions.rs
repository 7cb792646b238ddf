//! Grades right and wrong solutions. Each must get exactly its points, with a message that names the mistake.
//! `--nocapture` shows a table of all points. SOLUTIONS selects files by a part of their names.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use homework::commands::new;
use homework::messages::{self, Messages};
use serde::Deserialize;
use serde_json::Value;

use crate::fixtures::{copy, done, empty, grader, json, points, root, with_solution};

#[derive(Deserialize)]
struct Expected {
    /// The starter code.
    class: Results,
    language: BTreeMap<String, Language>,
    solution: Vec<Solution>,
}

/// How a solution in another language than Rust is compiled and started.
#[derive(Deserialize)]
struct Language {
    /// The name of its file in the submission.
    source: String,
    build: Option<String>,
    command: String,
}

#[derive(Default, Deserialize)]
struct Solution {
    /// Its file below `homework/solutions`.
    file: String,
    /// The program that it replaces.
    program: String,
    /// Its language, if the extension of its file doesn't say.
    language: Option<String>,
    #[serde(flatten)]
    results: Results,
}

/// The results that a submission must get. By default, no test of the homework fails.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Results {
    /// The points of each task, if not all.
    marks: Option<Vec<f64>>,
    /// A text that one of the messages must contain.
    says: Option<String>,
    /// The tests that fail, each with the name of its cause.
    fails: Vec<String>,
    /// A text that the remark on a test must contain. Without it there may be none on a right solution.
    remark: Option<String>,
    /// What is concluded from these failures: the keys of the messages.
    findings: Vec<String>,
}

fn expected() -> Expected {
    let text = fs::read_to_string(root().join("homework/solutions/expected.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// Writes a complete homework in which a solution replaces one program. Returns whether that can be done
/// here: its language must be installed.
fn solution(folder: &Path, expected: &Expected, solution: &Solution) -> bool {
    let extension = solution.file.rsplit('.').next();
    let name = solution.language.as_deref().or(extension).unwrap();
    let Some(language) = expected.language.get(name) else {
        with_solution(folder, &solution.program, &solution.file);
        return true;
    };
    done(folder);
    copy(&root().join("homework/solutions").join(&solution.file), &folder.join(&language.source));
    for command in language.build.iter().chain([&language.command]) {
        let program = command.split(' ').next().unwrap();
        let path = env::var_os("PATH").unwrap();
        if !program.starts_with("./")
            && !env::split_paths(&path).any(|it| it.join(program).exists())
        {
            ::tests::skipped(&format!("{}: {program} isn't installed", solution.file));
            return false;
        }
    }
    if let Some(build) = &language.build {
        let built = Command::new("sh").args(["-c", build]).current_dir(folder).output().unwrap();
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{}: {said}", solution.file);
    }
    let command = format!("{} = {:?}\n", solution.program, language.command);
    fs::write(folder.join("homework/commands.toml"), command).unwrap();
    true
}

/// Grades folders, and returns the results of each.
fn grade(options: &[&str], folders: &[PathBuf]) -> Vec<Value> {
    let mut grade =
        grader(&["--lang", "en", "grade", "--again", "--seed", "0", "--format", "json"]);
    let graded = grade.args(options).args(folders).output().unwrap();
    assert!(graded.status.success(), "{}", String::from_utf8_lossy(&graded.stderr));
    let graded = json(&graded)["folders"].as_array().unwrap().clone();
    assert_eq!(graded.len(), folders.len());
    graded
}

fn all_points(folder: &Value) -> Vec<f64> {
    let tasks = folder["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["max_points"].as_f64().unwrap()).collect()
}

/// Returns the failed tests of the homework.
fn failed(folder: &Value) -> impl Iterator<Item = &Value> {
    let tasks = ["lost", "tasks"].into_iter().flat_map(|key| folder[key].as_array().unwrap());
    tasks.flat_map(|task| task["failed"].as_array().unwrap())
}

/// Returns the messages of the failed tests.
fn messages(folder: &Value) -> Vec<&str> {
    failed(folder).map(|test| test["message"].as_str().unwrap()).collect()
}

/// Returns the remarks on tests that passed.
fn remarks(folder: &Value) -> Vec<&str> {
    let tasks = folder["tasks"].as_array().unwrap();
    let remarks = tasks.iter().flat_map(|task| task["remarks"].as_array().unwrap());
    remarks.map(|remark| remark["message"].as_str().unwrap()).collect()
}

/// Returns the failed tests of the programs, each with the name of its cause.
fn fails(folder: &Value) -> Vec<String> {
    let fails = failed(folder).map(|failed| {
        let (test, report) = (failed["test"].as_str().unwrap(), &failed["report"]);
        let cause = match report["cause"].as_str() {
            // After a close, any of these may be seen, and the end of the program a little later.
            Some("connection-reset" | "broken-pipe" | "end-of-sending" | "client-ended") => {
                "end-of-file"
            }
            Some(cause) => cause,
            None if report.is_null() => "stopped",
            None => "other",
        };
        format!("{test}: {cause}")
    });
    fails.filter(|test| !test.starts_with("questions::")).collect()
}

/// Returns the keys of what is concluded from the failures of the programs.
fn findings(folder: &Value) -> Vec<&str> {
    failed(folder).filter_map(|failed| failed["report"]["finding"]["key"].as_str()).collect()
}

/// Returns whether a test failed with one of the causes in `wanted`, such as `test: ended or blocked-own`.
fn is_one_of(failed: &str, wanted: &str) -> bool {
    let (test, causes) = wanted.split_once(": ").unwrap();
    causes.split(" or ").any(|cause| failed == format!("{test}: {cause}"))
}

#[test]
fn every_solution_has_expected_points_and_every_expected_file_exists() {
    let mut files = Vec::new();
    for kind in ["wrong", "right", "hostile"] {
        for entry in fs::read_dir(root().join("homework/solutions").join(kind)).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            files.push(format!("{kind}/{name}"));
        }
    }
    let mut named: Vec<String> = expected().solution.into_iter().map(|it| it.file).collect();
    files.sort();
    named.sort();
    assert_eq!(files, named);
}

#[test]
fn the_homework_takes_few_lines() {
    let changed = done(&empty("lines"));
    assert!(changed < 30, "{changed} lines");
}

#[test]
#[ignore = "takes minutes: grades every solution"]
fn every_solution_gets_exactly_its_points() {
    let mut expected = expected();
    let selected = env::var("SOLUTIONS").unwrap_or_default();
    expected.solution.retain(|it| it.file.contains(&selected));
    let place = empty("solutions");
    let mut folders = vec![place.join("class"), place.join("done"), place.join("finished")];
    new::new(root(), &folders[0], &Messages::new(messages::Language::En)).unwrap();
    done(&folders[1]);
    done(&folders[2]);
    for program in ["day01-tcp-server", "day01-tcp-client", "day01-udp"] {
        copy(&root().join(program).join("src"), &folders[2].join(program).join("src"));
    }
    let complete = Results::default();
    let mut wanted = vec![("class", &expected.class), ("done", &complete), ("finished", &complete)];
    for known in &expected.solution {
        let folder = place.join(known.file.replace(['/', '.'], "-"));
        if solution(&folder, &expected, known) {
            folders.push(folder);
            wanted.push((&known.file, &known.results));
        }
    }

    let mut differ = Vec::new();
    println!("{:60} {:>30} {:>30} {:>8}", "solution", "expected", "given", "extra_credit");
    for ((name, wanted), folder) in wanted.into_iter().zip(&grade(&[], &folders)) {
        let marks = wanted.marks.clone().unwrap_or_else(|| all_points(folder));
        let (given, messages, fails) = (points(folder), messages(folder), fails(folder));
        let (findings, extra_credit) = (findings(folder), &folder["extra_credit"]);
        let [shown, shown_given] = [&marks, &given].map(|marks| format!("{marks:?}"));
        println!("{name:60} {shown:>30} {shown_given:>30} {:>8}", extra_credit["points"]);
        let is_explained = match &wanted.says {
            Some(says) => messages.iter().any(|message| message.contains(says)),
            None => messages.is_empty(),
        };
        let fails_as_expected = fails.len() == wanted.fails.len()
            && fails.iter().zip(&wanted.fails).all(|(fails, wanted)| is_one_of(fails, wanted));
        let remarks = remarks(folder);
        let is_remarked = match &wanted.remark {
            Some(remark) => remarks.iter().any(|said| said.contains(remark)),
            None => remarks.is_empty() || name.starts_with("wrong/"),
        };
        if marks != given
            || !is_explained
            || !fails_as_expected
            || !is_remarked
            || cfg!(target_os = "linux") && findings != wanted.findings
        {
            differ.push(format!("{name}: {messages:#?} {fails:#?} {findings:#?} {remarks:#?}"));
        }
        if name == "finished"
            && extra_credit["max_points"].as_f64() != extra_credit["points"].as_f64()
        {
            differ.push(format!("{name}: {extra_credit:#}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
#[ignore = "takes minutes: grades every right solution"]
fn right_solutions_get_all_points_without_a_sandbox() {
    let expected = expected();
    let place = empty("no sandbox");
    let mut folders = Vec::new();
    for right in expected.solution.iter().filter(|it| it.file.starts_with("right/")) {
        let folder = place.join(right.file.replace(['/', '.'], "-"));
        if solution(&folder, &expected, right) {
            folders.push(folder);
        }
    }
    let graded = grade(&["--no-sandbox"], &folders);
    let differ = graded.iter().filter(|folder| points(folder) != all_points(folder));
    let differ: Vec<_> = differ.map(|folder| (&folder["folder"], messages(folder))).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
#[ignore = "takes a minute: grades programs that can't be started"]
fn a_program_whose_language_is_missing_is_said_to_be_that() {
    let place = empty("missing language");
    let mut folders = Vec::new();
    for (name, command, script) in [
        ("command", "no-such-language server.x", ""),
        ("script", "./server.x", "#!/no/such/language\n"),
        ("shell", "sh server.x", "exec no-such-language\n"),
        ("quotation mark", "sh \"server.x", ""),
    ] {
        let folder = place.join(name);
        done(&folder);
        let file = folder.join("server.x");
        fs::write(&file, script).unwrap();
        let mode = Command::new("chmod").arg("+x").arg(&file).status().unwrap();
        assert!(mode.success());
        fs::write(folder.join("homework/commands.toml"), format!("day01-tcp-server = '{command}'"))
            .unwrap();
        folders.push(folder);
    }
    for options in [&[][..], &["--no-sandbox"]] {
        for (folder, says) in grade(options, &folders).iter().zip([
            "there is no program no-such-language on this machine",
            "No such file or directory",
            "exit status 127, which a shell returns when it can't find a command",
            "has a quotation mark without a second one",
        ]) {
            let said = format!("{} {}", folder["lost"], folder["problems"]);
            assert!(said.contains(says), "{options:?} {}: {said}", folder["folder"]);
            assert_eq!(points(folder)[0], 30.0);
        }
    }
}

#[test]
#[ignore = "takes a minute: grades a broken submission"]
fn a_program_that_does_not_compile_loses_only_its_own_tasks() {
    let place = empty("broken");
    let (broken, nothing) = (place.join("broken"), place.join("nothing"));
    done(&broken);
    let client = broken.join("day01-tcp-client/src/main.rs");
    let text = fs::read_to_string(&client).unwrap();
    fs::write(&client, text.replace("fn main()", "fn main() { no_such_function() }\nfn unused()"))
        .unwrap();
    fs::create_dir(&nothing).unwrap();

    let graded = grader(&["--lang", "en", "grade", "--again", "--format", "json"])
        .args([&nothing, &broken])
        .output()
        .unwrap();
    assert_eq!(graded.status.code(), Some(1));
    let errors = String::from_utf8(graded.stderr).unwrap();
    assert!(errors.contains("not a submission"), "{errors}");
    let graded: Value = serde_json::from_slice(&graded.stdout).unwrap();
    assert_eq!(graded["skipped"].as_array().unwrap().len(), 1);
    let broken = &graded["folders"][0];
    let problem = broken["problems"][0].as_str().unwrap();
    assert!(problem.contains("day01-tcp-client doesn't build: error[E0425]"), "{problem}");
    assert!(problem.contains("day01-tcp-client/src/main.rs:"), "{problem}");
    assert_eq!(points(broken), [30.0, 20.0, 20.0, 0.0, 0.0]);
    let because = broken["tasks"][3]["not_tried"][0]["because"].as_str().unwrap();
    assert!(because.contains("day01-tcp-client"), "{because}");
}

#[test]
#[ignore = "takes minutes: grades the same homework 20 times while the processors are busy"]
fn the_same_submission_gets_the_same_points_20_times_under_load() {
    let place = empty("same");
    let folder = place.join("done");
    done(&folder);
    let mut busy: Vec<_> = (0..std::thread::available_parallelism().unwrap().get())
        .map(|_| Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap())
        .collect();
    let folders = vec![folder; 20];
    let graded = grade(&[], &folders);
    for busy in &mut busy {
        _ = busy.kill();
        _ = busy.wait();
    }
    for given in &graded {
        assert_eq!(points(given), all_points(given), "{:#?}", messages(given));
        assert_eq!(given["extra_credit"]["points"], graded[0]["extra_credit"]["points"]);
    }
}

#[test]
#[ignore = "takes many minutes: grades two homeworks 20 times, one at a time and in parallel"]
fn the_same_points_20_times_one_at_a_time_and_in_parallel() {
    let place = empty("jobs");
    let expected = expected();
    let mut solutions = expected.solution.iter();
    let slow = solutions.find(|it| it.file.contains("slow_second_reply")).unwrap();
    let mut folders = Vec::new();
    for number in 0..20 {
        folders.push(place.join(format!("done {number}")));
        done(folders.last().unwrap());
        folders.push(place.join(format!("slow {number}")));
        assert!(solution(folders.last().unwrap(), &expected, slow));
    }
    for jobs in [&["--jobs", "1"][..], &[]] {
        let graded = grade(jobs, &folders);
        for (number, given) in graded.iter().enumerate() {
            let (first, name) = (&graded[number % 2], &given["folder"]);
            let wanted = if number % 2 == 0 { None } else { slow.results.marks.clone() };
            let wanted = wanted.unwrap_or_else(|| all_points(given));
            assert_eq!(points(given), wanted, "{jobs:?} {name}: {:#?}", messages(given));
            assert_eq!(
                given["extra_credit"]["points"], first["extra_credit"]["points"],
                "{jobs:?} {name}"
            );
        }
    }
}
