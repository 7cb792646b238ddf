//! Day 01: a TCP client in four steps (NOTES.md#client). It sends messages and prints the replies.
//! To try it, run `cargo run -p day01-tcp-server` in a second terminal first.

mod addresses; // a host may have several: connect to the first that answers
mod arguments; // the command line
mod connection; // counts bytes, and notices an idle server
mod errors; // what to say when the conversation fails
mod input; // what to send: messages, typed lines, or a file
mod reply_output; // shows the replies and the prompt
mod sender_thread; // sends while the main thread receives

use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;
use std::{io, time::Duration};

use anyhow::Result;
use common::{family, recv, send_all, step};
use socket2::{Domain, Socket, Type};

use crate::{arguments::Arguments, connection::Connection, errors::Failure, input::Input};
use crate::{reply_output::ReplyOutput, sender_thread::SenderThread};

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
    step!(3, "send", "{input}");

    // A second thread sends while this one receives. With one thread, client and server could each
    // wait for the other to receive (NOTES.md#blocking).
    let sender = SenderThread::start(connection, move |connection| {
        while let Some(message) = input.read_piece()? {
            send_all(connection, message)?;
        }
        Ok(connection.shutdown(Shutdown::Write)?) // the server's recv returns 0
    })?;
    while let Some(reply) = recv(connection, &mut buffer)? {
        output.show(reply)?;
    }
    sender.wait(connection, output)
}
