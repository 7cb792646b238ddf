//! The hand-out: this workspace for one student, with the class version of the programs, and
//! with nothing that gives the solution away.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::one_line;

use crate::commands::reset;
use crate::messages::Messages;
use crate::process;

/// The files and folders that a student gets as they are here. Everything else stays here: a file
/// is handed out because somebody wrote its name into this list.
const AS_IT_IS: &[&str] = &[
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "NOTES.md",
    "NOTES.zh-CN.md",
    "day01-tcp-client/Cargo.toml",
    "day01-tcp-client/src",
    "day01-tcp-server/Cargo.toml",
    "day01-tcp-server/src",
    "day01-udp/Cargo.toml",
    "day01-udp/src",
];

/// Files beside the lesson files that only the finished programs use.
const OF_THE_FINISHED: &[&str] =
    &["day01-tcp-client/src/sending.rs", "day01-tcp-server/src/threads.rs"];

/// What a student runs and never opens. It stands together in one folder.
const COURSE: &[&str] = &[
    "day01-packets/Cargo.toml",
    "day01-packets/src",
    "homework/Cargo.toml",
    "watch/Cargo.toml",
    "watch/src",
    "homework/phrases.toml",
    "homework/rubric.toml",
    "homework/src",
    "homework/messages.toml",
    "homework/tests/verdict.rs",
    "common",
    "net-utils/Cargo.toml",
    "net-utils/src",
    "tests/Cargo.toml",
    "tests/day01",
    "tests/homework",
    "tests/questions",
    "tests/src",
];

/// That folder.
const COURSE_FOLDER: &str = "course";

/// The tests of what lies beyond the homework are a package of their own in a hand-out: the library
/// that they need takes as long to compile as everything else together.
const BEYOND: &str = "\
[package]
name = \"beyond\"
description = \"The tests of what lies beyond the homework\"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[dev-dependencies]
rstest.workspace = true
tests.workspace = true

[[test]]
name = \"day01\"
path = \"../tests/day01/main.rs\"
test = false
";

/// The folder with what a student gets in the place of what is here.
const CLASS_VERSION: &str = "homework/starter";

/// What a student can get back as it was handed out: a copy of it stands in the course's folder.
const CAN_BE_RESET: &[&str] =
    &["day01-tcp-client/src", "day01-tcp-server/src", "day01-udp/src", "homework/answers.toml"];

/// Names in Cargo's files of what is not handed out: tests and measurements that are slow or need the
/// finished programs.
const NOT_HANDED_OUT: &[&str] = &["day01", "faults", "figures", "notes", "packets"];

/// Further lines of Cargo's files that go with them: libraries that only they need, and that take
/// long to build.
const LINES_NOT_HANDED_OUT: &[&str] = &[
    "    \"grader\",",
    "etherparse.workspace = true",
    "hdrhistogram.workspace = true",
    "rstest.workspace = true",
    "rustix.workspace = true",
    "snapbox.workspace = true",
    "vt100.workspace = true",
];

/// Writes the workspace for one student to `folder`.
///
/// # Errors
///
/// The folder has something in it already, or something cannot be read or written. Then nothing
/// is left behind.
pub fn new(root: &Path, folder: &Path, messages: &Messages) -> Result<ExitCode> {
    if !root.join(CLASS_VERSION).is_dir() {
        bail!("this workspace was itself handed out; new works in the one that it came from");
    }
    let shown = one_line(&folder.display().to_string());
    check_empty(folder).with_context(|| format!("cannot write {shown}"))?;

    // It is written beside its place, and gets its name when it is complete.
    let folder = std::path::absolute(folder)?;
    let name = folder.file_name().context("the folder needs a name")?.to_string_lossy();
    let unfinished = folder.with_file_name(format!(".{name}.unfinished-{}", std::process::id()));
    let written = write(root, &unfinished).and_then(|()| {
        // An empty folder is in the way on some systems.
        _ = fs::remove_dir(&folder);
        Ok(fs::rename(&unfinished, &folder)?)
    });
    if let Err(error) = written {
        _ = fs::remove_dir_all(&unfinished);
        return Err(error.context(format!("cannot write {shown}; nothing was left there")));
    }
    // A shell takes a space for the end of the path.
    let quoted = if shown.contains(' ') { format!("\"{shown}\"") } else { shown.clone() };
    let next = messages.fill("handed-out", &[("folder", &shown), ("quoted", &quoted)]);
    common::print(format!("{next}\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn check_empty(folder: &Path) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    if entries.count() > 0 {
        bail!("there is something in it already, which stays as it is; name another folder");
    }
    Ok(())
}

fn write(root: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for path in AS_IT_IS {
        copy(&root.join(path), &to.join(path))?;
    }
    for path in COURSE {
        copy(&root.join(path), &to.join(COURSE_FOLDER).join(path))?;
    }
    for unused in OF_THE_FINISHED {
        fs::remove_file(to.join(unused))?;
    }
    copy(&root.join(CLASS_VERSION), to)?;
    for path in CAN_BE_RESET {
        copy(&to.join(path), &to.join(reset::CLASS_VERSION).join(path))?;
    }
    let beyond = to.join(COURSE_FOLDER).join("beyond");
    fs::create_dir_all(&beyond)?;
    let manifest = to.join("Cargo.toml");
    fs::write(&manifest, in_course_folder(&handed_out(&fs::read_to_string(&manifest)?)))?;
    for folder in [to.to_owned(), to.join(COURSE_FOLDER)] {
        for entry in fs::read_dir(folder)? {
            let package = entry?.path();
            let manifest = package.join("Cargo.toml");
            if manifest.is_file() {
                let mut text = handed_out(&fs::read_to_string(&manifest)?);
                if package.ends_with("tests") {
                    // The unit tests of day01-packets need it; they are there, and not run.
                    text = text.replace("quickcheck.workspace = true\n", "");
                }
                fs::write(&manifest, without_unit_tests(&package, &text))?;
            }
        }
    }
    fs::write(beyond.join("Cargo.toml"), BEYOND)?;
    correct_the_lock(to);
    Ok(())
}

/// How long cargo may take to correct a lock file, for which it needs a fifth of a second.
const CORRECTED: Duration = Duration::from_secs(30);

/// Takes out of Cargo.lock what nothing in the hand-out needs, so that `cargo --locked` takes it as it
/// is. Where cargo cannot do that now, it does so at the first build.
fn correct_the_lock(folder: &Path) {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["update", "--workspace", "--offline", "--quiet"]).current_dir(folder);
    _ = process::run(&mut cargo, CORRECTED);
}

