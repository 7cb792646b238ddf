//! The programs on the two hosts: the lesson's steps, and nothing else.
//!
//! They are `async` so that both can wait in one thread while the simulated clock moves on:
//! where a real call blocks, these `.await`.

use smoltcp::time::Duration;

use crate::events::{Failure, SERVER};
use crate::hosts::Host;
use crate::sockets::WINDOW;

/// How long the UDP client waits for an answer: as long as `day01-udp client` does.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// The six steps of a TCP server. It sends back what it receives; a hasty one takes a byte, and
/// closes.
pub async fn tcp_server(host: &Host<'_>, hasty: bool) -> Result<(), Failure> {
    // 1 socket, 2 bind, 3 listen
    let listener = host.tcp_socket();
    listener.bind();
    listener.listen();
    // 4 accept
    let connection = listener.accept().await?;
    // 5 recv and send, until the client sends no more
    if hasty {
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

/// The four steps of a TCP client. It sends all its messages and no more, and takes what comes
/// until the server sends no more, either. A person who types waits for each answer.
pub async fn tcp_client(host: &Host<'_>, messages: &[Vec<u8>], typed: bool) -> Result<(), Failure> {
    // 1 socket, 2 connect
    let socket = host.tcp_socket();
    socket.connect().await?;
    // 3 send and recv
    for message in messages {
        socket.send(message);
        // A stream knows no messages: the answer may come in pieces.
        let mut missing = if typed { message.len() } else { 0 };
        while missing > 0 {
            match socket.recv(WINDOW).await?.len() {
                0 => break,
                came => missing -= came.min(missing),
            }
        }
    }
    socket.shutdown();
    while !socket.recv(WINDOW).await?.is_empty() {}
    // 4 close
    socket.close();
    Ok(())
}

/// A UDP server. It answers for ever: nobody tells it that a client has left.
pub async fn udp_server(host: &Host<'_>) -> Result<(), Failure> {
    // 1 socket, 2 bind
    let socket = host.udp_socket();
    socket.bind();
    // 3 recvfrom, 4 sendto
    loop {
        // Without a time-out there is always a datagram in the end.
        if let Ok((data, from)) = socket.recvfrom(None).await {
            socket.sendto(&data, from);
        }
    }
}

/// A UDP client. It waits a while for the answer to a message, and then sends the next one.
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
    // 2 sendto, 3 recvfrom; behind connect the calls have the names and numbers that TCP's have
    for message in messages {
        socket.sendto(message, SERVER);
        // The picture says what came of it, and the next message may fare better.
        _ = socket.recvfrom(Some(REPLY_TIMEOUT)).await;
    }
    // 4 close
    socket.close();
    Ok(())
}
