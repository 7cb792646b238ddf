//! Wrong: standard output is not what the server sent.

mod arguments;
mod lines;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut buffer = [0; 1024];
        for line in lines::of(&arguments) {
            socket.write_all(line.as_bytes())?;
            let length = socket.read(&mut buffer)?;
            print!("Server: {}", String::from_utf8_lossy(&buffer[..length]));
        }
        Ok(ExitCode::SUCCESS)
    })
}
