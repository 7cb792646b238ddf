//! Submissions to grade, and helpers to run the grader and to find the processes that it leaves behind.

#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "most tests need bubblewrap"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Copies a file or folder.
pub fn copy(from: &Path, to: &Path) {
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

/// Returns a command that runs the grader.
pub fn grader(arguments: &[&str]) -> Command {
    let mut grader = Command::new(env!("CARGO_BIN_EXE_grader"));
    grader.args(arguments);
    grader
}

/// Returns a new, empty folder.
pub fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The lines of the starter code that a complete homework changes, by program.
const CHANGES: [(&str, &[(&str, &str)]); 2] = [
    (
        "day01-tcp-server",
        &[
            ("    // Step 4: accept.", "    loop {\n    // Step 4: accept."),
            ("    client_totals::print();\n    Ok(ExitCode::SUCCESS)\n", "    }\n"),
            (
                "    let message = recv(connection, &mut buffer)?.unwrap_or_default();",
                "    while let Some(message) = recv(connection, &mut buffer)? {",
            ),
            ("    Ok(())\n", "    }\n    Ok(())\n"),
        ],
    ),
    (
        "day01-tcp-client",
        &[
            (
                "    let message = input.read_message()?.context(\"can't send: there is no message\")?;",
                "    while let Some(message) = input.read_message()? {",
            ),
            ("    Ok(())\n", "    }\n    Ok(())\n"),
        ],
    ),
];

/// Writes a submission with a complete homework, and only the files that students change. Returns how many
/// lines that takes.
pub fn done(folder: &Path) -> usize {
    let mut changed = 0;
    for (program, changes) in CHANGES {
        let file = Path::new(program).join("src/main.rs");
        let mut text = fs::read_to_string(root().join("homework/starter").join(&file)).unwrap();
        for (before, after) in changes {
            assert!(text.contains(before), "{} has no line {before}", file.display());
            text = text.replace(before, after);
            changed += before.lines().count() + after.lines().count();
        }
        fs::create_dir_all(folder.join(program).join("src")).unwrap();
        fs::write(folder.join(&file), text).unwrap();
    }
    fs::create_dir_all(folder.join("homework")).unwrap();
    copy(&root().join("homework/answers.toml"), &folder.join("homework/answers.toml"));
    changed
}

/// Writes a complete homework in which a solution in `homework/solutions` replaces a program's main.rs.
pub fn with_solution(folder: &Path, program: &str, solution: &str) {
    done(folder);
    let solutions = root().join("homework/solutions");
    let sources = folder.join(program).join("src");
    copy(&solutions.join(solution), &sources.join("main.rs"));
    copy(&solutions.join("message_lines.rs"), &sources.join("message_lines.rs"));
}

/// Writes a submission that has only a server with this source, or replaces its server.
pub fn with_server(folder: &Path, source: &str) {
    let main = folder.join("day01-tcp-server/src/main.rs");
    fs::create_dir_all(main.parent().unwrap()).unwrap();
    fs::write(main, source).unwrap();
}

pub fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} isn't in {text}");
    }
}

/// Runs one test at a time, so that tests can measure time and look for processes.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a correct submission whose sources no other submission has.
pub fn honest(folder: &Path) {
    done(folder);
    for program in ["day01-tcp-server", "day01-tcp-client"] {
        let main = folder.join(program).join("src/main.rs");
        let text = fs::read_to_string(&main).unwrap();
        fs::write(main, format!("{text}// {}\n", folder.display())).unwrap();
    }
}

pub fn json(graded: &Output) -> Value {
    let said = String::from_utf8_lossy(&graded.stderr);
    assert!(!graded.stdout.is_empty(), "{said}");
    serde_json::from_slice(&graded.stdout).unwrap()
}

/// Returns the points of each task of a graded folder.
pub fn points(folder: &Value) -> Vec<f64> {
    let tasks = folder["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["points"].as_f64().unwrap()).collect()
}

#[cfg(unix)]
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;

    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Returns the processes with this text in their command lines.
pub fn processes_with(text: &str) -> Vec<i32> {
    let ids = fs::read_dir("/proc").unwrap();
    let ids = ids.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id: &i32| {
        let command = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).replace('\0', " ").contains(text)
    })
    .collect()
}

/// Returns those processes after they had time to end.
pub fn leftover_processes(text: &str) -> Vec<i32> {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !processes_with(text).is_empty() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(50));
    }
    processes_with(text)
}
