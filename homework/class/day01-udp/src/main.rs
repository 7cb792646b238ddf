//! Day 01: both ends of UDP. There is no connection, so there is no listen, no accept and no
//! connect: a datagram is sent, and it arrives or it does not.
//!
//! This is the class version: each end sends one datagram and receives one, and ends. The
//! homework makes it go on (NOTES.md#homework). Try it with two terminals:
//!
//! ```text
//! cargo run -p day01-udp -- server
//! cargo run -p day01-udp -- client hello
//! ```

mod client;
mod datagram;
mod server;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use net_utils::program;

/// Both ends of UDP: a server that sends one datagram back, and a client.
#[derive(Parser)]
// Without a command, one line says so: the whole help is for those who ask for it.
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    end: End,
}

#[derive(Subcommand)]
enum End {
    Server(server::Arguments),
    Client(client::Arguments),
}

const EXAMPLES: &str = "\
Examples, in two terminals:
  day01-udp server
  day01-udp client hello";

fn main() -> ExitCode {
    program::run(|arguments: Arguments| match arguments.end {
        End::Server(arguments) => server::serve(arguments),
        End::Client(arguments) => client::talk(arguments),
    })
}
