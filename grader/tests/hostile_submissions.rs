//! Attacks of submissions on the grader, the teacher and other submissions. The first group also runs without
//! a sandbox, where it must succeed: that shows that the attacks are real.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::fixtures::{
    alone, assert_contains, done, empty, grader, honest, json, leftover_processes, points,
    processes_with, root, with_server,
};

/// Writes a correct submission whose server runs these statements first.
fn with_prologue(folder: &Path, statements: &str) {
    done(folder);
    let main = folder.join("day01-tcp-server/src/main.rs");
    let text = fs::read_to_string(&main).unwrap();
    let start = "fn main() -> ExitCode {\n";
    assert!(text.contains(start));
    let text = text.replace(start, &format!("{start}    first();\n"));
    fs::write(main, format!("{text}\nfn first() {{\n{statements}\n}}\n")).unwrap();
}

fn grade(options: &[&str], folders: &[PathBuf]) -> Output {
    let options = [&["--lang", "en", "grade", "--again", "--format", "json"], options].concat();
    grader(&options).args(folders).output().unwrap()
}

const ALL: [f64; 5] = [30.0, 20.0, 20.0, 20.0, 10.0];

/// Without the server, and the tasks that need it.
const NO_SERVER: [f64; 5] = [30.0, 0.0, 0.0, 20.0, 0.0];

/// Lists the test binaries and programs of this repository, with their times and sizes.
fn binaries() -> BTreeSet<(PathBuf, SystemTime, u64)> {
    let deps = Path::new(env!("CARGO_BIN_EXE_grader")).with_file_name("deps");
    let entries = fs::read_dir(deps).unwrap().map(Result::unwrap);
    let binaries = entries.filter(|entry| entry.path().extension().is_none());
    let described = binaries.map(|entry| {
        let metadata = entry.metadata().unwrap();
        (entry.path(), metadata.modified().unwrap(), metadata.len())
    });
    described.collect()
}

/// Attacks by a server: the name, a Rust expression for what the attack finds, and what that contains if it
/// succeeds. The test replaces the words in capitals.
const ATTACKS: [(&str, &str, &str); 13] = [
    (
        "reads a file when it is compiled",
        r#"include_str!("PLACE/secret").trim()"#,
        "the key of the house",
    ),
    (
        "takes a source from elsewhere",
        r#"{ #[path = "PLACE/solution.rs"] mod solution; solution::KEY }"#,
        "the key of the solution",
    ),
    (
        "includes another submission's program",
        r#"["", "taken in"][usize::from(include_bytes!("OTHER").len() > 9)]"#,
        "taken in",
    ),
    (
        "reads a file",
        r#"std::fs::read_to_string("PLACE/secret").unwrap_or_default().trim()"#,
        "the key of the house",
    ),
    (
        "writes a file",
        r#"std::fs::write("PLACE/written", "").map_or_else(|e| e.to_string(), |()| "is written".into())"#,
        "is written",
    ),
    (
        "writes into the memory of the test",
        // In a sandbox, a program's parent is its own bwrap, which has no more rights than the program.
        r#"["", "open to write"][usize::from(std::fs::read_dir("/proc").unwrap().flatten()
            .filter(|process| std::fs::read(process.path().join("cmdline"))
                .is_ok_and(|words| String::from_utf8_lossy(&words).contains("\0--exact\0")))
            .any(|test| std::fs::OpenOptions::new().write(true).open(test.path().join("mem")).is_ok()))]"#,
        "open to write",
    ),
    (
        "finds the binary of the test",
        r#"std::fs::read_link(format!("/proc/{}/exe", PARENT)).unwrap_or_default().display().to_string()"#,
        "/deps/homework",
    ),
    (
        "reads the name of the test",
        r#"std::fs::read_to_string(format!("/proc/{}/cmdline", PARENT)).unwrap_or_default()
            .replace('\0', " ")"#,
        "--exact",
    ),
    (
        "finds the test among the processes",
        r#"["", "it is there"][usize::from(std::fs::read_dir("/proc").unwrap().flatten()
            .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
            .any(|words| String::from_utf8_lossy(&words).contains("\0--exact\0")))]"#,
        "it is there",
    ),
    (
        "reads the variables of all processes",
        r#"["", "they are known"][usize::from(std::fs::read_dir("/proc").unwrap().flatten()
            .filter_map(|process| std::fs::read(process.path().join("environ")).ok())
            .any(|text| String::from_utf8_lossy(&text).contains("HOMEWORK_SEED=")))]"#,
        "they are known",
    ),
    (
        "finds another submission's program",
        r#"["", "there it is"][usize::from(std::fs::exists("OTHER").unwrap())]"#,
        "there it is",
    ),
    (
        "talks to others of this machine",
        r#"std::net::TcpStream::connect("127.0.0.1:PORT")
            .map_or_else(|e| e.to_string(), |_| "it talks".into())"#,
        "it talks",
    ),
    (
        "knows what the test knows",
        r#"std::env::vars().map(|(name, _)| name).collect::<Vec<_>>().join(" ")"#,
        "HOMEWORK_SEED",
    ),
];

