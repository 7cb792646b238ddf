//! Wrong: it talks to the first client for as long as that one likes, and then ends.

use std::process::ExitCode;
use std::sync::Mutex;

use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = Mutex::new(support::listen(&arguments)?);
        // The mistake: no loop around accept.
        let mut client = support::accept(&arguments, &listener);
        let mut buffer = arguments.buffer();
        loop {
            let length = client.recv(&mut buffer)?;
            if length == 0 {
                client.close();
                return Ok(ExitCode::SUCCESS);
            }
            client.send(arguments.answer(&buffer[..length]))?;
        }
    })
}
