//! Right: a thread reads the messages, and the main thread sends each and shows its reply.

mod arguments;
mod message_lines;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let mut socket = TcpStream::connect(&arguments.addresses()?[..])?;
        let mut replies = BufReader::new(socket.try_clone()?).lines();
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || message_lines::read(&arguments).try_for_each(|it| sender.send(it)));
        for line in messages {
            socket.write_all(line.as_bytes())?;
            if let Some(reply) = replies.next() {
                println!("{}", reply?);
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