#[test]
#[ignore = "takes a minute: grades a dozen hostile folders twice"]
fn a_program_reaches_no_files_processes_or_networks_but_its_own() {
    let _alone = alone();
    let place = empty("reach");
    let outside = place.join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "the key of the house\n").unwrap();
    fs::write(outside.join("solution.rs"), "pub const KEY: &str = \"the key of the solution\";")
        .unwrap();
    // Another server in the network, such as another test's.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let visitors = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&visitors);
    thread::spawn(move || {
        for _visitor in listener.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });

    let mut folders = vec![place.join("honest")];
    honest(&folders[0]);
    let other = root().join("target/homework/programs/0/day01-tcp-server");
    for (name, found, _) in ATTACKS {
        let found = found
            .replace("PLACE", outside.to_str().unwrap())
            .replace("OTHER", other.to_str().unwrap())
            .replace("PARENT", "std::os::unix::process::parent_id()")
            .replace("PORT", &port.to_string());
        let source = format!(
            r#"fn main() {{
    let found: String = String::from({found});
    println!("listening on {{found}}");
    loop {{ std::thread::park(); }}
}}"#
        );
        with_server(&place.join(name), &source);
        folders.push(place.join(name));
    }
    for (options, succeeds) in [(&["--no-sandbox"][..], true), (&[], false)] {
        let before = binaries();
        let graded = json(&grade(options, &folders));
        let graded = graded["folders"].as_array().unwrap();
        assert_eq!(graded.len(), folders.len());
        assert_eq!(points(&graded[0]), ALL, "{options:?}");
        for ((name, _, success), folder) in ATTACKS.iter().zip(&graded[1..]) {
            let seen = format!("{} {}", folder["lost"], folder["problems"]);
            assert_eq!(seen.contains(success), succeeds, "{name}: {seen}");
            assert_eq!(folder["points"], 0.0, "{name}");
        }
        assert_eq!(outside.join("written").exists(), succeeds);
        assert_eq!(visitors.swap(0, Ordering::Relaxed) > 0, succeeds);
        assert!(before == binaries(), "a binary has changed");
        _ = fs::remove_file(outside.join("written"));
    }
}

#[test]
#[ignore = "takes a minute: grades hostile folders twice"]
fn a_program_cannot_stop_its_test_or_outlive_it() {
    let _alone = alone();
    let place = empty("others");
    let text = format!("98{}", std::process::id());
    let [stops, leaves] = ["stops its test", "leaves a process behind"].map(|it| place.join(it));
    with_prologue(
        &stops,
        r#"    let test = std::os::unix::process::parent_id().to_string();
    _ = std::process::Command::new("kill").args(["-STOP", &test]).status();"#,
    );
    let leave = r#"    _ = std::process::Command::new("setsid").args(["sleep", "TEXT"]).spawn();"#;
    with_prologue(&leaves, &leave.replace("TEXT", &text));
    let folders = [stops, leaves];

    let graded = json(&grade(&["--no-sandbox"], &folders));
    let left = processes_with(&format!("sleep {text}"));
    left.iter().for_each(|&process| _ = kill(Pid::from_raw(process), Signal::SIGKILL));
    assert!(!left.is_empty(), "no process was left behind without a sandbox");
    assert!(points(&graded["folders"][0]) != ALL, "the test was not stopped without a sandbox");

    let graded = json(&grade(&[], &folders));
    assert!(leftover_processes(&format!("sleep {text}")).is_empty());
    for folder in graded["folders"].as_array().unwrap() {
        assert_eq!(points(folder), ALL, "{}: {:#}", folder["folder"], folder["tasks"]);
    }
}

