//! Starts programs and talks to them over sockets, as their peer.
//!
//! This package links none of the programs it tests. An environment variable
//! ([`Program::variable`]) can name another program with the same command line, in any language.
//!
//! A test creates a [`Harness`], starts a program on an ephemeral port, and talks to it:
//!
//! ```no_run
//! use tests::{Harness, message};
//!
//! let harness = Harness::new("server-recv-send", message!("mistake-changed-bytes"));
//! let server = harness.tcp_server(&["--buffer-size", "1"]);
//! let client = harness.connect(server.address());
//! client.expect_echo(b"hello\n");
//! ```
//!
//! No test sleeps to wait for a program, and every wait has a [`DEADLINE`].

mod actual;
#[cfg(target_os = "linux")]
mod blocked_programs;
mod catalogue;
mod child_process;
mod deadline;
#[cfg(target_os = "linux")]
mod emulated_link;
mod escaped_bytes;
mod findings;
mod harness;
pub mod loopback;
#[cfg(target_os = "linux")]
mod network_namespace;
mod output_assertions;
mod output_probe;
#[cfg(target_os = "linux")]
mod process_snapshot;
mod program_command;
mod program_outcome;
mod program_paths;
#[cfg(target_os = "linux")]
mod program_watch;
#[cfg(not(target_os = "linux"))]
#[path = "no_program_watch.rs"]
mod program_watch;
#[cfg(target_os = "linux")]
pub mod pseudo_terminal;
#[cfg(target_os = "linux")]
mod received_segments;
#[cfg(target_os = "linux")]
mod resource_checks;
#[cfg(target_os = "linux")]
mod resource_usage;
#[cfg(target_os = "linux")]
mod sandboxed_signal;
#[cfg(target_os = "linux")]
mod system_call;
mod tcp_connection;
mod tcp_listener;
mod test_data;
mod test_report;
mod test_step;
mod tested_program;
mod transcript;
mod udp_socket;

pub use catalogue::{Argument, Catalogue, Language, Message};
pub use child_process::{ChildProcess, Finished};
pub use deadline::{DEADLINE, QUIET};
#[cfg(target_os = "linux")]
pub use emulated_link::{EmulatedLink, SentPacket};
pub use escaped_bytes::{Difference, Excerpt, show};
pub use harness::Harness;
#[cfg(target_os = "linux")]
pub use network_namespace::NetworkNamespace;
pub use program_command::ProgramCommand;
pub use program_paths::{Program, join_words, python, split_words, tests_named, workspace};
#[cfg(target_os = "linux")]
pub use resource_usage::{ResourceUsage, raise_file_limit};
pub use tcp_connection::Connection;
pub use tcp_listener::Listener;
pub use test_data::{SEED, TestData};
pub use test_report::{CapturedOutput, ProgramOutput, Report};
pub use test_step::{Action, Endpoint, TestStep};
#[cfg(unix)]
pub use tested_program::Signal;
pub use tested_program::TestedProgram;
pub use udp_socket::{DatagramSocket, LARGEST_DATAGRAM, LARGEST_OVER_IPV6};

/// Prints why a test is skipped. `cargo test -- --show-output` shows it.
#[expect(clippy::print_stdout, reason = "the output of a test")]
pub fn skipped(reason: &str) {
    println!("skipped: {reason}");
}

/// Returns a message of any length whose parts differ, so that a lost, duplicated or moved part
/// shows.
///
/// ```
/// let message = tests::pattern(100_000);
/// assert_eq!(message.len(), 100_000);
/// assert_ne!(message[..10_000], message[10_000..20_000]);
/// ```
pub fn pattern(length: usize) -> Vec<u8> {
    // The block has a prime length, so that no two pieces of the same power of two are equal.
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
