//! Wrong: when the client has left, recv gives 0 bytes again and again, and the loop goes on.

use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = support::listen(&arguments)?;
        support::serve(&arguments, listener, |client| -> Result<()> {
            let mut buffer = arguments.buffer();
            loop {
                // The mistake: 0 bytes are taken for a message.
                let length = client.recv(&mut buffer)?;
                client.send(&buffer[..length])?;
            }
        })
    })
}