/// Submissions that use up every resource, between two honest ones. Sandbox only.
#[test]
#[ignore = "takes minutes: fills memory and disks, and compiles for a minute"]
fn resources_are_limited_for_each_submission() {
    let _alone = alone();
    let place = empty("everything");
    let text = format!("bomb-{}", std::process::id());
    // Each process starts more of them, forever.
    let fork_bomb = r#"fn main() {
    let own = std::env::args_os().next().unwrap();
    loop { _ = std::process::Command::new(&own).arg("TEXT").spawn(); }
}"#
    .replace("TEXT", &text);
    let memory = "fn main() {
    let mut all = Vec::new();
    loop { all.push(vec![1u8; 16 << 20]); }
}";
    let disk = r#"    use std::io::Write as _;
    for folder in ["/tmp", "/dev/shm", "/dev", "/", "/usr", "/etc"] {
        for number in 0..64 {
            let file = std::fs::File::create(format!("{folder}/{number}"));
            let Ok(mut file) = file else { break };
            for _ in 0..7 {
                if file.write_all(&[1; 1 << 20]).is_err() { break }
            }
        }
    }"#;
    let large = "    static LARGE: [u8; 100 << 20] = [1; 100 << 20];
    assert_eq!(std::hint::black_box(&LARGE)[99 << 20], 1);";
    let endless_constant = r#"#![allow(long_running_const_eval)]
