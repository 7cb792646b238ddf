//! Tests that grade nothing: of the grading of answers, of the faults that the programs survive, of the
//! notes, and of the test harness.

mod answers;
#[cfg(target_os = "linux")]
mod blocked_programs;
mod faults;
mod harness_tests;
mod notes;
