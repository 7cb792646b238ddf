//! Wrong: after each message it receives until the server closes the connection, which the
//! server does only when the client closes.

use std::io::Write;
use std::net::Shutdown;
use std::process::ExitCode;

use net_utils::program;

use crate::support::{self, ClientArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ClientArguments| {
        let mut socket = support::connect(&arguments)?;
        let steps = arguments.steps();
        if arguments.messages.is_empty() {
            while let Some(piece) = support::read_piece()? {
                socket.write_all(&piece)?;
                // The mistake: the end of the reply is not the end of the connection.
                support::receive_all(&arguments, &socket)?;
            }
        } else {
            for message in arguments.lines().split_inclusive(|&byte| byte == b'\n') {
                socket.write_all(message)?;
                steps.step(3, "send", format_args!("{} bytes", message.len()));
                support::receive_all(&arguments, &socket)?;
            }
        }
        socket.shutdown(Shutdown::Write)?;
        steps.step(4, "close", "");
        Ok(ExitCode::SUCCESS)
    })
}
