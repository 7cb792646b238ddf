//! Wrong: it listens on port 8888, whatever the command line says.

use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let mut address = arguments.address()?;
        // The mistake: --port is not used.
        address.set_port(8888);
        let listener = support::listen_at(&arguments, address)?;
        support::say_listening(&arguments, &listener)?;
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
