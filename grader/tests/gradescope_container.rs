//! Runs the autograder for Gradescope in a sandbox laid out like Gradescope's container: it sets itself up,
//! grades, keeps its secrets from submissions, and writes valid results at any moment. It has never run at
//! Gradescope itself.
//!
//! The sandbox has no network. Compilers, bubblewrap and cargo's libraries are the machine's own.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use zip::ZipArchive;

use crate::fixtures::{copy, done, empty, grader, is_root, root, with_server};

/// How the container restricts submissions.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Isolation {
    /// As in a container that doesn't allow sandboxes.
    Unprivileged,
    Sandbox,
}

/// The folder `/autograder` of the container.
struct Container(PathBuf);

impl Container {
    fn new() -> Self {
        let place = empty("gradescope");
        let file = place.join("autograder.zip");
        let packed = grader(&["--lang", "en", "gradescope"]).arg(&file).output().unwrap();
        assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
        let container = place.join("autograder");
        for folder in ["source", "submission", "results"] {
            fs::create_dir_all(container.join(folder)).unwrap();
        }
        let mut zip = ZipArchive::new(File::open(file).unwrap()).unwrap();
        zip.extract(container.join("source")).unwrap();
        copy(&container.join("source/run_autograder"), &container.join("run_autograder"));
        Self(container)
    }

    /// Returns a command in the container, which sees only the programs, the compiler and cargo's libraries of
    /// this machine.
    fn command(&self, isolation: Isolation, command: &[&str]) -> Command {
        let said = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
        let toolchain = String::from_utf8(said.stdout).unwrap().trim().to_owned();
        let home = || PathBuf::from(env::var_os("HOME").unwrap()).join(".cargo");
        let libraries = env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from).join("registry");
        let mut bwrap = Command::new("bwrap");
        for folder in ["/usr", "/bin", "/sbin", "/lib", "/lib64"] {
            match fs::read_link(folder) {
                Ok(target) => bwrap.arg("--symlink").arg(target).arg(folder),
                Err(_) => bwrap.args(["--ro-bind-try", folder, folder]),
            };
        }
        bwrap.args(["--ro-bind", "/etc", "/etc", "--dev", "/dev", "--perms", "1777"]);
        bwrap.args(["--tmpfs", "/tmp", "--dir", "/root", "--perms", "0755", "--dir", "/opt"]);
        bwrap.arg("--bind").arg(&self.0).arg("/autograder");
        bwrap.args(["--ro-bind", &toolchain, "/opt/toolchain"]);
        bwrap.arg("--ro-bind").arg(libraries).arg("/opt/cargo/registry");
        bwrap.args(["--unshare-net", "--die-with-parent"]);
        match isolation {
            // bwrap covers parts of this /proc, so the kernel doesn't mount one in a nested sandbox.
            Isolation::Unprivileged => bwrap.args(["--unshare-pid", "--proc", "/proc"]),
            Isolation::Sandbox => bwrap.args(["--bind", "/proc", "/proc"]),
        };
        match is_root() {
            true => bwrap.args(["--cap-add", "ALL"]),
            false => bwrap.args(["--unshare-user", "--uid", "0", "--gid", "0"]),
        };
        bwrap.args(["--clearenv", "--setenv", "PATH", "/opt/toolchain/bin:/usr/bin:/bin"]);
        bwrap.args(["--setenv", "HOME", "/root", "--setenv", "CARGO_NET_OFFLINE", "true"]);
        bwrap.args(["--setenv", "LANG", "C.UTF-8", "--chdir", "/autograder", "--"]);
        bwrap.args(command);
        bwrap
    }

    fn results(&self) -> PathBuf {
        self.0.join("results/results.json")
    }

    /// Grades a submission.
    fn grade(&self, isolation: Isolation, submission: impl Fn(&Path)) -> Value {
        let mut run = self.prepare(isolation, submission);
        let ended = run.output().unwrap();
        succeeded(&ended);
        checked(&fs::read(self.results()).unwrap())
    }

    fn prepare(&self, isolation: Isolation, submission: impl Fn(&Path)) -> Command {
        _ = fs::remove_file(self.results());
        let folder = self.0.join("submission");
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        submission(&folder);
        self.command(isolation, &["/autograder/run_autograder"])
    }
}

fn succeeded(ended: &Output) {
    let said = [&ended.stdout[..], &ended.stderr[..]].concat();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&said));
}

