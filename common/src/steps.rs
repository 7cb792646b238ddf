//! The lines that show the steps of the lesson as they happen.

use std::fmt::Display;
use std::io::{self, Write};

/// Prints the steps of a lesson program as they happen.
///
/// A step that cannot be printed is dropped: a server goes on when nobody reads its output.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    to_stderr: bool,
    quiet: bool,
}

impl Steps {
    /// Steps on standard output. A quiet program prints only what [`Steps::always`] is given.
    pub fn on_stdout(quiet: bool) -> Self {
        Self { to_stderr: false, quiet }
    }

    /// Steps on standard error: for a client, whose standard output has what the server sent.
    pub fn on_stderr(quiet: bool) -> Self {
        Self { to_stderr: true, quiet }
    }

    /// Whether only what must be said is printed.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// Prints one step: its number and name in the notes, and the values that matter.
    pub fn step(&self, number: u8, name: &str, values: impl Display) {
        if !self.quiet {
            self.always(format_args!("{number} {name:<8} {values}"));
        }
    }

    /// Prints a line that explains the step before it.
    pub fn note(&self, text: impl Display) {
        if !self.quiet {
            self.always(format_args!("{:10} {text}", ""));
        }
    }

    /// Prints a line also when the program is quiet, and flushes it.
    pub fn always(&self, line: impl Display) {
        // One write for one line, so that lines of several threads never mix.
        let line = format!("{line}\n");
        if self.to_stderr {
            _ = io::stderr().write_all(line.as_bytes());
        } else {
            let mut output = io::stdout().lock();
            _ = output.write_all(line.as_bytes()).and_then(|()| output.flush());
        }
    }
}
