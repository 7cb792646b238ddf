//! Standard output, whose reader may go away, as in `day01-tcp-server | head -1`. `println!`
//! panics then.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// Nobody reads the program's output any more. The reader had enough, so this ends a program
/// without a word and with exit status 0: see [`run`](crate::run).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NobodyReads;

impl std::fmt::Display for NobodyReads {
    fn fmt(&self, line: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        line.write_str("nobody reads standard output any more")
    }
}

impl std::error::Error for NobodyReads {}

/// Writes a part of a program's result to standard output.
///
/// # Errors
///
/// [`NobodyReads`], or standard output cannot be written for another reason: a full disk, for
/// example.
pub fn print(result: &[u8]) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(result).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(NobodyReads.into()),
        written => written
            .context("cannot write to standard output; make room, or print it to another place"),
    }
}