const FORMATS: [&str; 5] = ["text", "html", "simple_format", "md", "ansi"];
const VISIBLE: [&str; 4] = ["hidden", "after_due_date", "after_published", "visible"];

fn check_fields(object: &Value, is_right: impl Fn(&str, &Value) -> bool) {
    for (name, value) in object.as_object().unwrap() {
        assert!(is_right(name, value), "{name}: {object:#}");
    }
}

/// Checks that results have Gradescope's documented format: known fields of the right types, and all
/// required ones.
fn checked(bytes: &[u8]) -> Value {
    let results: Value = serde_json::from_slice(bytes).unwrap();
    check_fields(&results, |name, value| match name {
        "score" | "execution_time" => value.as_f64().is_some_and(|it| it >= 0.0),
        "output" => value.is_string(),
        "output_format" | "test_output_format" | "test_name_format" => is_one(value, &FORMATS),
        "visibility" | "stdout_visibility" => is_one(value, &VISIBLE),
        "extra_data" => value.is_object(),
        "tests" => value.is_array(),
        _ => false,
    });
    let tests = results["tests"].as_array().cloned().unwrap_or_default();
    assert!(!tests.is_empty() || results["score"].is_number());
    for test in &tests {
        check_fields(test, |name, value| match name {
            "score" => value.as_f64() <= test["max_score"].as_f64(),
            "max_score" => value.as_f64().is_some_and(|it| it > 0.0),
            "status" => is_one(value, &["passed", "failed"]),
            "name" | "number" | "output" => value.is_string(),
            "output_format" | "name_format" => is_one(value, &FORMATS),
            "visibility" => is_one(value, &VISIBLE),
            "tags" => value.as_array().unwrap().iter().all(Value::is_string),
            "extra_data" => value.is_object(),
            _ => false,
        });
        assert!(test["status"].is_string() && test["name"] != "", "{test:#}");
    }
    let sum = |name: &str| tests.iter().filter_map(|test| test[name].as_f64()).sum::<f64>();
    if !tests.is_empty() {
        assert!((sum("max_score") - 100.0).abs() < 0.001, "{}", sum("max_score"));
        let score = results["score"].as_f64().unwrap();
        assert!((sum("score") - score).abs() < 0.2, "{} {score}", sum("score"));
    }
    results
}

fn is_one(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|value| words.contains(&value))
}

fn outputs(results: &Value) -> String {
    let tests = results["tests"].as_array().unwrap();
    let outputs = tests.iter().map(|test| test["output"].as_str().unwrap());
    format!("{}\n{}", results["output"], outputs.collect::<Vec<_>>().join("\n"))
}

/// Writes a submission whose server prints which of the grader's files it can read and write.
fn curious(folder: &Path) {
    done(folder);
    let source = r#"
fn main() {
    let mut found = String::new();
    for file in [
        "source/day01/tests/questions/main.rs",
        "source/day01/day01-tcp-server/src/main.rs",
        "source/day01/target/debug/grader",
        "results/results.json",
    ] {
        if std::fs::read(format!("/autograder/{file}")).is_ok() {
            found += &format!("has read {file} ");
        }
    }
    for folder in ["results", "source", "source/day01/target/homework"] {
        if std::fs::write(format!("/autograder/{folder}/mine"), "100 of 100").is_ok() {
            found += &format!("has written {folder} ");
        }
    }
    // In a sandbox the parent is its first process, which ignores signals from inside.
    let test = std::os::unix::process::parent_id();
    let kill = || std::process::Command::new("kill").arg(test.to_string()).status();
    if test > 1 && kill().is_ok_and(|it| it.success()) {
        found += "has stopped its test";
    }
    println!("listening on nothing: {found}");
}
"#;
    with_server(folder, source);
}

/// Writes a submission that includes the finished program's source.
fn borrowed(folder: &Path) {
    done(folder);
    let source = "#[path = \"/autograder/source/day01/day01-tcp-server/src/main.rs\"]\n\
                  mod finished;\nfn main() { finished::main(); }\n";
    with_server(folder, source);
}

