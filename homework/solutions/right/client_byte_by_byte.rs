//! Right: sends and receives one byte at a time.

mod arguments;
mod message_lines;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        for line in message_lines::read(&arguments) {
            for byte in line.as_bytes() {
                socket.write_all(&[*byte])?;
            }
            let mut byte = [0];
            while byte != *b"\n" {
                socket.read_exact(&mut byte)?;
                io::stdout().write_all(&byte)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
