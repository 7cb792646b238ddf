//! The programs on the two hosts: the steps of the lesson. Start reading here.
//!
//! They are `async` so that both can run in one thread with a simulated clock: where a real call
//! blocks, these `.await`.

use smoltcp::time::Duration;

use crate::exchange::{Failure, SERVER};
use crate::simulated_hosts::Host;
use crate::simulated_sockets::WINDOW;

/// How long the UDP client waits for a reply, as `day01-udp client` does.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// The six steps of a TCP server. It sends back what it receives, or `closes_early`: after one byte.
pub async fn tcp_server(host: &Host<'_>, closes_early: bool) -> Result<(), Failure> {
    // 1 socket, 2 bind, 3 listen
    let listener = host.tcp_socket();
    listener.bind();
    listener.listen();
    // 4 accept
    let connection = listener.accept().await?;
    // 5 recv and send, until the client has sent everything
    if closes_early {
        connection.recv(1).await?;
    } else {
        loop {
            let data = connection.recv(WINDOW).await?;
            if data.is_empty() {
                break;
            }
            connection.send(&data);
        }
    }
    // 6 close
    connection.close();
    Ok(())
}

/// The four steps of a TCP client. It sends all messages, and receives until the server closes. If
/// `typed`, it waits for the reply to each message.
pub async fn tcp_client(host: &Host<'_>, messages: &[Vec<u8>], typed: bool) -> Result<(), Failure> {
    // 1 socket, 2 connect
    let socket = host.tcp_socket();
    socket.connect().await?;
    // 3 send and recv
    for message in messages {
        socket.send(message);
        // A stream has no message boundaries: the reply may arrive in pieces.
        let mut missing = if typed { message.len() } else { 0 };
        while missing > 0 {
            match socket.recv(WINDOW).await?.len() {
                0 => break,
                received => missing -= received.min(missing),
            }
        }
    }
    socket.shutdown();
    while !socket.recv(WINDOW).await?.is_empty() {}
    // 4 close
    socket.close();
    Ok(())
}

/// A UDP server. It never ends: it can't know that a client has.
pub async fn udp_server(host: &Host<'_>) -> Result<(), Failure> {
    // 1 socket, 2 bind
    let socket = host.udp_socket();
    socket.bind();
    // 3 recvfrom, 4 sendto
    loop {
        // Without a timeout, it always returns a datagram.
        if let Ok((data, from)) = socket.recvfrom(None).await {
            socket.sendto(&data, from);
        }
    }
}

/// A UDP client. It waits for the reply to a message until a timeout, then sends the next one.
pub async fn udp_client(
    host: &Host<'_>,
    messages: &[Vec<u8>],
    connects: bool,
) -> Result<(), Failure> {
    // 1 socket
    let mut socket = host.udp_socket();
    if connects {
        socket.connect();
    }
    // 2 sendto, 3 recvfrom (after connect: 3 send, 3 recv)
    for message in messages {
        socket.sendto(message, SERVER);
        // The diagram shows an error, and the next message may succeed.
        _ = socket.recvfrom(Some(REPLY_TIMEOUT)).await;
    }
    // 4 close
    socket.close();
    Ok(())
}
