//! Day 01: a TCP client in four steps (NOTES.md#client). It sends one message and prints one reply.
//! To try it, run `cargo run -p day01-tcp-server` in a second terminal first.

mod addresses; // a host may have several: connect to the first that answers
mod arguments; // the command line
mod connection; // counts bytes, and notices an idle server
mod errors; // what to say when the conversation fails
mod input; // what to send: messages, typed lines, or a file
mod reply_output; // shows the replies and the prompt

use std::net::SocketAddr;
use std::process::ExitCode;
use std::{io, time::Duration};

use anyhow::{Context, Result};
use common::{bytes, family, recv, send_all, step};
use socket2::{Domain, Socket, Type};

use crate::reply_output::ReplyOutput;
use crate::{arguments::Arguments, connection::Connection, errors::Failure, input::Input};

fn main() -> ExitCode {
    common::run(talk)
}

fn talk(arguments: Arguments) -> Result<ExitCode> {
    arguments.show_steps();

    // Steps 1 and 2, with the first address of the host that answers.
    let socket = addresses::connect_to_any(&arguments.addresses()?, arguments.timeout, connect)?;
    let connection = Connection::new(socket, arguments.timeout)?;

    // Step 3: send and recv.
    let output = ReplyOutput::new();
    let ended = converse(&connection, &arguments, &output);
    output.finish()?;
    errors::explain(ended, &connection)?;

    // Step 4: close.
    let totals = connection.to_string();
    drop(connection);
    step!(4, "close", "{totals}");
    Ok(ExitCode::SUCCESS)
}

fn connect(server: SocketAddr, timeout: Duration) -> io::Result<Socket> {
    // Step 1: socket. The same family and type as the server's.
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
    step!(1, "socket", "{}, SOCK_STREAM (TCP), protocol 0", family(server));

    // Step 2: connect. Returns when the handshake is complete.
    socket.connect_timeout(&server.into(), timeout)?;
    step!(2, "connect", "{server}, from {}", addresses::own_address(&socket, server)?);
    socket.set_tcp_nodelay(true)?; // send small messages at once (NOTES.md#nagle)
    Ok(socket)
}

fn converse(
    connection: &Connection,
    arguments: &Arguments,
    output: &ReplyOutput,
) -> Result<(), Failure> {
    let mut input = Input::new(&arguments.messages, connection, output);
    let mut buffer = vec![0; arguments.buffer_size as usize];

    let message = input.read_message()?.context("can't send: there is no message")?;
    send_all(connection, &message)?;
    step!(3, "send", "{}", bytes(message.len()));

    let reply = recv(connection, &mut buffer)?.context("the server closed without a reply")?;
    step!(3, "recv", "{}", bytes(reply.len()));
    output.show(reply)?;
    Ok(())
}
