//! Day 01: both ends of UDP (NOTES.md#udp-programs). There is no connection, so there is no
//! listen, no accept and no connect: a datagram is sent, and it arrives or it does not.
//!
//! Try it with two terminals:
//!
//! ```text
//! cargo run -p day01-udp -- server
//! cargo run -p day01-udp -- client hello
//! ```

mod arguments; // the command lines
mod client;
mod datagram; // how long one is, and whether it was cut
mod errors;
mod input; // what the client sends
mod replies; // what the client takes for a reply, and how long it waits for one
mod server;
mod totals; // what the server has received and sent // what to do when sendto or recvfrom fails

use std::process::ExitCode;

use crate::arguments::{Arguments, End};

fn main() -> ExitCode {
    common::run(|arguments: Arguments| match arguments.end {
        End::Server(arguments) => server::serve(arguments),
        End::Client(arguments) => client::talk(arguments),
    })
}
