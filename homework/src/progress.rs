//! Prints on standard error what the program is doing.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints what the program does now.
pub fn progress(what: impl Display) {
    note(format_args!("{what} ..."));
}

/// Prints a remark.
pub fn note(what: impl Display) {
    _ = writeln!(io::stderr(), "  {what}");
}
