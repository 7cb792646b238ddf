//! Right: a second thread receives.

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
        let mut receiving = socket.try_clone()?;
        let thread = std::thread::spawn(move || io::copy(&mut receiving, &mut io::stdout()));
        for line in lines(&arguments) {
            socket.write_all(line.as_bytes())?;
        }
        socket.shutdown(Shutdown::Write)?;
        thread.join().unwrap()?;
        Ok(ExitCode::SUCCESS)
    })
}
