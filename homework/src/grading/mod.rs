//! Builds and runs the tests, and turns their results into marks.
//!
//! `rubric` < `marks` < `cargo_build` < `submission` < `test_suite` < `grade_submission` < `local_grader`:
//! each file imports only files to its left.

pub mod cargo_build;
pub mod grade_submission;
pub mod local_grader;
pub mod marks;
pub mod rubric;
pub mod submission;
pub mod test_suite;
