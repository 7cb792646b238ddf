//! Wrong: it waits for the end of file behind the first message.

mod arguments;
mod lines;

use std::io::{self, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        for line in lines::of(&arguments) {
            socket.write_all(line.as_bytes())?;
            io::copy(&mut socket, &mut io::stdout())?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
