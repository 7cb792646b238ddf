//! `hint` and `reset` in a student copy.

use std::fs;
use std::path::Path;

use crate::{homework, root, student_copy};

/// Runs a command in a student copy. Returns its exit status and output.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let package = folder.join("course/homework");
    let ended = homework(arguments).env("CARGO_MANIFEST_DIR", package).output().unwrap();
    let output = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8(output).unwrap())
}

#[test]
fn a_hint_has_three_steps_and_each_names_the_next() {
    let folder = student_copy("hints");
    let hint = |arguments: &[&str]| run(&folder, &[&["hint"], arguments].concat());
    let (status, output) = hint(&["2"]);
    assert_eq!(status, Some(0));
    assert!(output.starts_with("server: inner loop\n"), "{output}");
    assert!(output.contains("\n1/3  "), "{output}");
    assert!(output.contains("hint server-inner-loop --step 2"), "{output}");
    let (_, output) = hint(&["server-inner-loop", "--step", "2"]);
    assert!(output.contains("at day01-tcp-server/src/main.rs:65: "), "{output}");
    let (_, output) = hint(&["server: inner loop", "--step", "3"]);
    assert!(output.contains("\n3/3  ") && !output.contains("--step"), "{output}");
    let (_, output) = hint(&["5", "--lang", "zh"]);
    assert!(output.contains("两个程序配合"), "{output}");
    // Tasks for extra credit have only the section.
    let (_, output) = hint(&["udp-loops"]);
    assert!(output.contains("NOTES.md#udp-programs"), "{output}");
}

#[test]
fn errors_are_one_line_with_a_way_out() {
    let folder = student_copy("errors");
    for (arguments, status, part) in [
        (["hint", "6"].as_slice(), 1, "server-outer-loop"),
        (&["hint", "loops"], 1, "or its number in the list"),
        (&["hint", "1", "--step", "4"], 2, "1..=3"),
        (&["reset", "main.rs"], 1, "choose one of day01-tcp-server"),
        (&["reset"], 2, "<PROGRAM>"),
    ] {
        let (code, output) = run(&folder, arguments);
        assert_eq!(code, Some(status), "{output}");
        assert!(output.lines().count() == 1 && output.contains(part), "{output}");
    }
    // `reset` never overwrites the finished programs.
    let server = root().join("day01-tcp-server/src/main.rs");
    let before = fs::read(&server).unwrap();
    let (code, output) = run(root(), &["reset", "server"]);
    assert!(code == Some(1) && output.contains("isn't a student copy"), "{output}");
    assert_eq!(fs::read(server).unwrap(), before);
}

#[test]
fn reset_restores_the_starter_code_and_keeps_a_backup() {
    let folder = student_copy("reset");
    let file = folder.join("day01-tcp-server/src/main.rs");
    let starter = fs::read_to_string(&file).unwrap();
    let (_, output) = run(&folder, &["reset", "server"]);
    assert!(output.contains("nothing was changed"), "{output}");
    assert!(!folder.join("kept").exists());

    for number in [1, 2] {
        let mine = format!("// mine, {number}\n");
        fs::write(&file, &mine).unwrap();
        fs::remove_file(folder.join("day01-tcp-server/src/client_totals.rs")).unwrap();
        let (status, output) = run(&folder, &["reset", "day01-tcp-server"]);
        assert_eq!(status, Some(0));
        assert!(output.contains(&format!("is in kept/{number}.")), "{output}");
        assert_eq!(fs::read_to_string(&file).unwrap(), starter);
        assert!(folder.join("day01-tcp-server/src/client_totals.rs").is_file());
        let kept = folder.join(format!("kept/{number}/day01-tcp-server/src/main.rs"));
        assert_eq!(fs::read_to_string(kept).unwrap(), mine);
    }

    let answers = folder.join("homework/answers.toml");
    let blank = fs::read(&answers).unwrap();
    fs::remove_file(&answers).unwrap();
    let (_, output) = run(&folder, &["reset", "answers", "--lang", "zh"]);
    assert!(output.contains("起始代码"), "{output}");
    assert_eq!(fs::read(&answers).unwrap(), blank);
}
