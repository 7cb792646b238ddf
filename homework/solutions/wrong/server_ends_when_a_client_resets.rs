//! Wrong: an error of one connection ends the server.

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use anyhow::{Result, anyhow};
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = Mutex::new(support::listen(&arguments)?);
        thread::scope(|scope| {
            for _ in 0..arguments.clients {
                scope.spawn(|| {
                    if let Err(error) = serve(&arguments, &listener) {
                        program::print_error(&anyhow!(error));
                        // The mistake: one client's trouble is everybody's.
                        std::process::exit(1);
                    }
                });
            }
        });
        Ok(ExitCode::SUCCESS)
    })
}

fn serve(arguments: &ServerArguments, listener: &Mutex<socket2::Socket>) -> Result<()> {
    let mut buffer = arguments.buffer();
    loop {
        let mut client = support::accept(arguments, listener);
        loop {
            let length = client.recv(&mut buffer)?;
            if length == 0 {
                break;
            }
            client.send(arguments.answer(&buffer[..length]))?;
        }
        client.close();
    }
}
