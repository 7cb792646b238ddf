//! Connects to a host that may have several addresses, of IPv4 and IPv6.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use common::step;
use net_utils::no_way_to;
use socket2::Socket;

/// Connects to each address in turn, with a new socket each time, until a server answers.
pub fn connect_to_any(
    addresses: &[SocketAddr],
    timeout: Duration,
    connect: impl Fn(SocketAddr, Duration) -> io::Result<Socket>,
) -> Result<(Socket, SocketAddr)> {
    let mut failures = Vec::new();
    let mut advice = None;
    for &address in addresses {
        let error = match connect(address, timeout) {
            Ok(socket) => return Ok((socket, address)),
            Err(error) => error,
        };
        let reason = match error.kind() {
            ErrorKind::TimedOut => format!("no answer within {} s", timeout.as_secs_f64()),
            _ => error.to_string(),
        };
        let failure = format!("can't connect to {address}: {reason}");
        if addresses.len() > 1 {
            step!(2, "connect", "{failure}");
        }
        failures.push(failure);
        advice.get_or_insert(next_action(address, &error));
    }
    bail!("{}: {}", failures.join("; "), advice.unwrap_or_default())
}

/// The address that the system chose for this end of the connection.
pub fn own_address(socket: &Socket, server: SocketAddr) -> io::Result<SocketAddr> {
    // If no program listens on the port, the system may choose the same port for this end, and TCP
    // connects the socket to itself (RFC 9293, section 3.5, simultaneous open).
    match socket.local_addr()?.as_socket() {
        Some(own) if own != server => Ok(own),
        _ => Err(io::Error::new(ErrorKind::ConnectionRefused, "the socket reached itself")),
    }
}

fn next_action(server: SocketAddr, error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "the host answers, but no program listens on this port; start the server first \
             (cargo run -p day01-tcp-server), or give another --port"
        }
        ErrorKind::TimedOut => {
            "the host may be off, the address wrong, a firewall in between, or the server's \
             listen queue full; check --host, or wait longer with --timeout"
        }
        ErrorKind::HostUnreachable => {
            "no host answers at this address on its network; check --host, and that the host is on"
        }
        ErrorKind::ConnectionReset => {
            "a program listens there, and closed the connection at once; look at its output"
        }
        _ => no_way_to(server, error),
    }
}
