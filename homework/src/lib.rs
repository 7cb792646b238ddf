//! Tests and grades the homework of day 01.
//!
//! Three programs use this library: `homework`, the command line; `watch`, which tests on every save; and
//! `grader`, which grades submissions. They're separate packages because `watch` and `grader` need
//! libraries that take long to compile.

#![expect(
    missing_docs,
    reason = "only this workspace's programs use it, and some names need no comment"
)]

pub mod arguments; // the command line
pub mod commands;
pub mod distributed_files; // which files belong to a copy of the workspace
pub mod failure_text; // what a failed test expected, and what happened instead
pub mod formats; // marks as tables and in the formats of other programs
pub mod grade_options;
pub mod grading;
pub mod localized_command_line; // clap in two languages
pub mod manifests; // Cargo.toml files in such a copy
pub mod messages; // the message catalogue
pub mod parallel_jobs;
pub mod process; // commands with a timeout
pub mod progress; // what the program does now
pub mod sequence_diagram; // two participants and their arrows
pub mod skip_reasons; // why a test was skipped
pub mod test_diagram; // what a test and a program sent each other

use std::env;
use std::path::{Path, PathBuf};

/// Returns the workspace of the running program. `cargo run` sets the path, in case the folder has moved.
pub fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let own = ["homework", "grader", "watch"];
    let package = package.filter(|package| own.iter().any(|own| package.ends_with(own)));
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.map_or(package.clone(), Path::to_path_buf)
}