/// The workspace's manifest with the paths of a hand-out.
fn in_course_folder(text: &str) -> String {
    let mut text = text.replace("members = [\n", "members = [\n    \"course/beyond\",\n");
    for path in COURSE {
        let package = match path.strip_suffix("/Cargo.toml") {
            Some(package) => package,
            None => path.split('/').next().unwrap_or(path),
        };
        for [before, after] in [["    \"", "\",\n"], ["path = \"", "\" }\n"]] {
            text = text.replace(
                &format!("{before}{package}{after}"),
                &format!("{before}{COURSE_FOLDER}/{package}{after}"),
            );
        }
    }
    text
}

/// A package's manifest with which `cargo test` runs the homework and nothing else: neither the
/// unit tests of what a student never opens nor, twice, the tests that the verdict runs.
fn without_unit_tests(package: &Path, text: &str) -> String {
    let mut text = text.replace("[[test]]\n", "[[test]]\ntest = false\n");
    // The verdict is the other way round.
    text = text.replace("test = false\nname = \"verdict\"\ntest = false", "name = \"verdict\"");
    if text.contains("\n[lib]\n") {
        text = text.replace("\n[lib]\n", "\n[lib]\ntest = false\n");
    } else if package.join("src/lib.rs").is_file() {
        text += "\n[lib]\ntest = false\ndoctest = false\n";
    }
    if package.join("src/main.rs").is_file() {
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        text += &format!("\n[[bin]]\nname = {name:?}\npath = \"src/main.rs\"\ntest = false\n");
    }
    text
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        let entries: Vec<PathBuf> =
            fs::read_dir(from)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        for entry in entries {
            let name = entry.file_name().context("an entry of a folder has a name")?;
            copy(&entry, &to.join(name))?;
        }
    } else {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}

/// One of Cargo's files without the packages and tests that are not handed out: in a list of
/// members they are a line, elsewhere a paragraph.
fn handed_out(text: &str) -> String {
    let is_out = |paragraph: &&str| {
        !NOT_HANDED_OUT.iter().any(|name| paragraph.contains(&format!("\nname = \"{name}\"")))
    };
    let paragraphs: Vec<&str> = text.trim_end().split("\n\n").filter(is_out).collect();
    let mut text = paragraphs.join("\n\n");
    text.push('\n');
    for line in LINES_NOT_HANDED_OUT {
        text = text.replace(&format!("{line}\n"), "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_handed_out_is_not_in_cargos_files() {
        let text = "[dev-dependencies]\nsnapbox.workspace = true\n\n\
                    [[test]]\nname = \"notes\"\npath = \"notes/main.rs\"\n\n\
                    [[test]]\nname = \"questions\"\n";
        let expected = "[dev-dependencies]\n\n[[test]]\nname = \"questions\"\n";
        assert_eq!(handed_out(text), expected);
    }

    #[test]
    fn the_packages_of_the_course_stand_in_its_folder() {
        let text = "members = [\n    \"common\",\n    \"day01-udp\",\n]\n\
                    common = { path = \"common\" }\n";
        let expected = "members = [\n    \"course/beyond\",\n    \"course/common\",\n    \"day01-udp\",\n]\n\
                        common = { path = \"course/common\" }\n";
        assert_eq!(in_course_folder(text), expected);
    }

    #[test]
    fn cargo_test_runs_the_verdict_alone() {
        let text = "[package]\n\n[lib]\ndoctest = false\n\n[[test]]\nname = \"day01\"\n\n\
                    [[test]]\nname = \"verdict\"\ntest = false\nharness = false\n";
        let expected = "[package]\n\n[lib]\ntest = false\ndoctest = false\n\n\
                        [[test]]\ntest = false\nname = \"day01\"\n\n\
                        [[test]]\nname = \"verdict\"\nharness = false\n";
        assert_eq!(without_unit_tests(Path::new("nowhere"), text), expected);
    }
}
