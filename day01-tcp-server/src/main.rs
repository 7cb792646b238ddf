//! Day 01: a TCP server in six steps (NOTES.md#server). It sends back what its clients send.
//! To try it, run `cargo run -p day01-tcp-client` in a second terminal.

mod arguments; // the command line
mod client_threads; // --clients: several clients at the same time
mod client_totals; // how much was received and sent
mod errors; // what to do when a call fails

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use common::{announce, bytes, end_on_ctrl_c, family, quoted, recv, send_all, step};
use net_utils::{Explain, accept_ipv4_too, who_can_reach};
use socket2::{Domain, Socket, Type};

use crate::{arguments::Arguments, client_threads::ClientThreads, client_totals::Client};

fn main() -> ExitCode {
    common::run(serve)
}

fn serve(arguments: Arguments) -> Result<ExitCode> {
    arguments.show_steps();
    let address = arguments.address()?;

    // Step 1: socket. A stream (SOCK_STREAM) with the default protocol (0) is TCP.
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)
        .explain("create a socket for", address)?;
    step!(1, "socket", "{}, SOCK_STREAM (TCP), protocol 0", family(address));

    // Step 2: bind. Give the socket the address where clients find it.
    listener.set_reuse_address(cfg!(unix))?; // even if TIME_WAIT still holds the port
    accept_ipv4_too(&listener, address)?;
    listener.bind(&address.into()).explain("bind", address)?;
    let address = listener.local_addr()?.as_socket().unwrap_or(address);
    step!(2, "bind", "{address}");
    end_on_ctrl_c(client_totals::print)?;

    // Step 3: listen. From now on clients can connect, and wait in a queue.
    listener.listen(arguments.backlog).explain("listen on", address)?;
    step!(3, "listen", "queue length {}", arguments.backlog);
    announce(&format!("listening on {address}"), &who_can_reach(address));

    // The outer loop: one client after another.
    let mut threads = ClientThreads::new(arguments.clients);
    loop {
        // Step 4: accept. Take a client from the queue, or wait for one.
        let thread = threads.wait_for_free();
        step!(4, "accept", "waiting for a client (Ctrl-C ends the server)");
        let (connection, client) = errors::retry(|| listener.accept());
        step!(4, "accept", "client {client} connected");

        let arguments = arguments.clone();
        thread.serve(move || serve_client(connection, client, &arguments));
    }
}

fn serve_client(connection: Socket, mut client: Client, arguments: &Arguments) {
    if let Err(error) = converse(&connection, &mut client, arguments) {
        step!(5, "lost", "{}", errors::connection_lost(&client, &error));
    }

    // Step 6: close. The listening socket stays open for the next client.
    drop(connection);
    step!(6, "close", "{}", client.totals());
}

fn converse(connection: &Socket, client: &mut Client, arguments: &Arguments) -> io::Result<()> {
    arguments.apply_to(connection)?;
    let mut buffer = vec![0; arguments.buffer_size as usize];

    // Step 5: recv and send. The inner loop: until the client closes its sending half.
    while let Some(message) = recv(connection, &mut buffer)? {
        step!(5, "recv", "{} from {client}: {}", bytes(message.len()), quoted(message));
        client.received(message.len());

        let answer = arguments.answer(message);
        send_all(connection, answer)?;
        step!(5, "send", "{} to {client}", bytes(answer.len()));
        client.sent(answer.len());
    }
    step!(5, "recv", "0 bytes: {client} sends no more");
    Ok(())
}
