//! One socket, as the kernel has it, and the line for it.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use common::bytes;
use net_utils::Protocol;

/// A socket of this host: for TCP one end of a connection, or a listening socket. What a system
/// does not tell is 0, `false` or `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// What carries its data.
    pub protocol: Protocol,
    /// Its state, in the words of RFC 9293, section 3.3.2, as the notes write them; `-` for UDP,
    /// which has none.
    pub state: String,
    /// Its own address.
    pub own: SocketAddr,
    /// The address of the other end, if it has one: a listening socket has none, and a UDP socket
    /// only when it is connected.
    pub other: Option<SocketAddr>,
    /// Of a listening socket: how many connections are in its queue, which no accept has taken.
    pub queue: Option<u32>,
    /// How many may be there: what `listen` was given, as far as the system grants it.
    pub queue_length: Option<u32>,
    /// Whether it is in such a queue itself.
    pub in_queue: bool,
    /// What has come and no recv has taken: bytes; of UDP the bytes of memory that it takes.
    pub to_receive: u32,
    /// Whether a FIN has come, behind these bytes, that no recv has taken.
    pub fin_to_receive: bool,
    /// What was given to send and the other end has not acknowledged, in bytes.
    pub unacknowledged: u32,
    /// Whether its own FIN is not acknowledged.
    pub fin_unacknowledged: bool,
    /// What happens next by itself, and when.
    pub timer: Option<Timer>,
}

/// A timer that runs for a socket.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux tells of them"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// What is not acknowledged is sent again after this time (RFC 6298).
    SendAgain(Duration),
    /// The other end has no room, and is asked again after this time (RFC 9293, section 3.8.6.1).
    AskForRoom(Duration),
    /// The socket is gone after this time.
    Gone(Duration),
}

/// The states in the order of a conversation, from RFC 9293, section 3.3.2.
pub const STATES: [&str; 11] = [
    "LISTEN",
    "SYN-SENT",
    "SYN-RECEIVED",
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "CLOSING",
    "LAST-ACK",
    "TIME-WAIT",
    "CLOSED",
];

impl Socket {
    /// A socket of which nothing more is known yet.
    pub fn new(
        protocol: Protocol,
        state: &str,
        own: SocketAddr,
        other: Option<SocketAddr>,
    ) -> Self {
        Self {
            protocol,
            state: state.to_owned(),
            own,
            other,
            queue: None,
            queue_length: None,
            in_queue: false,
            to_receive: 0,
            fin_to_receive: false,
            unacknowledged: 0,
            fin_unacknowledged: false,
            timer: None,
        }
    }

    /// The ports of its ends.
    pub fn ports(&self) -> impl Iterator<Item = u16> {
        [Some(self.own), self.other].into_iter().flatten().map(|address| address.port())
    }

    /// Its place in a list by what it is: protocol, then state.
    pub fn rank(&self) -> (bool, usize) {
        let state = STATES.iter().position(|&state| state == self.state);
        (self.protocol == Protocol::Udp, state.unwrap_or(STATES.len()))
    }

    /// Its place among sockets of the same rank.
    pub fn place(&self) -> (bool, SocketAddr, Option<SocketAddr>) {
        (self.in_queue, self.own, self.other)
    }

    /// What there is to say besides.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(queue) = self.queue {
            let length = self.queue_length.map(|length| format!(" of length {length}"));
            notes.push(format!("{queue} in the queue{}", length.unwrap_or_default()));
        }
        if self.in_queue {
            notes.push("in the queue".to_owned());
        }
        if let Some(what) = data_and_fin(self.to_receive, self.fin_to_receive) {
            // Linux counts the memory, not the datagrams.
            let memory = if self.protocol == Protocol::Udp { " of memory" } else { "" };
            notes.push(format!("{what}{memory} to receive"));
        }
        if let Some(what) = data_and_fin(self.unacknowledged, self.fin_unacknowledged) {
            notes.push(format!("{what} not acknowledged"));
        }
        match self.timer {
            Some(Timer::SendAgain(time)) => {
                notes.push(format!("sent again in {:.1} s", time.as_secs_f64()));
            }
            Some(Timer::AskForRoom(time)) => {
                notes.push(format!("asks for room in {:.1} s", time.as_secs_f64()));
            }
            Some(Timer::Gone(time)) => {
                notes.push(format!("{} s left", time.as_secs_f64().ceil()));
            }
            None => {}
        }
        notes
    }
}

/// `3 bytes`, `FIN`, `3 bytes and FIN`, or nothing.
fn data_and_fin(data: u32, fin: bool) -> Option<String> {
    match (data, fin) {
        (0, false) => None,
        (0, true) => Some("FIN".to_owned()),
        (data, false) => Some(bytes(data as usize).to_string()),
        (data, true) => Some(format!("{} and FIN", bytes(data as usize))),
    }
}

impl fmt::Display for Socket {
    /// One line. What is aligned stands before the addresses, whose length nobody knows.
    fn fmt(&self, line: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(line, "{} {:<12} {}", self.protocol, self.state, self.own)?;
        if let Some(other) = self.other {
            write!(line, " to {other}")?;
        }
        self.notes().iter().try_for_each(|note| write!(line, ", {note}"))
    }
}
