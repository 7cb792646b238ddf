//! The server: socket, bind, then recvfrom and sendto. One socket serves every client, since each
//! datagram carries the address of its sender.

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{announce, bytes, end_on_ctrl_c, family, quoted, step};
use net_utils::{Explain, accept_ipv4_too, who_can_reach};
use socket2::{Domain, Socket, Type};

use crate::datagram::{allow_longest, recv_from};
use crate::{datagram_totals, errors};

pub fn serve(address: SocketAddr, buffer_size: usize, reply: Option<String>) -> Result<ExitCode> {
    // Step 1: socket. A datagram socket (SOCK_DGRAM) with the default protocol (0) is UDP.
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)
        .explain("create a socket for", address)?;
    step!(1, "socket", "{}, SOCK_DGRAM (UDP), protocol 0", family(address));

    // Step 2: bind. Give the socket the address where clients find it.
    allow_longest(&socket)?;
    accept_ipv4_too(&socket, address)?;
    socket.bind(&address.into()).explain("bind", address)?;
    let socket = UdpSocket::from(socket); // the standard library's type has recv_from and send_to
    let address = socket.local_addr()?;
    step!(2, "bind", "{address}");
    end_on_ctrl_c(datagram_totals::print)?;
    announce(&format!("bound to {address}"), &who_can_reach(address));

    // One datagram after another, from any client.
    let mut buffer = vec![0; buffer_size];
    loop {
        if let Err(error) = answer_one(&socket, &mut buffer, reply.as_deref()) {
            errors::report(&error);
        }
    }
}

fn answer_one(socket: &UdpSocket, buffer: &mut [u8], reply: Option<&str>) -> Result<()> {
    // Step 3: recvfrom. It returns a whole datagram and the address of its sender.
    let datagram = recv_from(socket, buffer).map_err(errors::recvfrom_failed)?;
    let (message, client) = (datagram.message, datagram.sender);
    step!(3, "recvfrom", "{datagram}: {}", quoted(message));
    datagram_totals::received_one();

    // Step 4: sendto. Send the answer to that address.
    let answer = reply.map_or(message, str::as_bytes);
    let length = bytes(answer.len());
    socket.send_to(answer, client).with_context(|| format!("can't send {length} to {client}"))?;
    step!(4, "sendto", "{length} to {client}");
    datagram_totals::sent_one();
    Ok(())
}
