//! Wrong: waits for end of file after the first message.

mod arguments;
mod message_lines;

use std::io::{self, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        for line in message_lines::read(&arguments) {
            socket.write_all(line.as_bytes())?;
            io::copy(&mut socket, &mut io::stdout())?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
