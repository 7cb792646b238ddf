//! What a student gets: the hand-out, and what is shown in it.

pub mod calls; // `calls`
pub mod grade; // `grade`
pub mod hints; // `hint`
pub mod list; // `list`
pub mod new; // `new`
pub mod next; // the one next thing to do
pub mod now; // where the student stands, in a few lines
pub mod own; // the own homework, marked again and again
pub mod reset; // `reset`
pub mod screen; // what `cargo test` shows
pub mod try_one; // `try`
pub mod verdict; // `cargo test`
