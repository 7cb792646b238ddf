//! The homework of day 01: what a mark is, and what is said of it.
//!
//! The programs that use it: `homework` hands out and marks one's own folder, `grader` (the teacher's)
//! marks what others wrote, `watch` (the student's) shows the verdict after each save. They are
//! apart because of the libraries that each of them needs: nobody waits for those of another.

pub mod arguments; // the command line
pub mod commands;
pub mod failure_text; // what a failed test expected, and what happened instead
pub mod formats; // the marks, as tables and in the formats of other programs
pub mod grade_options;
pub mod grading;
pub mod manifests; // Cargo.toml files in copies of the workspace
pub mod messages; // the message catalogue
pub mod process; // a command that is stopped when it takes too long
pub mod reasons; // why something was not tried
pub mod sequence_diagram; // two participants and their arrows
pub mod test_diagram; // what a test and a program sent each other
pub mod workspace_files; // which files belong to such copies

use std::env;
use std::path::{Path, PathBuf};

/// The workspace that the running program belongs to. `cargo run` says where it is now.
pub fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let own = ["homework", "grader", "watch"];
    let package = package.filter(|package| own.iter().any(|own| package.ends_with(own)));
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.map_or(package.clone(), Path::to_path_buf)
}
