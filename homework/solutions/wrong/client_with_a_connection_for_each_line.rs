//! Wrong: a new connection for each line.

mod arguments;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

/// The messages of the command line, or the lines of standard input up to an empty one.
fn lines(arguments: &arguments::Arguments) -> Box<dyn Iterator<Item = String>> {
    if arguments.messages.is_empty() {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        return Box::new(lines.take_while(|line| !line.is_empty()).map(|line| line + "\n"));
    }
    let messages = arguments.messages.clone().into_iter();
    Box::new(messages.map(|message| message.to_string_lossy().into_owned() + "\n"))
}

fn main() -> ExitCode {
    lesson::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut buffer = [0; 1024];
        for line in lines(&arguments) {
            socket.write_all(line.as_bytes())?;
            let length = socket.read(&mut buffer)?;
            io::stdout().write_all(&buffer[..length])?;
            socket = TcpStream::connect(&arguments.addresses()?[..])?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
