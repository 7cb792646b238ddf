//! What the client takes for a reply, how long it waits for one, and how it shows it.

use std::io::{self, ErrorKind, IsTerminal};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use common::{TerminalText, quoted};

use crate::arguments::ClientArguments;
use crate::datagram::{Datagram, recv_from};

/// The wait for the reply to a message, or after a broadcast for the replies of all.
///
/// A reply that comes still later, after the next message was sent, is taken for the reply to
/// that one. UDP does not tell which message a reply answers. A program that must know puts a
/// number in each message.
pub struct Wait<'a> {
    arguments: &'a ClientArguments,
    server: SocketAddr,
    deadline: Instant,
    replies: usize,
    when: &'static str,
}

impl<'a> Wait<'a> {
    /// Begins to wait.
    pub fn new(arguments: &'a ClientArguments, server: SocketAddr) -> Self {
        let deadline = Instant::now() + arguments.timeout;
        Wait { arguments, server, deadline, replies: 0, when: "" }
    }

    /// How long to wait on, or `None` when the reply has come or the time is up.
    pub fn time_left(&self) -> Option<Duration> {
        let enough = self.replies > 0 && !self.arguments.broadcast;
        let left = self.deadline.saturating_duration_since(Instant::now());
        Some(left).filter(|left| !enough && !left.is_zero())
    }

    /// Shows a datagram that has come if it is a reply. That none has come is no failure here.
    pub fn take(&mut self, came: io::Result<Datagram>, buffer: &[u8]) -> Result<()> {
        let datagram = match came {
            Ok(datagram) => datagram,
            // The time is up, or the system tells that a datagram could not be delivered.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock
                        | ErrorKind::TimedOut
                        | ErrorKind::ConnectionReset
                        | ErrorKind::ConnectionRefused
                ) =>
            {
                return Ok(());
            }
            Err(error) => return Err(error).context("cannot receive"),
        };
        let (steps, server) = (self.arguments.steps(), self.server);
        if !self.is_reply(datagram.sender) {
            steps.step(3, "recvfrom", format_args!("{datagram}, ignored: not {server}"));
            return Ok(());
        }
        steps.step(3, "recvfrom", format_args!("{datagram}{}", self.when));
        self.replies += 1;
        print_line(&buffer[..datagram.taken])
    }

    /// Whether a datagram from `sender` answers one that was sent to the server. Anybody can send
    /// to our socket; after a broadcast, anybody with the right port may.
    fn is_reply(&self, sender: SocketAddr) -> bool {
        let server = self.server;
        // 0.0.0.0 as a destination is this host, which answers from 127.0.0.1.
        let this_host = server.ip().is_unspecified() && sender.ip().is_loopback();
        let right_host = sender.ip() == server.ip() || self.arguments.broadcast || this_host;
        sender.port() == server.port() && right_host
    }

    /// Fails if no reply has come to the message.
    pub fn end(self, message: &[u8]) -> Result<()> {
        if self.replies > 0 {
            return Ok(());
        }
        let others = match &self.arguments.other_addresses(self.server)[..] {
            [] => String::new(),
            [other, ..] => format!("; its name has another address as well: --host {other}"),
        };
        Err(anyhow!(
            "no reply from {} within {} s to {}: no program may be bound to that port, or the \
             datagram or its reply was lost, and UDP does not tell which; is the server running \
             (cargo run -p day01-udp -- server)?{others}",
            self.server,
            self.arguments.timeout.as_secs_f64(),
            quoted(message)
        ))
    }
}

/// Shows what is here already, and so is no reply to the next message: replies that were late,
/// and second copies.
pub fn show_late_ones(
    socket: &UdpSocket,
    buffer: &mut [u8],
    arguments: &ClientArguments,
    server: SocketAddr,
) -> Result<()> {
    // Before the first sendto the socket has no port that somebody could send to.
    if !socket.local_addr().is_ok_and(|own| own.port() > 0) {
        return Ok(());
    }
    let mut late = Wait { when: ", late", ..Wait::new(arguments, server) };
    socket.set_nonblocking(true)?;
    // A flood ends with the time, too.
    while late.deadline > Instant::now() {
        match recv_from(socket, buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            came => late.take(came, buffer)?,
        }
    }
    Ok(socket.set_nonblocking(false)?)
}

/// Prints a reply on a line: to a terminal escaped, elsewhere as it is.
fn print_line(reply: &[u8]) -> Result<()> {
    let mut line = reply.to_vec();
    if io::stdout().is_terminal() {
        let mut text = TerminalText::default();
        line = (text.show(reply) + &text.finish()).into_bytes();
    }
    line.push(b'\n');
    common::print(&line)
}
