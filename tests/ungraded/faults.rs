//! Faults that the programs survive: misbehaving clients, text that attacks the terminal, lossy
//! networks, wrong command lines, and long runs.
//!
//! `cargo test -p tests --test ungraded faults::` runs the quick tests. The long ones:
//! `cargo test -p tests --test ungraded -- --ignored --test-threads=1 faults::`. BENCHMARKS.md lists them all.

#[cfg(target_os = "linux")]
mod client_disconnects;
mod command_lines;
mod datagrams;
mod hostile_text;
#[cfg(target_os = "linux")]
mod lossy_network;
#[cfg(target_os = "linux")]
mod mixed_load;
#[cfg(target_os = "linux")]
mod odd_networks;
mod random_exchange;
mod restart;
#[cfg(target_os = "linux")]
mod server_overload;

use tests::{Harness, TestedProgram};

/// The value, or `None` after printing why the test is skipped. `cargo test -- --show-output` shows it.
#[cfg(target_os = "linux")]
fn or_skip<T>(value: Result<T, String>) -> Option<T> {
    value.inspect_err(|reason| tests::skipped(reason)).ok()
}

/// Checks that a new client is served.
#[track_caller]
fn expect_service(harness: &Harness, server: &TestedProgram) {
    let client = harness.connect(server.address());
    client.expect_echo(b"still there?");
    client.end_sending_and_expect(b"");
}
