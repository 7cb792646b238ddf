//! Strangers' code: what a submission may try against the grader, the teacher and its neighbours,
//! and what comes of it. Whatever a program could reach without a box is tried without one as
//! well, so that each of these attempts is known to be a real one. The file is long because most of
//! it is the submissions themselves.
//!
//! It takes minutes and needs bubblewrap, so it runs where it is asked for:
//! `cargo test -p grader -- --ignored hostile_submissions`
//!
//! Over 400 lines, for one reason: it is the list of all that was tried, and each attempt in it stands by
//! itself.

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

use crate::fixtures::{alone, done, empty, homework, honest, json, left_of, processes_with, root};

/// A submission with this server, or with more lines in the right one.
fn with_server(folder: &Path, source: &str) {
    let main = folder.join("day01-tcp-server/src/main.rs");
    fs::create_dir_all(main.parent().unwrap()).unwrap();
    fs::write(main, source).unwrap();
}

/// A submission that is right in all, and whose server does something else first.
fn right_but_first(folder: &Path, statements: &str) {
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
    homework(&options).args(folders).output().unwrap()
}

fn points(folder: &Value) -> Vec<f64> {
    let tasks = folder["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["points"].as_f64().unwrap()).collect()
}

const ALL: [f64; 5] = [30.0, 20.0, 20.0, 20.0, 10.0];

/// Without the server, and what needs it.
const NO_SERVER: [f64; 5] = [30.0, 0.0, 0.0, 20.0, 0.0];

fn end(processes: &[i32]) {
    for &process in processes {
        _ = kill(Pid::from_raw(process), Signal::SIGKILL);
    }
}

/// The test binaries and programs of this repository, with the time of their last change.
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

/// Something that a server tries, and what it says when it comes off.
struct Attempt {
    name: &'static str,
    /// An expression of Rust for what it found.
    found: String,
    items: String,
    says: &'static str,
}

fn attempts(place: &Path, port: u16) -> Vec<Attempt> {
    let place = place.display();
    let exec = root().join("target/homework/programs/0/day01-tcp-server");
    let exec = exec.display();
    let parent = "std::os::unix::process::parent_id()";
    let attempt = |name, found: String, says| Attempt { name, found, items: String::new(), says };
    vec![
        attempt(
            "reads a file when it is compiled",
            format!("include_str!({:?}).trim()", format!("{place}/secret")),
            "the key of the house",
        ),
        Attempt {
            name: "takes a source from elsewhere",
            found: "solution::KEY".to_owned(),
            items: format!("#[path = \"{place}/solution.rs\"]\nmod solution;"),
            says: "the key of the solution",
        },
        attempt(
            "takes the program of a exec in",
            format!("[\"\", \"taken in\"][usize::from(include_bytes!(\"{exec}\").len() > 9)]"),
            "taken in",
        ),
        attempt(
            "reads a file",
            format!("std::fs::read_to_string(\"{place}/secret\").unwrap_or_default().trim()"),
            "the key of the house",
        ),
        attempt(
            "writes a file",
            format!(
                "std::fs::write(\"{place}/written\", \"\").map_or_else(|e| e.to_string(), |()| \
                 \"is written\".into())"
            ),
            "is written",
        ),
        attempt(
            "writes into the memory of the test",
            format!(
                "std::fs::OpenOptions::new().write(true).open(format!(\"/proc/{{}}/mem\", \
                 {parent})).map_or_else(|e| e.to_string(), |_| \"open to write\".into())"
            ),
            "open to write",
        ),
        attempt(
            "finds the binary of the test",
            format!(
                "std::fs::read_link(format!(\"/proc/{{}}/exe\", {parent})).unwrap_or_default()\
                 .display().to_string()"
            ),
            "/deps/homework",
        ),
        attempt(
            "reads the name of the test",
            format!(
                "std::fs::read_to_string(format!(\"/proc/{{}}/cmdline\", {parent}))\
                 .unwrap_or_default().replace('\\0', \" \")"
            ),
            "--exact",
        ),
        attempt(
            "finds the program of a exec",
            format!("[\"\", \"there it is\"][usize::from(std::fs::exists(\"{exec}\").unwrap())]"),
            "there it is",
        ),
        attempt(
            "talks to others of this machine",
            format!(
                "std::net::TcpStream::connect((\"127.0.0.1\", {port})).map_or_else(|e| \
                 e.to_string(), |_| \"it talks\".into())"
            ),
            "it talks",
        ),
        attempt(
            "knows what the test knows",
            "std::env::vars().map(|(name, _)| name).collect::<Vec<_>>().join(\" \")".to_owned(),
            "HOMEWORK_SEED",
        ),
    ]
}

#[test]
#[ignore = "takes a minute: marks a dozen hostile folders twice"]
fn a_program_reaches_nothing_but_its_own() {
    let _alone = alone();
    let place = empty("reach");
    let outside = place.join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "the key of the house\n").unwrap();
    fs::write(outside.join("solution.rs"), "pub const KEY: &str = \"the key of the solution\";")
        .unwrap();
    // A exec in the network: another test, or the teacher's own server.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let visitors = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&visitors);
    thread::spawn(move || {
        for _visitor in listener.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });

    let mut folders = vec![place.join("exec")];
    honest(&folders[0]);
    let attempts = attempts(&outside, port);
    for attempt in &attempts {
        let folder = place.join(attempt.name);
        let Attempt { found, items, .. } = attempt;
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
    // One after the other for what is not in a box: the programs lie there for all of them.
    for (options, comes_off) in [(&["--no-sandbox"][..], true), (&[], false)] {
        let before = binaries();
        let graded = grade(options, &folders);
        let graded = json(&graded);
        let graded = graded["folders"].as_array().unwrap();
        assert_eq!(graded.len(), folders.len());
        assert_eq!(points(&graded[0]), ALL, "{options:?}");
        for (attempt, folder) in attempts.iter().zip(&graded[1..]) {
            let seen = format!("{} {}", folder["lost"], folder["problems"]);
            assert_eq!(seen.contains(attempt.says), comes_off, "{}: {seen}", attempt.name);
            assert_eq!(folder["points"], 0.0, "{}", attempt.name);
        }
        assert_eq!(outside.join("written").exists(), comes_off);
        assert_eq!(visitors.swap(0, Ordering::Relaxed) > 0, comes_off);
        assert!(before == binaries(), "a binary has changed");
        _ = fs::remove_file(outside.join("written"));
    }
}

#[test]
#[ignore = "takes a minute: marks hostile folders twice"]
fn what_a_program_does_to_others_does_not_count() {
    let _alone = alone();
    let place = empty("others");
    let text = format!("98{}", std::process::id());
    let [stops, leaves] = ["stops its test", "leaves a process behind"].map(|it| place.join(it));
    right_but_first(
        &stops,
        "    let test = std::os::unix::process::parent_id().to_string();\n    \
         _ = std::process::Command::new(\"kill\").args([\"-STOP\", &test]).status();",
    );
    right_but_first(
        &leaves,
        &format!(
            "    _ = std::process::Command::new(\"setsid\").args([\"sleep\", \"{text}\"]).spawn();"
        ),
    );
    let folders = [stops, leaves];

    let graded = json(&grade(&["--no-sandbox"], &folders));
    let left = processes_with(&format!("sleep {text}"));
    end(&left);
    assert!(!left.is_empty(), "nothing was left behind, without a box");
    assert!(points(&graded["folders"][0]) != ALL, "the test was not stopped, without a box");

    let graded = json(&grade(&[], &folders));
    assert!(left_of(&format!("sleep {text}")).is_empty());
    for folder in graded["folders"].as_array().unwrap() {
        assert_eq!(points(folder), ALL, "{}: {:#}", folder["folder"], folder["tasks"]);
    }
}

/// Everything that wants more than there is, between two honest neighbours. Only in boxes.
#[test]
#[ignore = "takes minutes: fills memory and disks, and compiles for a minute"]
fn who_takes_everything_gets_no_more_than_the_others() {
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
    // Each starts two more, for ever.
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
        right_but_first(
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
        right_but_first(
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
    // They are counted for the whole of a submission.
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
    assert!(left_of(&text).is_empty());
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
#[ignore = "takes minutes: marks thirty folders"]
fn thirty_honest_folders_between_two_hostile_ones() {
    let _alone = alone();
    let place = empty("thirty");
    let mut folders = Vec::new();
    for number in 0..32 {
        let folder = place.join(format!("folder {number}"));
        match number {
            0 | 31 => right_but_first(
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
fn without_bubblewrap_others_are_not_marked() {
    let place = empty("without");
    honest(&place);
    // A folder with all programs but one.
    let programs = place.join("programs");
    fs::create_dir(&programs).unwrap();
    let graded = homework(&["--lang", "en", "grade"]).arg(&place).env("PATH", &programs).output();
    let graded = graded.unwrap();
    let said = String::from_utf8_lossy(&graded.stderr);
    assert_eq!(graded.status.code(), Some(1));
    assert!(said.contains("apt-get install bubblewrap"), "{said}");
    assert!(said.contains("--no-sandbox"), "{said}");
    assert!(graded.stdout.is_empty());
}
