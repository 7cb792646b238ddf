//! Attacks of submissions on the grader, the teacher and other submissions. The first group also runs without
//! a sandbox, where it must succeed: that shows that the attacks are real.
//!
//! Over 400 lines, because most of the file is the sources of the submissions.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::fixtures::{
    alone, done, empty, grader, honest, json, leftover_processes, processes_with, root,
};

/// Replaces the server of a submission.
fn with_server(folder: &Path, source: &str) {
    let main = folder.join("day01-tcp-server/src/main.rs");
    fs::create_dir_all(main.parent().unwrap()).unwrap();
    fs::write(main, source).unwrap();
}

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

fn points(folder: &Value) -> Vec<f64> {
    let tasks = folder["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["points"].as_f64().unwrap()).collect()
}

const ALL: [f64; 5] = [30.0, 20.0, 20.0, 20.0, 10.0];

/// Without the server, and the tasks that need it.
const NO_SERVER: [f64; 5] = [30.0, 0.0, 0.0, 20.0, 0.0];

fn kill_all(processes: &[i32]) {
    for &process in processes {
        _ = kill(Pid::from_raw(process), Signal::SIGKILL);
    }
}

/// Lists the test binaries and programs of this repository, with their times and sizes.
fn binaries() -> Vec<(PathBuf, std::time::SystemTime, u64)> {
    let deps = Path::new(env!("CARGO_BIN_EXE_grader")).with_file_name("deps");
    let entries = fs::read_dir(deps).unwrap().map(|entry| entry.unwrap());
    let mut binaries: Vec<_> = entries
        .filter(|entry| entry.path().extension().is_none())
        .map(|entry| {
            let metadata = entry.metadata().unwrap();
            (entry.path(), metadata.modified().unwrap(), metadata.len())
        })
        .collect();
    binaries.sort();
    binaries
}

/// An attack by a server, and what it prints if it succeeds.
struct Attack {
    name: &'static str,
    /// A Rust expression for what it found.
    found: String,
    items: String,
    success: &'static str,
}

fn attacks(place: &Path, port: u16) -> Vec<Attack> {
    let place = place.display();
    let other = root().join("target/homework/programs/0/day01-tcp-server");
    let other = other.display();
    let parent = "std::os::unix::process::parent_id()";
    let attack =
        |name, found: String, success| Attack { name, found, items: String::new(), success };
    vec![
        attack(
            "reads a file when it is compiled",
            format!("include_str!({:?}).trim()", format!("{place}/secret")),
            "the key of the house",
        ),
        Attack {
            name: "takes a source from elsewhere",
            found: "solution::KEY".to_owned(),
            items: format!("#[path = \"{place}/solution.rs\"]\nmod solution;"),
            success: "the key of the solution",
        },
        attack(
            "includes another submission's program",
            format!("[\"\", \"taken in\"][usize::from(include_bytes!(\"{other}\").len() > 9)]"),
            "taken in",
        ),
        attack(
            "reads a file",
            format!("std::fs::read_to_string(\"{place}/secret\").unwrap_or_default().trim()"),
            "the key of the house",
        ),
        attack(
            "writes a file",
            format!(
                "std::fs::write(\"{place}/written\", \"\").map_or_else(|e| e.to_string(), |()| \
                 \"is written\".into())"
            ),
            "is written",
        ),
        attack(
            "writes into the memory of the test",
            format!(
                "std::fs::OpenOptions::new().write(true).open(format!(\"/proc/{{}}/mem\", \
                 {parent})).map_or_else(|e| e.to_string(), |_| \"open to write\".into())"
            ),
            "open to write",
        ),
        attack(
            "finds the binary of the test",
            format!(
                "std::fs::read_link(format!(\"/proc/{{}}/exe\", {parent})).unwrap_or_default()\
                 .display().to_string()"
            ),
            "/deps/homework",
        ),
        attack(
            "reads the name of the test",
            format!(
                "std::fs::read_to_string(format!(\"/proc/{{}}/cmdline\", {parent}))\
                 .unwrap_or_default().replace('\\0', \" \")"
            ),
            "--exact",
        ),
        attack(
            "finds another submission's program",
            format!("[\"\", \"there it is\"][usize::from(std::fs::exists(\"{other}\").unwrap())]"),
            "there it is",
        ),
        attack(
            "talks to others of this machine",
            format!(
                "std::net::TcpStream::connect((\"127.0.0.1\", {port})).map_or_else(|e| \
                 e.to_string(), |_| \"it talks\".into())"
            ),
            "it talks",
        ),
        attack(
            "knows what the test knows",
            "std::env::vars().map(|(name, _)| name).collect::<Vec<_>>().join(\" \")".to_owned(),
            "HOMEWORK_SEED",
        ),
    ]
}

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
    let attacks = attacks(&outside, port);
    for attack in &attacks {
        let folder = place.join(attack.name);
        let Attack { found, items, .. } = attack;
        with_server(
            &folder,
            &format!(
                "{items}\nuse std::io::Write;\nfn main() {{\n    \
                 let found: String = String::from({found});\n    \
                 println!(\"listening on {{found}}\");\n    \
                 _ = std::io::stdout().flush();\n    loop {{ std::thread::park(); }}\n}}\n"
            ),
        );
        folders.push(folder);
    }
    for (options, succeeds) in [(&["--no-sandbox"][..], true), (&[], false)] {
        let before = binaries();
        let graded = grade(options, &folders);
        let graded = json(&graded);
        let graded = graded["folders"].as_array().unwrap();
        assert_eq!(graded.len(), folders.len());
        assert_eq!(points(&graded[0]), ALL, "{options:?}");
        for (attack, folder) in attacks.iter().zip(&graded[1..]) {
            let seen = format!("{} {}", folder["lost"], folder["problems"]);
            assert_eq!(seen.contains(attack.success), succeeds, "{}: {seen}", attack.name);
            assert_eq!(folder["points"], 0.0, "{}", attack.name);
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
        "    let test = std::os::unix::process::parent_id().to_string();\n    \
         _ = std::process::Command::new(\"kill\").args([\"-STOP\", &test]).status();",
    );
    with_prologue(
        &leaves,
        &format!(
            "    _ = std::process::Command::new(\"setsid\").args([\"sleep\", \"{text}\"]).spawn();"
        ),
    );
    let folders = [stops, leaves];

    let graded = json(&grade(&["--no-sandbox"], &folders));
    let left = processes_with(&format!("sleep {text}"));
    kill_all(&left);
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
    let first = place.join("honest 1");
    honest(&first);
    let mut folders = vec![(first, Some(ALL))];
    let mut add = |name: &str, marks: Option<[f64; 5]>, make: &dyn Fn(&Path)| {
        make(&place.join(name));
        folders.push((place.join(name), marks));
    };
    let server = |source: &'static str| {
        move |folder: &Path| {
            done(folder);
            with_server(folder, source);
        }
    };
    // Each process starts more of them, forever.
    add("fork bomb", Some(NO_SERVER), &|folder| {
        done(folder);
        with_server(
            folder,
            &format!(
                "fn main() {{\n    let own = std::env::args_os().next().unwrap();\n    loop {{\n        \
                 _ = std::process::Command::new(&own).arg(\"{text}\").spawn();\n    }}\n}}\n"
            ),
        );
    });
    add(
        "memory",
        Some(NO_SERVER),
        &server(
            "fn main() {\n    let mut all = Vec::new();\n    loop {\n        \
             all.push(vec![1u8; 16 << 20]);\n    }\n}\n",
        ),
    );
    add("disk", Some(ALL), &|folder| {
        with_prologue(
            folder,
            "    use std::io::Write as _;\n    \
                 for folder in [\"/tmp\", \"/dev/shm\", \"/dev\", \"/\", \"/usr\", \"/etc\"] {\n        \
                 for number in 0..64 {\n            \
                 let file = std::fs::File::create(format!(\"{folder}/{number}\"));\n            \
                 let Ok(mut file) = file else { break };\n            \
                 for _ in 0..7 {\n                \
                 if file.write_all(&[1; 1 << 20]).is_err() { break }\n            }\n        }\n    }",
        );
    });
    add("large", Some(ALL), &|folder| {
        with_prologue(
            folder,
            "    static LARGE: [u8; 100 << 20] = [1; 100 << 20];\n    \
             assert_eq!(std::hint::black_box(&LARGE)[99 << 20], 1);",
        );
    });
    add(
        "compiled for ever",
        Some(NO_SERVER),
        &server(
            "#![allow(long_running_const_eval)]\nconst fn long() -> u64 {\n    \
             let mut i = 0;\n    while i < u64::MAX { i += 1 }\n    i\n}\n\
             const LONG: u64 = long();\nfn main() { println!(\"{LONG}\") }\n",
        ),
    );
    add(
        "all zeros",
        Some(NO_SERVER),
        &server("fn main() { print!(\"{}\", include_bytes!(\"/dev/zero\").len()) }\n"),
    );
    add("links", Some([0.0; 5]), &|folder| {
        done(folder);
        for path in ["day01-tcp-server/src", "day01-tcp-client", "homework/answers.toml"] {
            let path = folder.join(path);
            _ = fs::remove_dir_all(&path);
            _ = fs::remove_file(&path);
            let whole = Path::new("/proc/self/cwd").join(path.strip_prefix(folder).unwrap());
            symlink(whole, &path).unwrap();
        }
    });
    add("answers without end", Some([0.0, 20.0, 20.0, 20.0, 10.0]), &|folder| {
        done(folder);
        fs::remove_file(folder.join("homework/answers.toml")).unwrap();
        symlink("/dev/zero", folder.join("homework/answers.toml")).unwrap();
    });
    // The limit is for all files of a submission.
    add("many files", Some([30.0, 0.0, 0.0, 0.0, 0.0]), &|folder| {
        done(folder);
        for number in 0..5000 {
            fs::write(folder.join(format!("day01-tcp-server/src/{number}")), "").unwrap();
        }
    });
    add("nothing of its own", Some([0.0; 5]), &|folder| {
        fs::create_dir_all(folder.join("day01-tcp-server/src")).unwrap();
        fs::create_dir_all(folder.join("day01-tcp-client/src")).unwrap();
        fs::create_dir_all(folder.join("day01-udp/src")).unwrap();
    });
    add("one\u{1b}[2J deeper\u{202e}", Some(ALL), &|folder| {
        done(&folder.join("homework"));
    });
    add("honest 2", Some(ALL), &honest);

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
        if expected.is_some_and(|expected| expected[..] != given[..]) {
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
    let mut folders = Vec::new();
    for number in 0..32 {
        let folder = place.join(format!("folder {number}"));
        match number {
            0 | 31 => with_prologue(
                &folder,
                "    for port in 1024..65535 {\n        \
                 _ = std::net::TcpStream::connect((\"127.0.0.1\", port)).map(|mut all| {\n            \
                 _ = std::io::Write::write_all(&mut all, b\"disturbed\\n\");\n        });\n    }\n    \
                 loop {\n        \
                 _ = std::process::Command::new(\"kill\").args([\"-KILL\", \"-1\"]).status();\n    }",
            ),
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
    assert!(said.contains("apt-get install bubblewrap"), "{said}");
    assert!(said.contains("--no-sandbox"), "{said}");
    assert!(graded.stdout.is_empty());
}
