//! Wrong: it prints the address that it was asked for, before it listens there.

use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let address = arguments.address()?;
        // The mistake: nobody can connect yet, and a port 0 is not the port in the end.
        arguments.steps().always(format_args!("listening on {address}"));
        let listener = support::listen_at(&arguments, address)?;
        support::serve(&arguments, listener, |client| -> Result<()> {
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