/// Runs the `autograder.py` of README.md in a student's checkout, with the variables that the runner sets.
fn classroom_50(container: &Container) {
    let readme = fs::read_to_string(root().join("grader/README.md")).unwrap();
    let (_, code) = readme.split_once("```python\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    fs::write(container.0.join("source/autograder.py"), code).unwrap();
    let checkout = container.0.join("checkout");
    fs::create_dir(&checkout).unwrap();
    done(&checkout);
    let script = "cd checkout && CARGO_HOME=/opt/cargo CLASSROOM=c ASSIGNMENT=a COMMIT_URL=u \
                  SUBMISSION_TAG=submit/1 RELEASE_URL=r exec python3 ../source/autograder.py";
    succeeded(&container.command(Isolation::Sandbox, &["sh", "-c", script]).output().unwrap());
    let result = fs::read(checkout.join("result.json")).unwrap();
    let result: Value = serde_json::from_slice(&result).unwrap();
    let fields = [
        ("schema", "classroom50/result/v1"),
        ("classroom", "c"),
        ("assignment", "a"),
        ("submission", "submit/1"),
        ("commit", "u"),
        ("release", "r"),
        ("review", "u"),
    ];
    for (field, value) in fields {
        assert_eq!(result[field], value, "{result:#}");
    }
    assert_eq!((&result["score"], &result["max-score"]), (&100.into(), &100.into()));
    assert_eq!(result["tests"].as_array().unwrap().len(), 38);
}

#[test]
fn the_zip_file_has_no_secrets() {
    let file = empty("packed").join("autograder.zip");
    assert!(grader(&["gradescope"]).arg(&file).output().unwrap().status.success());
    let zip = ZipArchive::new(File::open(&file).unwrap()).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    for needed in ["setup.sh", "run_autograder", "day01/Cargo.lock", "day01/homework/rubric.toml"] {
        assert!(names.iter().any(|name| name == needed), "{needed} is not there: {names:?}");
    }
    for name in names {
        let hidden = ["target/", ".git", "answers.toml", "solutions/", "submissions", "students"];
        let is_blank = name.starts_with("day01/homework/starter/");
        let is_source = name.starts_with("day01/grader/src/");
        assert!(is_blank || is_source || !hidden.iter().any(|it| name.contains(it)), "{name}");
    }
}

#[test]
#[ignore = "takes minutes: builds the autograder in a sandbox, and grades with it"]
fn the_autograder_works_in_a_container_like_gradescopes() {
    let container = Container::new();
    let isolation = if is_root() { Isolation::Unprivileged } else { Isolation::Sandbox };
    let start = Instant::now();
    succeeded(&container.command(isolation, &["/autograder/source/setup.sh"]).output().unwrap());
    println!("set up in {:?}", start.elapsed());

    let start = Instant::now();
    let results = container.grade(isolation, |folder| _ = done(folder));
    println!("graded in {:?}", start.elapsed());
    assert_eq!(results["score"], 100.0, "{}", outputs(&results));

    // They lose the points of the server, and of the tasks that need it.
    for submission in [curious, borrowed] {
        let results = container.grade(isolation, submission);
        let said = outputs(&results);
        assert_eq!(results["score"], 50.0, "{said}");
        assert!(!said.contains("has "), "{said}");
        assert!(said.contains("listening on nothing") || said.contains("couldn't read"), "{said}");
    }

    let results = container.grade(isolation, |_| ());
    assert_eq!(results["score"], 0.0);
    assert!(results["output"].as_str().unwrap().contains("not a submission"), "{results}");

    // If the run is killed, the results so far are there.
    let mut run = container.prepare(isolation, |folder| _ = done(folder));
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let passed = |results: &Value| {
        let tests = results["tests"].as_array().unwrap();
        tests.iter().filter(|test| test["status"] == "passed").count()
    };
    while fs::read(container.results()).map_or(0, |bytes| passed(&checked(&bytes))) < 10 {
        assert!(Instant::now() < deadline, "nothing has been written");
        thread::sleep(Duration::from_millis(20));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let results = checked(&fs::read(container.results()).unwrap());
    assert!(results["score"].as_f64().unwrap() < 100.0, "it was stopped too late");
    assert!(outputs(&results).contains("there was no time left"));

    if is_root() {
        // The same container with sandboxes: root owns the files of the unprivileged user again.
        let give_back = ["chown", "-R", "0:0", "/autograder/source/day01/target/homework"];
        succeeded(&container.command(isolation, &give_back).output().unwrap());
        let results = container.grade(Isolation::Sandbox, curious);
        assert_eq!(results["score"], 50.0, "{}", outputs(&results));
        assert!(!outputs(&results).contains("has "), "{}", outputs(&results));
    }
    classroom_50(&container);
    fs::set_permissions(container.0.join("source"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_dir_all(&container.0).unwrap();
}
