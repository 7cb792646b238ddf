//! Integration tests of the grader. Most of them compile and grade submissions, which takes minutes,
//! so they run on request: `cargo test -p grader -- --ignored --test-threads=1`

#![expect(clippy::unwrap_used, reason = "a failed test may panic: that is how it reports")]

mod client_server_pairs;
mod fixtures;
mod html_report;
mod known_solutions;
#[cfg(unix)]
mod mutants;
mod rubric_check;

// These need bubblewrap.
#[cfg(target_os = "linux")]
mod class_archive;
#[cfg(target_os = "linux")]
mod gradescope_container;
#[cfg(target_os = "linux")]
mod hostile_submissions;
#[cfg(target_os = "linux")]
mod interruptions;
#[cfg(target_os = "linux")]
mod resuming;
