//! `new`: writes a student copy of this workspace, with the starter code instead of the finished programs.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use common::one_line;

use crate::commands::reset;
use crate::distributed_files::{self, COURSE, LESSON, NOTES, STARTER, STARTER_ZH};
use crate::manifests;
use crate::messages::{Explain as _, Language, Messages, message};
use crate::process;

/// The folder for everything that a student runs without opening it.
const COURSE_FOLDER: &str = "course";

/// Modules that only the finished programs use.
const FINISHED: &[&str] =
    &["day01-tcp-client/src/sender_thread.rs", "day01-tcp-server/src/client_threads.rs"];

/// What `reset` can restore. The folder `course` has a second copy of it.
const RESTORABLE: &[&str] =
    &["day01-tcp-client/src", "day01-tcp-server/src", "day01-udp/src", "homework/answers.toml"];

/// A package of its own, because its library takes as long to compile as everything else together.
const EXTRA_CREDIT: &str = "\
[package]
name = \"extra-credit\"
description = \"The tests for extra credit\"
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

/// The only tests that the package `tests` leaves to another package of the student copy.
const EXTRA_CREDIT_TESTS: &str = "day01/main.rs";

/// Writes a student copy of the workspace at `root` to a new or empty folder, or leaves no files.
pub fn new(root: &Path, folder: &Path, messages: &Messages) -> Result<String> {
    ensure!(root.join(STARTER).is_dir(), message!("is-student-copy"));
    let shown = one_line(&folder.display().to_string());
    check_empty(folder).explain(message!("cannot-write", file = &shown))?;

    // The copy gets its name when it is complete.
    let folder = std::path::absolute(folder)?;
    let name = folder.file_name().ok_or_else(|| message!("folder-without-name"))?.to_string_lossy();
    let unfinished = folder.with_file_name(format!(".{name}.unfinished-{}", std::process::id()));
    let written = write(root, &unfinished, messages.language).and_then(|()| {
        // Some systems don't rename a folder to one that exists, even if that is empty.
        _ = fs::remove_dir(&folder);
        Ok(fs::rename(&unfinished, &folder)?)
    });
    if let Err(error) = written {
        _ = fs::remove_dir_all(&unfinished);
        return Err(error).explain(message!("cannot-write", file = shown));
    }
    // In a shell, a path with a space needs quotes.
    let quoted = if shown.contains(' ') { format!("\"{shown}\"") } else { shown.clone() };
    Ok(messages.fill("copy-written", &[("folder", &shown), ("quoted", &quoted)]) + "\n")
}

fn check_empty(folder: &Path) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    ensure!(entries.count() == 0, message!("folder-not-empty"));
    Ok(())
}

fn write(root: &Path, to: &Path, language: Language) -> Result<()> {
    let files = files(root, language)?;
    let place = |package: &str| {
        let mut places = [package.to_owned(), format!("{COURSE_FOLDER}/{package}")].into_iter();
        places.find(|place| files.contains_key(&Path::new(place).join("Cargo.toml")))
    };
    for (file, source) in &files {
        let path = to.join(file);
        fs::create_dir_all(path.parent().unwrap_or(to))?;
        let failed = || message!("cannot-copy", file = source.display());
        if !file.ends_with("Cargo.toml") {
            fs::copy(root.join(source), path).explain(failed())?;
            continue;
        }
        let manifest = fs::read_to_string(root.join(source)).explain(failed())?;
        let edited = match file.parent() {
            Some(package) if package != Path::new("") => {
                let is_copied = |file: &str| files.contains_key(&package.join(file));
                manifests::run_only_the_verdict(&manifest, |file| {
                    file != EXTRA_CREDIT_TESTS && is_copied(file)
                })
            }
            _ => manifests::move_packages(&manifest, &["course/extra-credit"], place),
        };
        fs::write(path, edited.explain(failed())?)?;
    }
    let extra_credit = to.join(COURSE_FOLDER).join("extra-credit");
    fs::create_dir(&extra_credit)?;
    fs::write(extra_credit.join("Cargo.toml"), EXTRA_CREDIT)?;
    update_lock_file(to);
    Ok(())
}

/// Each file of a student copy, and the file of the workspace at `root` that it's a copy of.
fn files(root: &Path, language: Language) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let mut files = BTreeMap::new();
    for file in distributed_files::files(root, &[NOTES, LESSON].concat())? {
        if !FINISHED.iter().any(|finished| file == Path::new(finished)) {
            files.insert(file.clone(), file);
        }
    }
    for file in distributed_files::files(root, COURSE)? {
        files.insert(Path::new(COURSE_FOLDER).join(&file), file);
    }
    // The Chinese starter code replaces the English lesson files.
    let starter = match language {
        Language::En => &[STARTER][..],
        Language::Zh => &[STARTER, STARTER_ZH],
    };
    for place in starter {
        for file in distributed_files::files(root, &[place])? {
            files.insert(file.strip_prefix(place)?.to_owned(), file);
        }
    }
    let restorable: Vec<_> = files
        .iter()
        .filter(|(file, _)| RESTORABLE.iter().any(|place| file.starts_with(place)))
        .map(|(file, source)| (Path::new(reset::STARTER).join(file), source.clone()))
        .collect();
    files.extend(restorable);
    Ok(files)
}

/// How long Cargo may take to update the lock file. It usually takes 0.2 s.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Removes the libraries that a student copy doesn't need from its lock file, so that `cargo --locked`
/// accepts it. If Cargo can't do this now, it does it at the first build.
fn update_lock_file(folder: &Path) {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["update", "--workspace", "--offline", "--quiet"]).current_dir(folder);
    _ = process::run(&mut cargo, LOCK_TIMEOUT);
}
