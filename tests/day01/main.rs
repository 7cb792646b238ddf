//! Black-box tests of the programs of day 01: each starts a program as a user would, and checks one
//! requirement.
//!
//! To run all of them: `cargo test -p tests --test day01`. To run those of one program:
//! `cargo test -p tests --test day01 tcp_server`. To test another program instead of ours:
//! `DAY01_TCP_SERVER=/path/to/program cargo test -p tests --test day01 tcp_server`.

mod client_with_server;
mod every_program;
mod net_utils;
mod tcp_client;
mod tcp_server;
mod udp;

use std::net::{Ipv6Addr, TcpListener};

use tests::skipped;

/// Words for an address in use, one of which an error must contain. The text of a system's error
/// depends on the system, and on Windows on the user's language; the error number doesn't.
const IN_USE: [&str; 4] = ["in use", "taken", "10048", "占用"];

/// Likewise for a refused connection.
const REFUSED: [&str; 4] = ["refused", "no program listens", "10061", "拒绝"];

/// A message with every byte value once, to find programs that treat bytes as text.
fn all_bytes() -> Vec<u8> {
    (0..=255).collect()
}

/// Returns whether this machine has IPv6. Many containers don't.
fn has_ipv6() -> bool {
    let has = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if !has {
        skipped("this machine doesn't have the address ::1");
    }
    has
}

/// Returns whether this machine has an address, or can resolve a name.
fn has(host: &str) -> bool {
    match host {
        "localhost" => tests::loopback::check_localhost().map_err(|what| skipped(&what)).is_ok(),
        _ => !host.contains(':') || has_ipv6(),
    }
}
