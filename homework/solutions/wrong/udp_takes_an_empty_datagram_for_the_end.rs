//! Wrong: the server takes an empty datagram for the end, as recv of a TCP socket says it.

use std::process::ExitCode;

use net_utils::program;

use crate::support::{self, UdpArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: UdpArguments| {
        support::udp(arguments, |socket, message, client, answer| {
            // The mistake: UDP has no end, an empty datagram is a message.
            if message.is_empty() {
                return Ok(false);
            }
            socket.send_to(answer, client)?;
            Ok(true)
        })
    })
}
