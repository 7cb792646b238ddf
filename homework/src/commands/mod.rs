//! The subcommands, and what they share.

pub mod calls; // `calls`
pub mod grade; // `grade` without a folder
pub mod hints; // `hint`
pub mod list; // `list`
pub mod new; // `new`
pub mod next_step; // the task to do next, and where
pub mod reset; // `reset`
pub mod status; // points and the next step, without a terminal
pub mod try_test; // `try`
pub mod verdict_command; // what `cargo test` shows in a student copy
