//! What a mark is: which tests there are, in which order they are run on what was handed in, and
//! what is earned by them.
//!
//! `rubric` < `mark` < `submission` < `tests` < `order`: each file uses those before it only.

pub mod cargo;
pub mod mark;
pub mod order;
pub mod rubric;
pub mod submission;
pub mod tests;
