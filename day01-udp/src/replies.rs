//! Which datagrams count as replies, and how long the client waits for them.

use std::io::{self, ErrorKind, IsTerminal};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use common::{escaped, quoted, step};
use net_utils::host_addresses;

use crate::datagram::{Datagram, recv_from};

/// Which replies the client waits for, and how long.
pub struct ReplyOptions {
    /// The server's name or address.
    pub host: String,
    /// For the reply to each message.
    pub timeout: Duration,
    /// Whether every host may reply.
    pub broadcast: bool,
    /// The most bytes taken of a reply.
    pub buffer_size: usize,
}

/// A timeout isn't an error here, nor is a report that a datagram couldn't be delivered.
const IGNORED: [ErrorKind; 4] = [
    ErrorKind::WouldBlock,
    ErrorKind::TimedOut,
    ErrorKind::ConnectionReset,
    ErrorKind::ConnectionRefused,
];

/// The wait for the reply to a message, or for all replies to a broadcast.
///
/// UDP doesn't say which message a reply answers, so a reply that arrives after the next message was
/// sent counts as the reply to that one. A program that must know puts a number into each message.
pub struct ReplyWait<'a> {
    pub options: &'a ReplyOptions,
    pub server: SocketAddr,
    deadline: Instant,
    replies: usize,
    suffix: &'static str,
}

impl<'a> ReplyWait<'a> {
    pub fn new(options: &'a ReplyOptions, server: SocketAddr) -> Self {
        let deadline = Instant::now() + options.timeout;
        ReplyWait { options, server, deadline, replies: 0, suffix: "" }
    }

    /// How long to wait for the next datagram. Returns `None` when there's nothing to wait for.
    pub fn time_left(&self) -> Option<Duration> {
        let has_all = self.replies > 0 && !self.options.broadcast;
        let left = self.deadline.saturating_duration_since(Instant::now());
        Some(left).filter(|left| !has_all && !left.is_zero())
    }

    /// Shows a datagram if it's a reply.
    pub fn take(&mut self, received: io::Result<Datagram>) -> Result<()> {
        let datagram = match received {
            Ok(datagram) => datagram,
            Err(error) if IGNORED.contains(&error.kind()) => return Ok(()),
            Err(error) => return Err(error).context("can't receive"),
        };
        if !self.is_reply(datagram.sender) {
            step!(3, "recvfrom", "{datagram}, ignored: not {}", self.server);
            return Ok(());
        }
        step!(3, "recvfrom", "{datagram}{}", self.suffix);
        self.replies += 1;
        print_line(datagram.message)
    }

    /// Whether a datagram from `sender` is a reply. Any program may send to our socket; after a
    /// broadcast, any host may answer from the right port.
    fn is_reply(&self, sender: SocketAddr) -> bool {
        let server = self.server;
        // A datagram to 0.0.0.0 goes to this host, which answers from 127.0.0.1.
        let is_this_host = server.ip().is_unspecified() && sender.ip().is_loopback();
        let is_right_host = sender.ip() == server.ip() || self.options.broadcast || is_this_host;
        sender.port() == server.port() && is_right_host
    }

    /// Ends the wait. Fails if no reply has arrived.
    pub fn end(self, message: &[u8]) -> Result<()> {
        if self.replies > 0 {
            return Ok(());
        }
        let all = host_addresses(&self.options.host).unwrap_or_default();
        let other = all.iter().find(|&&other| other != self.server.ip());
        let other =
            other.map(|other| format!("; the host has another address: try --host {other}"));
        Err(anyhow!(
            "no reply from {} within {} s to {}: no program may be bound to that port, or the \
             datagram or its reply was lost, and UDP doesn't say which; is the server running \
             (cargo run -p day01-udp -- server)?{}",
            self.server,
            self.options.timeout.as_secs_f64(),
            quoted(message),
            other.unwrap_or_default()
        ))
    }
}

/// Shows what has already arrived, so that it isn't taken for the reply to the next message.
#[allow(dead_code, reason = "the starter code does not use it")]
pub fn show_late(socket: &UdpSocket, options: &ReplyOptions, server: SocketAddr) -> Result<()> {
    // The socket gets its port at the first sendto. Without one, nothing can arrive.
    if !socket.local_addr().is_ok_and(|own| own.port() > 0) {
        return Ok(());
    }
    let mut buffer = vec![0; options.buffer_size];
    let mut late = ReplyWait { suffix: ", late", ..ReplyWait::new(options, server) };
    socket.set_nonblocking(true)?;
    // The deadline ends a flood, too.
    while late.deadline > Instant::now() {
        match recv_from(socket, &mut buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            received => late.take(received)?,
        }
    }
    Ok(socket.set_nonblocking(false)?)
}

/// Prints a reply on a line, escaped if it's on a terminal.
fn print_line(reply: &[u8]) -> Result<()> {
    let is_terminal = io::stdout().is_terminal();
    let line = if is_terminal { escaped(reply).into_bytes() } else { reply.to_vec() };
    common::print(&[&line[..], b"\n"].concat())
}
