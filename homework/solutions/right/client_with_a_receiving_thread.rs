//! Right: receives in a second thread.

mod arguments;
mod message_lines;

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut receiving = socket.try_clone()?;
        let thread = std::thread::spawn(move || io::copy(&mut receiving, &mut io::stdout()));
        for line in message_lines::read(&arguments) {
            socket.write_all(line.as_bytes())?;
        }
        socket.shutdown(Shutdown::Write)?;
        thread.join().unwrap()?;
        Ok(ExitCode::SUCCESS)
    })
}
