//! Right: receives until the end of the line, and shuts down its sending side after the last message.

mod arguments;
mod message_lines;

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut replies = BufReader::new(socket.try_clone()?);
        for line in message_lines::read(&arguments) {
            socket.write_all(line.as_bytes())?;
            let mut reply = String::new();
            replies.read_line(&mut reply)?;
            print!("{reply}");
        }
        socket.shutdown(Shutdown::Write)?;
        io::copy(&mut replies, &mut io::stdout())?;
        Ok(ExitCode::SUCCESS)
    })
}
