//! Wrong: it does not look at how many of the bytes one send took.

use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, Client, ServerArguments};

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
                let answer = arguments.answer(&buffer[..length]);
                // The mistake: the bytes that send did not take are lost.
                let _sent = send(client, answer)?;
                client.report_send(answer.len());
            }
        })
    })
}

/// A send that takes at most 16 KiB. The system's own takes a part only when its buffers are
/// full; this one shows the mistake every time.
fn send(client: &Client, bytes: &[u8]) -> Result<usize> {
    Ok(client.socket.send(&bytes[..bytes.len().min(16 * 1024)])?)
}
