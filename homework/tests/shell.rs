//! The commands of a student in the shell that need no compiler: hints, and back to the class version.

#![expect(clippy::unwrap_used, reason = "a failed test may panic: that is how it reports")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A hand-out.
fn hand_out(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    let (status, said) = homework(None, &["new", &folder.display().to_string()]);
    assert_eq!(status, Some(0), "{said}");
    folder
}

/// Runs a command, in a hand-out or in this workspace. Gives its exit status and what it said.
fn homework(folder: Option<&Path>, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homework"));
    command.args(arguments).env("LANG", "C.UTF-8").env_remove("LC_ALL");
    if let Some(folder) = folder {
        command.env("CARGO_MANIFEST_DIR", folder.join("course/homework"));
    }
    let ended = command.output().unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn a_hint_has_three_steps_and_each_names_the_next() {
    let folder = hand_out("hints");
    let hint = |arguments: &[&str]| homework(Some(&folder), &[&["hint"], arguments].concat());
    let (status, said) = hint(&["2"]);
    assert_eq!(status, Some(0));
    assert!(said.starts_with("server: inner loop\n"), "{said}");
    assert!(said.contains("\n1/3  "), "{said}");
    assert!(said.contains("hint server-inner-loop --step 2"), "{said}");
    let (_, said) = hint(&["server-inner-loop", "--step", "2"]);
    assert!(said.contains("\n2/3  At day01-tcp-server/src/main.rs:65, "), "{said}");
    let (_, said) = hint(&["server: inner loop", "--step", "3"]);
    assert!(said.contains("\n3/3  ") && !said.contains("--step"), "{said}");
    let (_, said) = hint(&["5", "--lang", "zh"]);
    assert!(said.contains("两个程序对话"), "{said}");
    // extra credit has the section alone.
    let (_, said) = hint(&["udp-loops"]);
    assert!(said.contains("NOTES.md#udp-programs"), "{said}");
}

#[test]
fn what_cannot_be_done_is_one_line_that_says_what_can() {
    let folder = hand_out("errors");
    for (arguments, status, part) in [
        (["hint", "6"].as_slice(), 1, "server-outer-loop"),
        (&["hint", "loops"], 1, "or its number in the list"),
        (&["hint", "1", "--step", "4"], 2, "1..=3"),
        (&["reset", "main.rs"], 1, "name one of day01-tcp-server"),
        (&["reset"], 2, "<PROGRAM>"),
    ] {
        let (code, said) = homework(Some(&folder), arguments);
        assert_eq!(code, Some(status), "{said}");
        assert!(said.lines().count() == 1 && said.contains(part), "{said}");
    }
    // The finished programs are not to be lost.
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("../day01-tcp-server/src/main.rs");
    let before = fs::read(&server).unwrap();
    let (code, said) = homework(None, &["reset", "server"]);
    assert!(code == Some(1) && said.contains("finished programs"), "{said}");
    assert_eq!(fs::read(server).unwrap(), before);
}

#[test]
fn a_reset_brings_the_class_version_back_and_keeps_what_was_there() {
    let folder = hand_out("reset");
    let file = folder.join("day01-tcp-server/src/main.rs");
    let class = fs::read_to_string(&file).unwrap();
    let (_, said) = homework(Some(&folder), &["reset", "server"]);
    assert!(said.contains("nothing was changed"), "{said}");
    assert!(!folder.join("kept").exists());

    for number in [1, 2] {
        let mine = format!("// mine, {number}\n");
        fs::write(&file, &mine).unwrap();
        fs::remove_file(folder.join("day01-tcp-server/src/client_totals.rs")).unwrap();
        let (status, said) = homework(Some(&folder), &["reset", "day01-tcp-server"]);
        assert_eq!(status, Some(0));
        assert!(said.contains(&format!("kept in kept/{number}.")), "{said}");
        assert_eq!(fs::read_to_string(&file).unwrap(), class);
        assert!(folder.join("day01-tcp-server/src/client_totals.rs").is_file());
        let kept = folder.join(format!("kept/{number}/day01-tcp-server/src/main.rs"));
        assert_eq!(fs::read_to_string(kept).unwrap(), mine);
    }

    let answers = folder.join("homework/answers.toml");
    let blank = fs::read(&answers).unwrap();
    fs::remove_file(&answers).unwrap();
    let (_, said) = homework(Some(&folder), &["reset", "answers", "--lang", "zh"]);
    assert!(said.contains("课上版本"), "{said}");
    assert_eq!(fs::read(&answers).unwrap(), blank);
}
