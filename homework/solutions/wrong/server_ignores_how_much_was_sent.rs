//! Wrong: it does not look at how many of the bytes one call took.

use std::io::{LineWriter, Write};
use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = support::listen(&arguments)?;
        support::serve(&arguments, listener, |client| -> Result<()> {
            let mut buffer = arguments.buffer();
            let mut writer = LineWriter::new(client.socket.try_clone()?);
            loop {
                let length = client.recv(&mut buffer)?;
                if length == 0 {
                    return Ok(());
                }
                let answer = arguments.answer(&buffer[..length]);
                // The mistake: the bytes that `write` did not take are lost.
                let _sent = writer.write(answer)?;
                writer.flush()?;
                client.report_send(answer.len());
            }
        })
    })
}
