//! A right client: std's sockets, and a BufReader for the replies.
//!
//! The operators in client.toml edit the lines that end with a label. The variables that this program
//! doesn't use are for them.
#![allow(unused)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// The messages of the command line, or the lines of standard input up to an empty one.
fn next_line(messages: &mut std::vec::IntoIter<String>, has_messages: bool) -> Option<Vec<u8>> {
    if has_messages {
        return Some((messages.next()? + "\n").into_bytes());
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).ok()?; // read
    if line.is_empty() {
        return None; // end
    }
    if line == "\n" {
        return None; // empty
    }
    Some((line.trim_end_matches('\n').to_string() + "\n").into_bytes())
}

fn main() -> io::Result<()> {
    let (mut host, mut port) = ("127.0.0.1".to_string(), "8888".to_string());
    let mut messages = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--host" => host = arguments.next().unwrap(),
            "--port" => port = arguments.next().unwrap(),
            _ => messages.push(argument),
        }
    }
    let has_messages = !messages.is_empty(); // options
    let mut messages = messages.into_iter();
    let mut connection = TcpStream::connect(format!("{host}:{port}"))?; // connect
    let mut replies = BufReader::new(connection.try_clone()?);
    let (mut number, mut previous, mut kept) = (0, Vec::new(), Vec::<u8>::new());
    while let Some(mut line) = next_line(&mut messages, has_messages) {
        number += 1; // line
        connection.write_all(&line)?; // send
        let mut reply = Vec::new();
        if replies.read_until(b'\n', &mut reply)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        } // recv
        io::stdout().write_all(&reply)?; // show
        previous = reply;
    }
    drop(connection); // close
    Ok(())
}
