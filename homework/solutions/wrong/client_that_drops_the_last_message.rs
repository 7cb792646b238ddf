//! Wrong: doesn't send the last of several messages.

mod arguments;
mod message_lines;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut buffer = [0; 1024];
        let mut lines = message_lines::read(&arguments).peekable();
        let mut first = true;
        while let Some(line) = lines.next() {
            if !first && lines.peek().is_none() {
                break;
            }
            first = false;
            socket.write_all(line.as_bytes())?;
            let length = socket.read(&mut buffer)?;
            io::stdout().write_all(&buffer[..length])?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
