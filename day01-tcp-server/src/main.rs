//! Day 01: a TCP server, in the six steps of the notes (NOTES.md#server).
//! It sends back what it receives, to one client after the other. Try it with two terminals:
//! `cargo run -p day01-tcp-server` in one, `cargo run -p day01-tcp-client` in the other.

mod arguments; // the command line
mod errors;
mod threads; // --clients: several clients at the same time
mod totals; // what was received and sent // what to do when accept, recv or send fails

use std::io::Read;
use std::process::ExitCode;

use anyhow::Result;
use common::{bytes, family, quoted, uninterrupted};
use net_utils::bind::{bind_error, take_ipv4_too, who_can_reach};
use socket2::{Domain, Socket, Type};

use crate::arguments::Arguments;
use crate::threads::Threads;
use crate::totals::Client;

fn main() -> ExitCode {
    common::run(serve)
}

/// Steps 1 to 3, then the others for each client.
fn serve(arguments: Arguments) -> Result<ExitCode> {
    let (steps, address) = (arguments.steps(), arguments.address()?);

    // Step 1: create a socket: its family, its type (a stream), and no protocol (0), which is TCP.
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)
        .map_err(|error| bind_error("create a socket for", address, error))?;
    steps.step(1, "socket", format_args!("{}, SOCK_STREAM (TCP), protocol 0", family(address)));

    // Step 2: bind it to an address of this host, even if TIME_WAIT keeps the port a while.
    listener.set_reuse_address(cfg!(unix))?;
    take_ipv4_too(&listener, address)?;
    listener.bind(&address.into()).map_err(|error| bind_error("bind", address, error))?;
    let address = listener.local_addr()?.as_socket().unwrap_or(address);
    steps.step(2, "bind", address);
    totals::print_on_ctrl_c(steps)?;

    // Step 3: make it a listening socket, with a queue for clients to wait in.
    listener.listen(arguments.backlog).map_err(|error| bind_error("listen on", address, error))?;
    steps.step(3, "listen", format_args!("queue length {}", arguments.backlog));
    steps.always(format_args!("listening on {address}"));
    steps.note(who_can_reach(address));

    // Steps 4 to 6, for one client after the other: the outer loop.
    threads::run(arguments.clients, move |threads| {
        loop {
            serve_client(&listener, &arguments, threads);
        }
    })
}

/// Steps 4 to 6, for one client.
fn serve_client(listener: &Socket, arguments: &Arguments, threads: &Threads) {
    let steps = arguments.steps();
    // Step 4: wait for a client, and take its connection out of the queue.
    let turn = threads.wait_for_turn();
    steps.step(4, "accept", "waiting for a client (Ctrl-C ends the server)");
    let (mut connection, mut client) = errors::keep_trying(|| listener.accept());
    steps.step(4, "accept", format_args!("client {client} connected"));
    drop(turn);

    // Step 5: receive and send.
    if let Err(error) = converse(&mut connection, arguments, &mut client) {
        steps.step(5, "lost", errors::of_connection(&client, &error));
    }

    // Step 6: close the connection. The listening socket stays open for the next client.
    drop(connection);
    steps.step(6, "close", client.totals());
}

/// Step 5, for as long as the client sends: the inner loop.
fn converse(connection: &mut Socket, arguments: &Arguments, client: &mut Client) -> Result<()> {
    let (steps, mut buffer) = (arguments.steps(), vec![0; arguments.buffer_size as usize]);
    arguments.apply_to(connection)?;

    // The system's recv gives 1 byte or more, and 0 only when the client sends no more.
    while let received @ 1.. = uninterrupted(|| connection.read(&mut buffer))? {
        let (message, length) = (&buffer[..received], bytes(received));
        steps.step(5, "recv", format_args!("{length} from {client}: {}", quoted(message)));
        client.received(received);
        let mut answer = arguments.answer(message);
        while !answer.is_empty() {
            let sent = uninterrupted(|| connection.send(answer))?; // perhaps a part only
            steps.step(5, "send", format_args!("{} to {client}", bytes(sent)));
            client.sent(sent);
            answer = &answer[sent..];
        }
    }
    steps.step(5, "recv", format_args!("0 bytes: {client} sends no more"));
    Ok(())
}
