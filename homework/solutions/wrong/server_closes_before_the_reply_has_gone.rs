//! Wrong: it throws the connection away as soon as the client has no more to send, with what is
//! still on its way.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = support::listen(&arguments)?;
        support::serve(&arguments, listener, |client| -> Result<()> {
            // The mistake: close does not wait, it resets the connection.
            client.socket.set_linger(Some(Duration::ZERO))?;
            let mut buffer = arguments.buffer();
            loop {
                let length = client.recv(&mut buffer)?;
                if length == 0 {
                    return Ok(());
                }
                client.send(arguments.answer(&buffer[..length]))?;
            }
        })
    })
}
