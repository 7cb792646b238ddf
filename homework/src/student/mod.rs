//! What a student gets: the hand-out, and what `cargo test` shows in it.

pub mod calls;
pub mod grade;
pub mod hand_out;
pub mod screen;
pub mod verdict;
