//! Day 01: both ends of UDP (NOTES.md#udp-programs). UDP has no connections, so there's no
//! listen, no accept and no handshake: a datagram is sent, and it arrives or it doesn't.
//!
//! To try it, use two terminals:
//!
//! ```text
//! cargo run -p day01-udp -- server
//! cargo run -p day01-udp -- client hello
//! ```

mod arguments; // the command lines
mod client; // the lesson file of the client
mod datagram; // receives a datagram, and notices if it was cut
mod datagram_totals; // how many datagrams the server has received and sent
mod errors; // what to do when sendto or recvfrom fails
mod message_input; // what the client sends
mod replies; // which datagrams are replies, and how long to wait for them
mod server; // the lesson file of the server

use std::process::ExitCode;

use common::Steps;

use crate::arguments::{Arguments, End};

fn main() -> ExitCode {
    common::run(|arguments: Arguments| match arguments.end {
        End::Server(arguments) => {
            arguments.endpoint.show_steps(Steps::Stdout);
            server::serve(arguments.address()?, arguments.buffer_size.into(), arguments.reply)
        }
        End::Client(arguments) => {
            arguments.endpoint.show_steps(Steps::Stderr);
            client::talk(arguments.server()?, &arguments.messages, &arguments.replies())
        }
    })
}
