//! The client: socket, then sendto and recvfrom. Every message is one datagram; none is
//! promised to arrive, so the client waits for a reply only so long.

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use anyhow::Result;
use common::{bytes, family, quoted};
use net_utils::bind::bind_error;
use socket2::{Domain, Socket, Type};

use crate::arguments::ClientArguments;
use crate::datagram::{allow_the_longest, check_length, recv_from};
use crate::errors;
use crate::input::Input;
use crate::replies::{self, Wait};

pub fn talk(arguments: ClientArguments) -> Result<ExitCode> {
    let (steps, server) = (arguments.steps(), arguments.server()?);

    // Step 1: create a socket of the server's family, for datagrams. There is no bind: the
    // system gives it an address and a port of its own at the first sendto.
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, None)
        .map_err(|error| bind_error("create a socket for", server, error))?;
    allow_the_longest(&socket)?;
    socket.set_broadcast(arguments.broadcast)?;
    let socket = UdpSocket::from(socket); // std's type of it gives addresses that one can print
    steps.step(1, "socket", format_args!("{}, SOCK_DGRAM (UDP), protocol 0", family(server)));

    // Steps 2 and 3, for one message after the other.
    let (mut input, mut status) = (Input::new(&arguments), ExitCode::SUCCESS);
    let mut buffer = vec![0; arguments.buffer_size.into()];
    while let Some(message) = input.next_message()? {
        // What is here already is no reply to this message.
        replies::show_late_ones(&socket, &mut buffer, &arguments, server)?;
        if let Err(error) = exchange(&socket, &message, &mut buffer, server, &arguments) {
            errors::client_goes_on(error)?;
            status = ExitCode::FAILURE;
        }
    }

    // Step 4: close.
    drop(socket);
    steps.step(4, "close", "nobody is told: there was no connection");
    Ok(status)
}

/// Steps 2 and 3, for one message.
fn exchange(
    socket: &UdpSocket,
    message: &[u8],
    buffer: &mut [u8],
    server: SocketAddr,
    arguments: &ClientArguments,
) -> Result<()> {
    let (steps, length) = (arguments.steps(), message.len());

    // Step 2: sendto. The system takes a datagram whole or not at all.
    check_length(message, server)?;
    socket.send_to(message, server).map_err(|error| errors::of_sendto(length, server, &error))?;
    steps.step(2, "sendto", format_args!("{} to {server}: {}", bytes(length), quoted(message)));

    // Step 3: recvfrom, until the reply has come or the time is up.
    let mut wait = Wait::new(arguments, server);
    while let Some(left) = wait.time_left() {
        socket.set_read_timeout(Some(left))?;
        let came = recv_from(socket, buffer);
        wait.take(came, buffer)?;
    }
    wait.end(message)
}
