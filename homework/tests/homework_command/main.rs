//! The subcommands of `homework`, and what its folders promise.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod calls_command; // `calls`: right and wrong programs in several languages
mod hint_and_reset; // `hint` and `reset` in a student copy
mod lesson_files; // the sizes of the lesson files, and what the starter code leaves out
mod message_keys; // the catalogues against the sources
mod student_copy; // `new`

use std::path::Path;

/// The workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
