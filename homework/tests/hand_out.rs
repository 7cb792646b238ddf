//! What a student gets: complete, buildable, and without the solution.

#![expect(clippy::unwrap_used, reason = "a failed test may panic: that is how it reports")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How many lines of code in a row are too many to be there by chance.
const LINES: usize = 4;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn new(folder: &Path) -> Output {
    let mut homework = Command::new(env!("CARGO_BIN_EXE_homework"));
    homework.arg("new").arg(folder).output().unwrap()
}

/// A folder for a test, which does not exist yet.
fn place(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder.join("student")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

/// Every few lines of code that stand together in a file, without the comments.
fn passages(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.len() > 3 && !line.starts_with("//") && !line.starts_with("use "))
        .collect();
    lines.windows(LINES).map(|lines| lines.join("\n")).collect()
}

#[test]
fn it_says_what_to_do_next() {
    let folder = place("next");
    let new = new(&folder);
    let output = String::from_utf8(new.stdout).unwrap();
    assert!(new.status.success());
    assert_eq!(new.stderr, b"");
    let steps =
        ["cd ", "cargo run -p homework", "cargo run -p day01-tcp-server", "cargo test --workspace"];
    let places: Vec<_> = steps.iter().map(|step| output.find(step).unwrap()).collect();
    assert!(places.is_sorted(), "{output}");
}

#[test]
fn it_is_the_class_version_with_blank_answers() {
    let folder = place("class");
    assert!(new(&folder).status.success());
    for file in files(&root().join("homework/starter")) {
        let there = folder.join(file.strip_prefix(root().join("homework/starter")).unwrap());
        assert_eq!(fs::read(&file).unwrap(), fs::read(&there).unwrap(), "{}", there.display());
    }
    // And once more, to go back to.
    for file in ["day01-tcp-server/src/main.rs", "day01-udp/src/totals.rs", "homework/answers.toml"]
    {
        let class = fs::read(folder.join("course/class").join(file)).unwrap();
        assert_eq!(class, fs::read(folder.join(file)).unwrap(), "{file}");
    }
    for file in ["NOTES.md", "course/homework/rubric.toml", "course/tests/homework/main.rs"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    // Besides what is the student's: the notes, Cargo's files, and all the rest in one folder.
    let mut top: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    top.sort();
    let expected = [
        ".github",
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "NOTES.md",
        "NOTES.zh-CN.md",
        "README.md",
        "README.zh-CN.md",
        "course",
        "day01-tcp-client",
        "day01-tcp-server",
        "day01-udp",
        "homework",
    ];
    assert_eq!(top, expected);
    for folder_of_ours in ["solutions", "class", "tests/grader.rs"] {
        assert!(!folder.join("course/homework").join(folder_of_ours).exists(), "{folder_of_ours}");
    }
}

#[test]
fn cargo_takes_its_lock_file_as_it_is() {
    let folder = place("locked");
    assert!(new(&folder).status.success());
    let lock = fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"beyond\"") && !lock.contains("name = \"grader\""));
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--locked", "--offline"])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
}

#[test]
fn nothing_in_it_gives_the_solution_away() {
    let folder = place("secret");
    assert!(new(&folder).status.success());

    // The finished lesson files and the solutions, less what the class version has as well.
    let lesson_files = files(&root().join("homework/starter"))
        .into_iter()
        .map(|file| root().join(file.strip_prefix(root().join("homework/starter")).unwrap()))
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let mut secret: HashSet<String> = lesson_files
        .chain(files(&root().join("homework/solutions")))
        .flat_map(|file| passages(&file))
        .collect();
    let class: Vec<_> = files(&root().join("homework/starter"));
    for passage in class.iter().flat_map(|file| passages(file)) {
        secret.remove(&passage);
    }
    // The answers, line by line.
    let blank = fs::read_to_string(root().join("homework/starter/homework/answers.toml")).unwrap();
    let answers = fs::read_to_string(root().join("homework/answers.toml")).unwrap();
    let answers: Vec<&str> = answers
        .lines()
        .filter(|line| line.contains(" = ") && !line.ends_with('[') && !blank.contains(line))
        .collect();
    assert!(secret.len() > 200 && answers.len() > 30, "{} {}", secret.len(), answers.len());

    for file in files(&folder) {
        // The notes show what they explain.
        let is_code = file.extension().is_some_and(|extension| extension == "rs");
        for passage in passages(&file).iter().filter(|_| is_code) {
            assert!(!secret.contains(passage), "{} has\n{passage}", file.display());
        }
        let text = fs::read_to_string(&file).unwrap();
        for answer in &answers {
            assert!(!text.contains(answer), "{} has {answer}", file.display());
        }
    }
}

#[test]
fn a_folder_with_something_in_it_is_refused_and_left_as_it_is() {
    let folder = place("refused");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("mine"), "my work").unwrap();
    let refused = new(&folder);
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("name another folder"), "{error}");
    assert_eq!(fs::read(folder.join("mine")).unwrap(), b"my work");
    assert_eq!(files(&folder).len(), 1);
    assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn an_empty_folder_will_do() {
    let folder = place("empty");
    fs::create_dir(&folder).unwrap();
    assert!(new(&folder).status.success());
    assert!(folder.join("Cargo.toml").is_file());
}

#[test]
fn where_it_cannot_be_written_nothing_is_left_behind() {
    let folder = place("unwritable");
    // A file where the folder above should be.
    fs::write(&folder, "a file").unwrap();
    let failed = new(&folder.join("below"));
    assert_eq!(failed.status.code(), Some(1));
    assert_eq!(String::from_utf8(failed.stderr).unwrap().lines().count(), 1);
    assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
}

#[test]
#[ignore = "compiles the whole hand-out"]
fn it_compiles_with_everything_in_it() {
    let folder = place("compiled");
    assert!(new(&folder).status.success());
    let cargo = Command::new(env!("CARGO"))
        .args(["check", "--workspace", "--all-targets", "--locked", "--offline", "--quiet"])
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled-target"))
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    assert_eq!(String::from_utf8_lossy(&cargo.stderr), "");
}
