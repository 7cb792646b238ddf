//! Right, in another style: `BufReader` and `write_all`, and each step is printed after both of
//! recv and send are done.

use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = support::listen(&arguments)?;
        support::serve(&arguments, listener, |client| -> Result<()> {
            let size = arguments.buffer_size as usize;
            let mut reader = BufReader::with_capacity(size, &client.socket);
            loop {
                let message = reader.fill_buf()?.to_vec();
                if message.is_empty() {
                    return Ok(());
                }
                reader.consume(message.len());
                let answer = arguments.answer(&message);
                (&client.socket).write_all(answer)?;
                client.report_recv(&message);
                client.report_send(answer.len());
            }
        })
    })
}