const fn long() -> u64 {
    let mut i = 0;
    while i < u64::MAX { i += 1 }
    i
}
const LONG: u64 = long();
fn main() { println!("{LONG}") }"#;
    let zeros = r#"fn main() { print!("{}", include_bytes!("/dev/zero").len()) }"#;

    let mut folders = Vec::new();
    let mut add = |name: &str, marks: [f64; 5], make: &dyn Fn(&Path)| {
        let folder = place.join(name);
        done(&folder);
        make(&folder);
        folders.push((folder, marks));
    };
    add("honest 1", ALL, &honest);
    add("fork bomb", NO_SERVER, &|folder| with_server(folder, &fork_bomb));
    add("memory", NO_SERVER, &|folder| with_server(folder, memory));
    add("disk", ALL, &|folder| with_prologue(folder, disk));
    add("large", ALL, &|folder| with_prologue(folder, large));
    add("compiled for ever", NO_SERVER, &|folder| with_server(folder, endless_constant));
    add("all zeros", NO_SERVER, &|folder| with_server(folder, zeros));
    add("links", [0.0; 5], &|folder| {
        for path in ["day01-tcp-server/src", "day01-tcp-client", "homework/answers.toml"] {
            let link = folder.join(path);
            _ = fs::remove_dir_all(&link);
            _ = fs::remove_file(&link);
            symlink(Path::new("/proc/self/cwd").join(path), link).unwrap();
        }
    });
    add("answers without end", [0.0, 20.0, 20.0, 20.0, 10.0], &|folder| {
        fs::remove_file(folder.join("homework/answers.toml")).unwrap();
        symlink("/dev/zero", folder.join("homework/answers.toml")).unwrap();
    });
    // The limit is for all files of a submission.
    add("many files", [30.0, 0.0, 0.0, 0.0, 0.0], &|folder| {
        for number in 0..5000 {
            fs::write(folder.join(format!("day01-tcp-server/src/{number}")), "").unwrap();
        }
    });
    add("nothing of its own", [0.0; 5], &|folder| {
        fs::remove_dir_all(folder).unwrap();
        for program in ["day01-tcp-server", "day01-tcp-client", "day01-udp"] {
            fs::create_dir_all(folder.join(program).join("src")).unwrap();
        }
    });
    add("one\u{1b}[2J deeper\u{202e}", ALL, &|folder| {
        fs::remove_dir_all(folder).unwrap();
        done(&folder.join("homework"));
    });
    add("honest 2", ALL, &honest);
    let (folders, marks): (Vec<_>, Vec<_>) = folders.into_iter().unzip();

    let (before, start) = (binaries(), Instant::now());
    let graded = grade(&[], &folders);
    let time = start.elapsed();
    let said = String::from_utf8_lossy(&graded.stderr).into_owned();
    let shown = [&graded.stdout[..], &graded.stderr[..]].concat();
    for hidden in ["\u{1b}", "\u{202e}"] {
        assert!(!String::from_utf8_lossy(&shown).contains(hidden), "{hidden:?} is shown");
    }
    let graded = json(&graded);
    let graded = graded["folders"].as_array().unwrap();
    assert_eq!(graded.len(), folders.len(), "{said}");
    let mut differ = Vec::new();
    for (folder, expected) in graded.iter().zip(marks) {
        let given = points(folder);
        println!("{:20} {given:?} {}", folder["folder"].to_string(), folder["problems"]);
        if expected[..] != given[..] {
            differ.push(format!("{}: {} {:#}", folder["folder"], folder["lost"], folder["tasks"]));
        }
    }
    println!("{time:?}");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(time < Duration::from_secs(400), "{time:?}");
    assert!(leftover_processes(&text).is_empty());
    assert!(before == binaries(), "a binary has changed");
    let problems = |name: &str| {
        let folder = graded.iter().find(|it| it["folder"].as_str().unwrap().ends_with(name));
        folder.unwrap()["problems"].to_string()
    };
    assert!(problems("/links").contains("is a link"), "{}", problems("/links"));
    assert!(problems("/compiled for ever").contains("the compiler"), "{}", problems("ever"));
    assert!(problems("/many files").contains("more than 500 files"));
}

#[test]
#[ignore = "takes minutes: grades thirty folders"]
fn thirty_honest_folders_between_two_hostile_ones() {
    let _alone = alone();
    let place = empty("thirty");
    let disturbs = r#"    for port in 1024..65535 {
        _ = std::net::TcpStream::connect(("127.0.0.1", port)).map(|mut all| {
            _ = std::io::Write::write_all(&mut all, b"disturbed\n");
        });
    }
    loop { _ = std::process::Command::new("kill").args(["-KILL", "-1"]).status(); }"#;
    let mut folders = Vec::new();
    for number in 0..32 {
        let folder = place.join(format!("folder {number}"));
        match number {
            0 | 31 => with_prologue(&folder, disturbs),
            _ => honest(&folder),
        }
        folders.push(folder);
    }
    let start = Instant::now();
    let graded = json(&grade(&[], &folders));
    println!("{:?}", start.elapsed());
    for (number, folder) in graded["folders"].as_array().unwrap().iter().enumerate() {
        let expected = if number % 31 == 0 { NO_SERVER } else { ALL };
        assert_eq!(points(folder), expected, "{}: {:#}", folder["folder"], folder["tasks"]);
    }
}

#[test]
fn without_bubblewrap_submissions_are_not_graded() {
    let place = empty("without");
    honest(&place);
    // A PATH without bwrap.
    let programs = place.join("programs");
    fs::create_dir(&programs).unwrap();
    let graded = grader(&["--lang", "en", "grade"]).arg(&place).env("PATH", &programs).output();
    let graded = graded.unwrap();
    let said = String::from_utf8_lossy(&graded.stderr);
    assert_eq!(graded.status.code(), Some(1));
    assert_contains(&said, &["apt-get install bubblewrap", "--no-sandbox"]);
    assert!(graded.stdout.is_empty());
}
