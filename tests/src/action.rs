//! What a test did, one action after the other.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Something that a test did, or that came when it asked for it. Bytes are as
/// [`show`](crate::show) shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// With which program or socket.
    pub with: With,
    /// What it did.
    pub did: Did,
}

/// What a test acts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum With {
    /// A program under test, by its place among those of the report.
    Program(usize),
    /// A socket of the test, by its number.
    Socket(usize),
}

/// What a test did with a program or a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub enum Did {
    /// Started the program.
    Start { command: String },
    /// Wrote to its standard input.
    Write { bytes: String },
    /// Closed its standard input.
    EndInput,
    /// Sent it a signal.
    Signal { name: String },
    /// Connected, as a client.
    Connect { to: SocketAddr },
    /// Accepted a connection, as a server.
    Accept { client: SocketAddr },
    /// Sent on the connection.
    Send { bytes: String },
    /// Sent on the connection, and received meanwhile.
    Exchange { bytes: String },
    /// Received from the connection.
    Receive { bytes: String },
    /// Received all until the end of file.
    ReceiveToEnd { bytes: String },
    /// Closed the sending half.
    EndSending,
    /// Closed the connection so that the system resets it.
    Reset,
    /// Closed both halves.
    Close,
    /// Sent a datagram.
    SendTo { bytes: String, to: SocketAddr },
    /// Received a datagram.
    ReceiveFrom { bytes: String, from: SocketAddr },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let With::Socket(number) = self.with {
            write!(f, "#{number} ")?;
        }
        match &self.did {
            Did::Start { command } => write!(f, "start {command}"),
            Did::Write { bytes } => write!(f, "write {bytes} to standard input"),
            Did::EndInput => f.write_str("close standard input"),
            Did::Signal { name } => write!(f, "send {name}"),
            Did::Connect { to } => write!(f, "connect to {to}"),
            Did::Accept { client } => write!(f, "accept the client {client}"),
            Did::Send { bytes } => write!(f, "send {bytes}"),
            Did::Exchange { bytes } => write!(f, "send {bytes} and receive meanwhile"),
            Did::Receive { bytes } => write!(f, "receive {bytes}"),
            Did::ReceiveToEnd { bytes } => write!(f, "receive {bytes}, then end of file"),
            Did::EndSending => f.write_str("close the sending half"),
            Did::Reset => f.write_str("close with bytes left unreceived: reset"),
            Did::Close => f.write_str("close both halves"),
            Did::SendTo { bytes, to } => write!(f, "send a datagram of {bytes} to {to}"),
            Did::ReceiveFrom { bytes, from } => {
                write!(f, "receive a datagram of {bytes} from {from}")
            }
        }
    }
}
