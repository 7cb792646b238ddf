//! Which files of the workspace go into a student copy and into the Gradescope autograder.
//!
//! A file that isn't listed here, or is neither tracked by Git nor named like source code, is never
//! copied: an editor's backup of a finished program would give the solution away.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::messages::{Explain as _, message};
use anyhow::Result;

/// What students read.
pub const NOTES: &[&str] = &[".gitignore", "NOTES.md", "NOTES.zh-CN.md"];

/// What students work on. In a student copy, the starter code replaces the finished programs.
pub const LESSON: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "day01-tcp-client/Cargo.toml",
    "day01-tcp-client/src",
    "day01-tcp-server/Cargo.toml",
    "day01-tcp-server/src",
    "day01-udp/Cargo.toml",
    "day01-udp/src",
];

/// What students run without opening it: libraries, tests and the homework command.
pub const COURSE: &[&str] = &[
    "common",
    "day01-packets/Cargo.toml",
    "day01-packets/src",
    "homework/Cargo.toml",
    "homework/help.zh.toml",
    "homework/messages.toml",
    "homework/rubric.toml",
    "homework/src",
    "homework/tests/verdict.rs",
    "net-utils/Cargo.toml",
    "net-utils/src",
    "tests/Cargo.toml",
    "tests/day01",
    "tests/homework",
    "tests/messages.toml",
    "tests/questions",
    "tests/src",
    "watch/Cargo.toml",
    "watch/src",
];

/// The files that a student edits, as they are before the homework is done.
pub const STARTER: &str = "homework/starter";

/// The lesson files of the starter code with Chinese comments and messages.
pub const STARTER_ZH: &str = "homework/starter-zh";

/// What only the grader needs.
pub const GRADER: &[&str] = &[
    "grader/Cargo.toml",
    "grader/gradescope/environment",
    "grader/gradescope/mark",
    "grader/gradescope/run_autograder",
    "grader/gradescope/setup.sh",
    "grader/src",
    STARTER,
];

/// Returns the files that submissions are graded with, relative to the `root` of the workspace.
pub fn grading_files(root: &Path) -> Result<BTreeSet<PathBuf>> {
    files(root, &[LESSON, COURSE, GRADER].concat())
}

/// Returns the files at these places of the workspace, relative to its `root`.
pub fn files(root: &Path, places: &[&str]) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    for place in places {
        add_sources(root, Path::new(place), &mut files)?;
    }
    if let Some(tracked) = tracked_files(root) {
        files.retain(|file| tracked.contains(file));
    }
    Ok(files)
}

fn add_sources(root: &Path, place: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    let folder = root.join(place);
    if !folder.is_dir() {
        files.insert(place.to_owned());
        return Ok(());
    }
    let failed = || message!("cannot-read", file = place.display());
    for entry in fs::read_dir(&folder).explain(failed())? {
        let name = entry.explain(failed())?.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_source = match folder.join(name).is_dir() {
            true => name == ".github" || is_plain(name),
            false => is_source_file(name),
        };
        if is_source {
            add_sources(root, &place.join(name), files)?;
        }
    }
    Ok(())
}

fn is_source_file(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((module, "rs")) => is_plain(module) && !module.contains('-'),
        Some((stem, "css" | "html" | "js" | "md" | "toml" | "yml")) => {
            is_plain(stem.trim_end_matches(".zh-CN"))
        }
        _ => false,
    }
}

fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The files that Git tracks, or `None` if it doesn't track this workspace.
fn tracked_files(root: &Path) -> Option<BTreeSet<PathBuf>> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().ok()?;
    let names = String::from_utf8_lossy(&output.stdout);
    let files: BTreeSet<_> = names.split_terminator('\0').map(PathBuf::from).collect();
    files.contains(Path::new("Cargo.toml")).then_some(files)
}
