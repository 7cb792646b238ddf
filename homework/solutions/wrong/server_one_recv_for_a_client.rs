//! Wrong: it serves one client after the other, but reads once and answers once, however long
//! the message is.

use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = support::listen(&arguments)?;
        support::serve(&arguments, listener, |client| -> Result<()> {
            let mut buffer = arguments.buffer();
            // The mistake: no loop around recv and send.
            let length = client.recv(&mut buffer)?;
            client.send(arguments.answer(&buffer[..length]))
        })
    })
}
