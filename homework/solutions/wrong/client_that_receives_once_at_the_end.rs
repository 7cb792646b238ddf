//! Wrong: calls recv once, after the loop.

mod arguments;
mod message_lines;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        for line in message_lines::read(&arguments) {
            socket.write_all(line.as_bytes())?;
        }
        let mut buffer = [0; 1024];
        let length = socket.read(&mut buffer)?;
        io::stdout().write_all(&buffer[..length])?;
        Ok(ExitCode::SUCCESS)
    })
}
