//! Wrong: sends and shows everything, but never exits.

mod arguments;
mod message_lines;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut buffer = [0; 1024];
        for line in message_lines::read(&arguments) {
            socket.write_all(line.as_bytes())?;
            let length = socket.read(&mut buffer)?;
            io::stdout().write_all(&buffer[..length])?;
        }
        loop {
            std::thread::park();
        }
        #[allow(unreachable_code)]
        Ok(ExitCode::SUCCESS)
    })
}
