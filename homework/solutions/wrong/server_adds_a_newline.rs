//! Wrong: it takes every recv for a line, and sends it back with a newline.

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
                let length = client.recv(&mut buffer)?;
                if length == 0 {
                    return Ok(());
                }
                // The mistake: the client gets a byte that it did not send.
                let answer = [arguments.answer(&buffer[..length]), b"\n"].concat();
                client.send(&answer)?;
            }
        })
    })
}
