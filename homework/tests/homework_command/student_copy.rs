//! `homework new`: the student copy is complete, compiles, and doesn't contain the solution.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{empty_folder, files, homework, new, root, student_copy};

/// This many equal lines of code in a row aren't a coincidence.
const LINES: usize = 4;

/// The path of a student copy that doesn't exist yet, in an empty folder.
fn place(name: &str) -> PathBuf {
    empty_folder(name).join("student")
}

/// Runs cargo in a student copy. Returns what it prints on standard error.
fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled-target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).args(["--workspace", "--locked", "--offline"]).current_dir(folder);
    let output = cargo.env("CARGO_TARGET_DIR", target).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    errors
}

/// All sequences of [`LINES`] lines of code in a file, without comments.
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
fn new_prints_the_next_steps() {
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
fn a_chinese_copy_has_chinese_starter_code() {
    let folder = place("chinese");
    let output = homework(&["new", "--lang", "zh"]).arg(&folder).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("README.zh-CN.md"));
    let starter = root().join("homework/starter-zh");
    for file in files(&starter) {
        let file_name = file.strip_prefix(&starter).unwrap();
        let expected = fs::read(&file).unwrap();
        // Once to work on, and once for `reset`.
        for copy in [folder.join(file_name), folder.join("course/starter").join(file_name)] {
            assert_eq!(fs::read(&copy).unwrap(), expected, "{}", copy.display());
        }
    }
}

#[test]
fn the_copy_has_the_starter_code_and_blank_answers() {
    let folder = student_copy("starter");
    let starter = root().join("homework/starter");
    for file in files(&starter) {
        let there = folder.join(file.strip_prefix(&starter).unwrap());
        assert_eq!(fs::read(&file).unwrap(), fs::read(&there).unwrap(), "{}", there.display());
    }
    // Once more, for `reset`.
    let [program, answers] = ["day01-tcp-server/src/main.rs", "homework/answers.toml"];
    for file in [program, "day01-udp/src/datagram_totals.rs", answers] {
        let starter = fs::read(folder.join("course/starter").join(file)).unwrap();
        assert_eq!(starter, fs::read(folder.join(file)).unwrap(), "{file}");
    }
    for file in ["NOTES.md", "course/homework/rubric.toml", "course/tests/homework/main.rs"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let mut top: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    top.sort();
    let expected = ".github .gitignore Cargo.lock Cargo.toml NOTES.md NOTES.zh-CN.md README.md \
                    README.zh-CN.md course day01-tcp-client day01-tcp-server day01-udp homework";
    assert_eq!(top.join(" "), expected);
    for private in ["solutions", "starter", "answers.toml", "tests/homework_command"] {
        assert!(!folder.join("course/homework").join(private).exists(), "{private}");
    }
}

#[test]
fn the_manifests_and_the_lock_file_are_up_to_date() {
    let folder = student_copy("locked");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("\n    \"course/common\",\n") && !manifest.contains("exclude"));
    let lock = fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"extra-credit\"") && !lock.contains("name = \"grader\""));
    cargo(&folder, &["tree"]);
}

#[test]
fn the_copy_does_not_contain_the_solution() {
    let folder = student_copy("secret");

    // The finished lesson files and the solutions, without what is in the starter code too.
    let is_code = |file: &Path| file.extension().is_some_and(|extension| extension == "rs");
    let starter = root().join("homework/starter");
    let finished = |file: PathBuf| root().join(file.strip_prefix(&starter).unwrap());
    let lesson_files = files(&starter).into_iter().map(finished).filter(|file| is_code(file));
    let solutions = files(&root().join("homework/solutions"));
    let all: HashSet<String> =
        lesson_files.chain(solutions).flat_map(|file| passages(&file)).collect();
    let given: HashSet<String> = files(&starter).iter().flat_map(|file| passages(file)).collect();
    let secret: HashSet<_> = all.difference(&given).collect();
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
        for passage in passages(&file).iter().filter(|_| is_code(&file)) {
            assert!(!secret.contains(passage), "{} has\n{passage}", file.display());
        }
        let text = fs::read_to_string(&file).unwrap();
        for answer in &answers {
            assert!(!text.contains(answer), "{} has {answer}", file.display());
        }
    }
}

fn copy_workspace(to: &Path) {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    for file in String::from_utf8(git.stdout).unwrap().split_terminator('\0') {
        let copy = to.join(file);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(root().join(file), copy).unwrap();
    }
}

#[test]
fn backup_files_of_the_solution_are_not_copied() {
    let folder = place("backups");
    let workspace = folder.with_file_name("workspace");
    copy_workspace(&workspace);
    let server = workspace.join("day01-tcp-server/src");
    let backups = "main.rs~ .main.rs.swp main.rs.orig main.rs.rej main.old.rs main-old.rs \
                   #main.rs# .#main.rs main 主.rs";
    for backup in backups.split(' ').chain(["threads (copy).rs"]) {
        fs::copy(server.join("main.rs"), server.join(backup)).unwrap();
        fs::copy(server.join("main.rs"), workspace.join("tests/homework").join(backup)).unwrap();
    }
    let clean = names(&student_copy("no-backups"));
    let new_from_workspace = |folder: &Path| {
        let mut new = homework(&["new"]);
        let new = new.arg(folder).env("CARGO_MANIFEST_DIR", workspace.join("homework")).output();
        assert!(new.unwrap().status.success());
        names(folder)
    };

    // The folder is in an ignored folder of a repository that tracks none of its files.
    assert_eq!(new_from_workspace(&folder), clean);

    // With a repository, nor are files that could be sources but aren't tracked.
    let git = |arguments: &[&str]| {
        let git = Command::new("git").args(arguments).current_dir(&workspace).output().unwrap();
        assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    for untracked in ["day01-tcp-server/src/solution.rs", "homework/starter/answers.toml"] {
        fs::write(workspace.join(untracked), "secret").unwrap();
    }
    assert_eq!(new_from_workspace(&folder.with_file_name("tracked")), clean);
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let files = files(folder).into_iter();
    files.map(|file| file.strip_prefix(folder).unwrap().to_owned()).collect()
}

#[test]
fn a_folder_that_is_not_empty_is_refused_and_unchanged() {
    let folder = place("refused");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("mine"), "my work").unwrap();
    let refused = new(&folder);
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("choose another one"), "{error}");
    assert_eq!(fs::read(folder.join("mine")).unwrap(), b"my work");
    assert_eq!(files(&folder).len(), 1);
    assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_failed_write_leaves_no_files() {
    let folder = place("unwritable");
    // The parent folder is a file.
    fs::write(&folder, "a file").unwrap();
    let failed = new(&folder.join("below"));
    assert_eq!(failed.status.code(), Some(1));
    assert_eq!(String::from_utf8(failed.stderr).unwrap().lines().count(), 1);
    assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
}

#[test]
#[ignore = "compiles the whole student copy"]
fn the_copy_compiles() {
    let errors = cargo(&student_copy("compiled"), &["check", "--all-targets", "--quiet"]);
    assert_eq!(errors, "");
}
