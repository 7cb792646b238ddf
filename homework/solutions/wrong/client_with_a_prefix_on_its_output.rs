//! Wrong: prints more than the reply on standard output.

mod arguments;
mod message_lines;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut buffer = [0; 1024];
        for line in message_lines::read(&arguments) {
            socket.write_all(line.as_bytes())?;
            let length = socket.read(&mut buffer)?;
            print!("Server: {}", String::from_utf8_lossy(&buffer[..length]));
        }
        Ok(ExitCode::SUCCESS)
    })
}
