//! The server: socket, bind, then recvfrom and sendto. One socket serves every client, since
//! each datagram comes with the address of its sender.

use std::net::UdpSocket;
use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{bytes, family, quoted};
use net_utils::bind::{bind_error, take_ipv4_too, who_can_reach};
use socket2::{Domain, Socket, Type};

use crate::arguments::ServerArguments;
use crate::datagram::{allow_the_longest, recv_from};
use crate::{errors, totals};

pub fn serve(arguments: ServerArguments) -> Result<ExitCode> {
    let (steps, address) = (arguments.steps(), arguments.address()?);

    // Step 1: create a socket, for datagrams this time.
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)
        .map_err(|error| bind_error("create a socket for", address, error))?;
    steps.step(1, "socket", format_args!("{}, SOCK_DGRAM (UDP), protocol 0", family(address)));

    // Step 2: bind it to an address of this host.
    allow_the_longest(&socket)?;
    take_ipv4_too(&socket, address)?;
    socket.bind(&address.into()).map_err(|error| bind_error("bind", address, error))?;
    let socket = UdpSocket::from(socket); // std's type of it gives addresses that one can print
    let address = socket.local_addr()?;
    steps.step(2, "bind", address);
    totals::print_on_ctrl_c(steps)?;
    steps.always(format_args!("bound to {address}"));
    steps.note(who_can_reach(address));

    // Steps 3 and 4, for one datagram after the other.
    let mut buffer = vec![0; arguments.buffer_size.into()];
    loop {
        if let Err(error) = answer_one(&socket, &mut buffer, &arguments) {
            errors::report(&error);
        }
    }
}

/// Steps 3 and 4, for one datagram.
fn answer_one(socket: &UdpSocket, buffer: &mut [u8], arguments: &ServerArguments) -> Result<()> {
    let steps = arguments.steps();

    // Step 3: recvfrom. It gives one whole datagram and the address of its sender.
    let datagram = recv_from(socket, buffer).map_err(errors::pause).context("cannot receive")?;
    let (message, client) = (&buffer[..datagram.taken], datagram.sender);
    steps.step(3, "recvfrom", format_args!("{datagram}: {}", quoted(message)));
    totals::received_one();

    // Step 4: sendto, to where the datagram came from.
    let answer = arguments.answer(message);
    let length = bytes(answer.len());
    socket.send_to(answer, client).with_context(|| format!("cannot send {length} to {client}"))?;
    steps.step(4, "sendto", format_args!("{length} to {client}"));
    totals::sent_one();
    Ok(())
}
