//! What a mark is: which tests there are, in which order they are run on what was handed in, and
//! what is earned by them.
//!
//! `rubric` < `mark` < `files` < `place` < `submission` < `sandbox` < `nobody` < `builder` < `tests` < `order`: each file
//! uses those before it only.

pub mod builder;
pub mod cargo;
pub mod files;
pub mod mark;
pub mod order;
pub mod place;
pub mod rubric;
pub mod sandbox;
pub mod submission;
pub mod tests;
pub mod unprivileged;
