//! The harness: starts the built programs and talks to them, as any peer would.
//!
//! It links none of the programs it tests. What it says of a program of this workspace, it can
//! say of any other with the same command line: a variable of the environment
//! ([`Program::variable`]) puts that one in its place.
//!
//! A test is a [`Stage`] with the mistake it looks for, a program started on a port that the
//! system chooses, and a few lines of conversation:
//!
//! ```no_run
//! use tests::Stage;
//!
//! let stage = Stage::new("server-recv-send", "the server does not send what it received");
//! let server = stage.tcp_server(&["--buffer-size", "1"]);
//! let client = stage.connect(server.address());
//! client.send(b"hello\n");
//! client.expect(b"hello\n");
//! ```
//!
//! No test sleeps, and none waits without a [`DEADLINE`].

mod action;
mod bytes;
mod cause;
mod child;
mod deadline;
mod expected;
pub mod host;
mod launch;
mod listener;
#[cfg(target_os = "linux")]
mod network;
mod output;
mod process;
mod programs;
mod record;
mod report;
mod stage;
mod tcp;
#[cfg(target_os = "linux")]
mod terminal;
mod udp;
#[cfg(target_os = "linux")]
mod usage;
#[cfg(target_os = "linux")]
mod wire;
#[cfg(target_os = "linux")]
mod wrapped;

pub use action::{Action, Did, With};
pub use bytes::{Difference, Rest, show};
pub use cause::Cause;
pub use deadline::{DEADLINE, QUIET};
pub use expected::Expected;
pub use launch::Launch;
pub use listener::Listener;
#[cfg(target_os = "linux")]
pub use network::Network;
pub use process::Process;
#[cfg(unix)]
pub use process::Signal;
pub use programs::{Program, tests_named, workspace};
pub use report::{Printed, Report, Said};
pub use stage::{SEED, Stage};
pub use tcp::Connection;
pub use udp::{Datagrams, LARGEST_DATAGRAM, LARGEST_OVER_IPV6};
#[cfg(target_os = "linux")]
pub use usage::{Usage, raise_file_limit};
#[cfg(target_os = "linux")]
pub use wire::{Seen, Wire};

/// A message of any length whose parts all differ, so that a lost, doubled or moved part shows.
///
/// ```
/// let message = tests::pattern(100_000);
/// assert_eq!(message.len(), 100_000);
/// assert_ne!(message[..10_000], message[10_000..20_000]);
/// ```
pub fn pattern(length: usize) -> Vec<u8> {
    // Of a prime length, so that no piece that is a power of two long comes twice in a row.
    let mut state = 1_u32;
    let block: Vec<u8> = std::iter::repeat_with(|| {
        // Marsaglia, "Xorshift RNGs" (2003).
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    })
    .take(65_521)
    .collect();
    let mut message = block.repeat(length.div_ceil(block.len()));
    message.truncate(length);
    message
}
