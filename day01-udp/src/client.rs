//! The client: socket, then sendto and recvfrom. Each message is one datagram. It may be lost, so the
//! wait for the reply has a limit.

use std::ffi::OsString;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use anyhow::Result;
use common::{bytes, family, quoted, step};
use net_utils::Explain;
use socket2::{Domain, Socket, Type};

use crate::datagram::{allow_longest, check_length, recv_from};
use crate::errors::{report_unless_broken_pipe, sendto_failed};
use crate::message_input::Input;
use crate::replies::{ReplyOptions, ReplyWait, show_late};

pub fn talk(server: SocketAddr, messages: &[OsString], replies: &ReplyOptions) -> Result<ExitCode> {
    // Step 1: socket. There's no bind: the system gives the socket a port at the first sendto.
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, None)
        .explain("create a socket for", server)?;
    allow_longest(&socket)?;
    socket.set_broadcast(replies.broadcast)?;
    let socket = UdpSocket::from(socket); // the standard library's type has recv_from and send_to
    step!(1, "socket", "{}, SOCK_DGRAM (UDP), protocol 0", family(server));

    // Steps 2 and 3, for one message after another.
    let (mut input, mut status) = (Input::new(messages), ExitCode::SUCCESS);
    while let Some(message) = input.read_message()? {
        show_late(&socket, replies, server)?;
        if let Err(error) = exchange(&socket, &message, ReplyWait::new(replies, server)) {
            report_unless_broken_pipe(error)?;
            status = ExitCode::FAILURE;
        }
    }

    // Step 4: close.
    drop(socket);
    step!(4, "close", "no packet is sent: there was no connection");
    Ok(status)
}

fn exchange(socket: &UdpSocket, message: &[u8], mut wait: ReplyWait) -> Result<()> {
    // Step 2: sendto. The system takes a datagram whole or not at all.
    let server = wait.server;
    check_length(message, server)?;
    socket.send_to(message, server).map_err(|error| sendto_failed(message, server, &error))?;
    step!(2, "sendto", "{} to {server}: {}", bytes(message.len()), quoted(message));

    // Step 3: recvfrom. The reply may be lost, so the wait has a limit.
    let mut buffer = vec![0; wait.options.buffer_size];
    while let Some(time) = wait.time_left() {
        socket.set_read_timeout(Some(time))?;
        wait.take(recv_from(socket, &mut buffer))?;
    }
    wait.end(message)
}
