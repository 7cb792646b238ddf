//! Right, in another style: std's sockets only, both ends in one file.

use std::process::ExitCode;

use net_utils::program;

use crate::support::{self, UdpArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: UdpArguments| {
        support::udp(arguments, |socket, _, client, answer| {
            // A client that is gone is no reason to end.
            _ = socket.send_to(answer, client);
            Ok(true)
        })
    })
}
