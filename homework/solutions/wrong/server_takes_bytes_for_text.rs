//! Wrong: it turns what it received into text, and the text into bytes again.

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
                // The mistake: what is no text becomes question marks.
                let text = String::from_utf8_lossy(arguments.answer(&buffer[..length]));
                client.send(text.as_bytes())?;
            }
        })
    })
}
