//! Ctrl-C, two graders at a time, a full disk and a killed compiler.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::fixtures::{alone, empty, grader, honest, is_root, json, leftover_processes, root};

/// Starts to grade.
fn start(folders: &[PathBuf]) -> Child {
    let mut command = grader(&["--lang", "en", "grade", "--again"]);
    command.args(folders);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Writes two honest submissions.
fn two_folders(name: &str) -> [PathBuf; 2] {
    let place = empty(name);
    let folders = ["one", "two"].map(|name| place.join(name));
    folders.iter().for_each(|folder| honest(folder));
    folders
}

/// Reads the grader's standard error up to a line with this text.
fn wait_for(child: &mut Child, text: &str) {
    use std::io::{BufRead as _, BufReader};

    let lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(text)), "no line contains {text}");
}

#[test]
#[ignore = "takes a minute: needs the libraries of the programs"]
fn ctrl_c_stops_all_processes() {
    let _alone = alone();
    let folders = two_folders("interrupted");
    let own = root().join("target/homework").display().to_string();
    for (when, prints) in
        [("building", false), ("building", false), ("remaining submissions", true)]
    {
        let mut grading = start(&folders);
        wait_for(&mut grading, when);
        thread::sleep(Duration::from_millis(if prints { 1500 } else { 400 }));
        let start = Instant::now();
        kill(Pid::from_raw(grading.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let ended = grading.wait_with_output().unwrap();
        let time = start.elapsed();
        assert!(time < Duration::from_millis(1500), "{time:?} when {when}");
        assert_eq!(ended.status.code(), Some(130), "{when}");
        assert!(leftover_processes(&own).is_empty(), "{when}");
        let printed = String::from_utf8(ended.stdout).unwrap();
        assert_eq!(printed.contains("Ctrl-C stopped the tests"), prints, "{printed}");
        assert!(!prints || printed.contains("30 of 30"), "{printed}");
    }
}

#[test]
#[ignore = "takes a minute: grades twice"]
fn a_second_grader_waits_for_the_first() {
    let _alone = alone();
    let folders = two_folders("two");
    let mut first = start(&folders[..1]);
    wait_for(&mut first, "(1 of 1)");
    let second = start(&folders[1..]);
    let (first, second) = (first.wait_with_output().unwrap(), second.wait_with_output().unwrap());
    for graded in [&first, &second] {
        let table = String::from_utf8_lossy(&graded.stdout);
        assert!(table.contains("100 of 100"), "{table}");
    }
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("waiting for another grader"), "{said}");
}

#[test]
#[ignore = "takes a minute: compiles the libraries of the programs"]
fn a_full_disk_and_a_killed_compiler_cost_no_points() {
    let _alone = alone();
    let place = empty("system");
    let (folder, nothing) = (place.join("honest"), place.join("nothing"));
    honest(&folder);
    fs::create_dir(&nothing).unwrap();

    // A compiler that the kernel killed.
    let cargo = place.join("cargo");
    let real = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let script = format!(
        "#!/bin/sh\ncase \"$PWD $*\" in\n*/target/homework/workspace*day01-udp*) ;;\n\
         */target/homework/workspace*)\n    \
         echo 'error: could not compile `day01-tcp-server`' >&2\n    \
         echo \"  process didn't exit successfully: \\`rustc\\` (signal: 9, SIGKILL: kill)\" >&2\n    \
         exit 101;;\nesac\nexec '{real}' \"$@\"\n"
    );
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let options = ["--lang", "en", "grade", "--again", "--format", "json"];
    let killed = grader(&options).arg(&folder).env("CARGO", &cargo).output().unwrap();
    assert_not_graded(&killed, "system failed while compiling");

    // A full disk: a small file system is mounted over the grader's work folder.
    let own = root().join("target/homework");
    let is_root = is_root();
    let mut full = Command::new("unshare");
    // Sandboxes can't be made in a user namespace.
    let sandbox = if is_root { "" } else { "--no-sandbox" };
    full.args(if is_root { &["--mount"][..] } else { &["--user", "--map-root-user", "--mount"] });
    full.args(["sh", "-c"]).arg(
        "mount -t tmpfs -o size=200m none \"$1\" && \
         { \"$2\" --lang en grade $5 \"$3\" >&2; cat /dev/zero > \"$1/full\" 2> \"$1/../said\"; \
         rm \"$1/../said\"; truncate -s -1M \"$1/full\"; \
         exec \"$2\" --lang en grade $5 --format json \"$4\"; }",
    );
    full.arg("sh").arg(&own).arg(env!("CARGO_BIN_EXE_grader"));
    let full = full.args([&nothing, &folder]).arg(sandbox).output().unwrap();
    assert_not_graded(&full, "system failed while compiling");
}

fn assert_not_graded(graded: &Output, says: &str) {
    let said = String::from_utf8_lossy(&graded.stderr);
    assert_eq!(graded.status.code(), Some(1), "{said}");
    assert!(said.contains(says), "{said}");
    if !graded.stdout.is_empty() {
        assert_eq!(json(graded)["folders"], serde_json::json!([]), "{said}");
    }
}
