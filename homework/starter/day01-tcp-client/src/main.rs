//! Day 01: a TCP client, in the four steps of the notes (NOTES.md#client).
//! The class version: it sends one message and shows one reply. Try it with two terminals:
//! `cargo run -p day01-tcp-server` in one, `cargo run -p day01-tcp-client` in the other.

mod addresses; // a host may have several: the first that answers, or why none does
mod arguments; // the command line
mod input; // what to send: messages, typed lines, or a file
mod progress; // how far it got: what was sent and received, and who is waited for
mod screen; // the replies, and the prompt of a person who types
mod errors; // why a conversation broke, and what to do next

use std::io::{self, Read};
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;
use common::{bytes, family, uninterrupted};
use socket2::{Domain, Socket, Type};

use crate::arguments::Arguments;
use crate::input::Input;
use crate::{progress::Progress, screen::Screen, errors::Trouble};

fn main() -> ExitCode {
    common::run(talk)
}

fn talk(arguments: Arguments) -> Result<ExitCode> {
    // Steps 1 and 2, for one address of the host after the other, until a server answers.
    let (socket, server) = addresses::first_that_answers(&arguments, connect)?;

    // Step 3: send and receive.
    let (progress, screen) = (Progress::new(&arguments), Screen::new(&arguments));
    let ended = converse(&socket, &arguments, &progress, &screen);
    screen.finish()?;
    ended.map_err(|trouble| trouble.explain(server, &progress))?;

    // Step 4: close.
    drop(socket);
    arguments.steps().step(4, "close", &progress);
    Ok(ExitCode::SUCCESS)
}

/// Steps 1 and 2.
fn connect(server: SocketAddr, arguments: &Arguments) -> io::Result<Socket> {
    let steps = arguments.steps();

    // Step 1: create a socket of the same family and type as the server's.
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
    steps.step(1, "socket", format_args!("{}, SOCK_STREAM (TCP), protocol 0", family(server)));

    // Step 2: connect it to the server.
    socket.connect_timeout(&server.into(), arguments.timeout)?;
    steps.step(2, "connect", format_args!("{server}, from {}", addresses::own(&socket, server)?));
    socket.set_tcp_nodelay(true)?; // small messages leave at once (NOTES.md#nagle)
    Ok(socket)
}

/// Step 3, for one message and its reply. The homework's loop: for one message after the other.
fn converse(
    mut socket: &Socket,
    arguments: &Arguments,
    progress: &Progress,
    screen: &Screen,
) -> Result<(), Trouble> {
    let mut input = Input::new(arguments, progress, screen);
    let mut buffer = vec![0; arguments.buffer_size as usize];

    if let Some(message) = input.next_message()? {
        send(socket, &message, progress)?;
        arguments.steps().step(3, "send", bytes(message.len()));
        let received = progress.patiently(socket, || socket.read(&mut buffer))?;
        arguments.steps().step(3, "recv", bytes(received));
        screen.show(&buffer[..received])?;
    }
    Ok(input.check_all_sent()?)
}

/// Step 3, send: all of the message.
fn send(socket: &Socket, mut message: &[u8], progress: &Progress) -> Result<(), Trouble> {
    while !message.is_empty() {
        let sent = uninterrupted(|| socket.send(message))?; // perhaps a part only
        progress.add_sent(sent);
        message = &message[sent..];
    }
    Ok(())
}
