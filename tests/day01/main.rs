//! The programs of day 01, tested from outside: each test is one requirement, named as the
//! homework names it, and starts the built program as a person would.
//!
//! Run all: `cargo test -p tests`. Run those of one program: `cargo test -p tests tcp_server`.
//! Test another program in the place of ours:
//! `DAY01_TCP_SERVER=/path/to/program cargo test -p tests tcp_server`.

mod client_with_server;
mod every_program;
mod net_utils;
mod tcp_client;
mod tcp_server;
mod udp;

use std::net::{Ipv6Addr, TcpListener};

/// What an error says of an address that another program has. The system's words are its own, on
/// Windows in the language of the person; its number is the same everywhere.
const IN_USE: [&str; 4] = ["in use", "taken", "10048", "占用"];

/// What an error says where nobody listens.
const REFUSED: [&str; 4] = ["refused", "no program listens", "10061", "拒绝"];

/// A message that tells whether bytes are treated as bytes: each value there is, once.
fn all_bytes() -> Vec<u8> {
    (0..=255).collect()
}

/// Whether this machine has IPv6 at all. Many containers have not.
fn has_ipv6() -> bool {
    let has = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if !has {
        skipped("this machine has no address ::1");
    }
    has
}

/// Whether this machine has the address, or knows the name, that a test gives to a program.
fn has(host: &str) -> bool {
    match host {
        "localhost" => tests::loopback::check_localhost().map_err(|what| skipped(&what)).is_ok(),
        _ => !host.contains(':') || has_ipv6(),
    }
}

/// Says why a test did not test anything here. `cargo test -- --show-output` shows it.
#[expect(clippy::print_stdout, reason = "it is a test that prints")]
fn skipped(reason: &str) {
    println!("skipped: {reason}");
}
