//! Right, in another style: standard input is read line by line where it has lines.

use std::io::{self, BufRead, BufReader, Write};
use std::net::Shutdown;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;

use anyhow::Result;
use net_utils::program;
use socket2::Socket;

use crate::support::{self, ClientArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ClientArguments| {
        let socket = Arc::new(support::connect(&arguments)?);
        let arguments = Arc::new(arguments);
        let (done, sent) = mpsc::channel();
        thread::spawn({
            let (arguments, socket) = (Arc::clone(&arguments), Arc::clone(&socket));
            move || {
                let result = send(&arguments, &socket);
                if result.is_err() {
                    _ = socket.shutdown(Shutdown::Both);
                }
                done.send(result)
            }
        });
        if support::receive_all(&arguments, &socket)? {
            support::wait_until_sent(&socket, &sent)?;
        }
        arguments.steps().step(4, "close", "");
        Ok(ExitCode::SUCCESS)
    })
}

fn send(arguments: &ClientArguments, mut socket: &Socket) -> Result<usize> {
    if !arguments.messages.is_empty() || io::IsTerminal::is_terminal(&io::stdin()) {
        return support::send_all_input(arguments, socket);
    }
    let mut input = BufReader::new(io::stdin());
    let mut sent = 0;
    loop {
        let mut line = Vec::new();
        // A line may be as long as the file: a part of it will do.
        let length = io::Read::take(&mut input, 100_000).read_until(b'\n', &mut line)?;
        if length == 0 {
            socket.shutdown(Shutdown::Write)?;
            return Ok(sent);
        }
        socket.write_all(&line)?;
        sent += length;
    }
}
