//! Prints the steps of a lesson program as they happen. The command line decides once where they
//! go, so [`step!`](crate::step) needs no parameter for it.
//!
//! A step that can't be printed is dropped: a server keeps serving when its output is closed.

use std::fmt::{Arguments, Display};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::OnceLock;

use crate::stdout;

/// Where the steps go.
#[derive(Debug, Clone, Copy)]
pub enum Steps {
    /// Standard output.
    Stdout,
    /// Standard error: for a client, whose standard output is what the server sent.
    Stderr,
}

static STEPS: OnceLock<Steps> = OnceLock::new();

/// Sets where the steps go. Without this call they're hidden.
pub fn show_steps(steps: Steps) {
    _ = STEPS.set(steps);
}

/// Whether steps are printed.
pub fn steps_are_shown() -> bool {
    STEPS.get().is_some()
}

/// Prints a step: its number and name in the notes, and the values that matter.
///
/// `step!(2, "bind", "{address}")` prints `2 bind     127.0.0.1:8888`.
#[macro_export]
macro_rules! step {
    ($number:literal, $name:literal, $($values:tt)*) => {
        $crate::print_step($number, $name, format_args!($($values)*))
    };
}

/// Prints a step. Use [`step!`](crate::step).
pub fn print_step(number: u8, name: &str, values: Arguments) {
    print_if_shown(format_args!("{number} {name:<8} {values}"));
}

/// Prints a line that explains the step above.
pub fn print_note(text: impl Display) {
    print_if_shown(format_args!("{:10} {text}", ""));
}

/// Prints the line that says a server is ready, even with `--quiet`, then a note.
pub fn announce(line: &str, note: &str) {
    _ = stdout::print(format!("{line}\n").as_bytes());
    print_note(note);
}

fn print_if_shown(line: Arguments) {
    // One write per line, so that lines of several threads don't mix.
    match STEPS.get() {
        Some(Steps::Stdout) => _ = stdout::print(format!("{line}\n").as_bytes()),
        Some(Steps::Stderr) => _ = io::stderr().write_all(format!("{line}\n").as_bytes()),
        None => {}
    }
}

/// The name of an address's family: its constant in every language.
///
/// ```
/// assert_eq!(common::family("127.0.0.1:80".parse().unwrap()), "AF_INET (IPv4)");
/// ```
pub fn family(address: SocketAddr) -> &'static str {
    if address.is_ipv4() { "AF_INET (IPv4)" } else { "AF_INET6 (IPv6)" }
}
