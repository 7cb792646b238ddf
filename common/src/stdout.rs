//! Writes to standard output. A closed pipe, as in `day01-tcp-server | head -1`, is an error here;
//! `println!` would panic.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// The reader of standard output has closed the pipe. [`run`](crate::run) then ends the program
/// silently, with exit status 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenPipe;

impl std::fmt::Display for BrokenPipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the reader of standard output has closed the pipe")
    }
}

impl std::error::Error for BrokenPipe {}

/// Writes to standard output and flushes it. A closed pipe is the error [`BrokenPipe`].
pub fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(BrokenPipe.into()),
        written => {
            written.context("can't write to standard output; free some space, or redirect it")
        }
    }
}
