//! What the programs survive: clients that misbehave, text that attacks the terminal, networks
//! that lose, wrong command lines, and a long day.
//!
//! Run the quick ones, as `cargo test` does: `cargo test -p tests --test faults`. Run the long
//! ones: `cargo test -p tests --test faults -- --ignored --test-threads=1`. BENCHMARKS.md has a table
//! of them all.
//!
//! The module `day01` of these tests asks what a program does for a well-behaved peer, and is
//! what homework is graded by; nothing here is.

mod command_lines;
mod datagrams;
mod hostile_text;
#[cfg(target_os = "linux")]
mod leaving;
#[cfg(target_os = "linux")]
mod lossy_network;
#[cfg(target_os = "linux")]
mod mixed_load;
#[cfg(target_os = "linux")]
mod odd_networks;
mod random_exchange;
mod restart;
#[cfg(target_os = "linux")]
mod too_much;

use tests::{Harness, TestedProgram};

/// Says why a test did not test anything here. `cargo test -- --show-output` shows it.
#[cfg(target_os = "linux")]
#[expect(clippy::print_stdout, reason = "it is a test that prints")]
fn skipped(reason: &str) {
    println!("skipped: {reason}");
}

/// A new client is served, whatever happened before.
#[track_caller]
fn expect_service(harness: &Harness, server: &TestedProgram) {
    let client = harness.connect(server.address());
    client.send(b"still there?");
    client.expect(b"still there?");
    client.end_sending();
    client.expect_to_end(b"");
}
