//! Wrong: it sends the whole buffer, however little was received.

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
                if client.recv(&mut buffer)? == 0 {
                    return Ok(());
                }
                // The mistake: the rest of the buffer holds zeroes, or an older message.
                client.send(arguments.answer(&buffer))?;
            }
        })
    })
}
