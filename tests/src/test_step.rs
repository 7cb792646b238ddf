//! The steps of a test.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::catalogue::Message;

/// A step of a test. Bytes are shown by [`show`](crate::show).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestStep {
    /// The program or socket.
    pub endpoint: Endpoint,
    /// What the test did with it.
    pub action: Action,
}

/// A program or a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Endpoint {
    /// A program under test, by its index in the report.
    Program(usize),
    /// A socket of the test, by its number.
    Socket(usize),
}

/// What a test did with a program or a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields are enough")]
pub enum Action {
    /// Started the program.
    Start { command: String },
    /// Wrote to its standard input.
    Write { bytes: Message },
    /// Closed its standard input.
    EndInput,
    /// Sent it a signal.
    Signal { name: String },
    /// Connected, as a client.
    Connect { to: SocketAddr },
    /// Accepted a connection, as a server.
    Accept { client: SocketAddr },
    /// Sent on the connection.
    Send { bytes: Message },
    /// Sent on the connection, and received meanwhile.
    Exchange { bytes: Message },
    /// Received from the connection.
    Receive { bytes: Message },
    /// Received all until the end of file.
    ReceiveToEnd { bytes: Message },
    /// Closed the sending half.
    EndSending,
    /// Closed the connection so that the system resets it.
    Reset,
    /// Closed both halves.
    Close,
    /// Sent a datagram.
    SendTo { bytes: Message, to: SocketAddr },
    /// Received a datagram.
    ReceiveFrom { bytes: Message, from: SocketAddr },
}

impl fmt::Display for TestStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Endpoint::Socket(number) = self.endpoint {
            write!(f, "#{number} ")?;
        }
        match &self.action {
            Action::Start { command } => write!(f, "start {command}"),
            Action::Write { bytes } => write!(f, "write {bytes} to standard input"),
            Action::EndInput => f.write_str("close standard input"),
            Action::Signal { name } => write!(f, "send {name}"),
            Action::Connect { to } => write!(f, "connect to {to}"),
            Action::Accept { client } => write!(f, "accept the client {client}"),
            Action::Send { bytes } => write!(f, "send {bytes}"),
            Action::Exchange { bytes } => write!(f, "send {bytes} and receive meanwhile"),
            Action::Receive { bytes } => write!(f, "receive {bytes}"),
            Action::ReceiveToEnd { bytes } => write!(f, "receive {bytes}, then end of file"),
            Action::EndSending => f.write_str("close the sending half"),
            Action::Reset => f.write_str("close with bytes left unreceived: reset"),
            Action::Close => f.write_str("close both halves"),
            Action::SendTo { bytes, to } => write!(f, "send a datagram of {bytes} to {to}"),
            Action::ReceiveFrom { bytes, from } => {
                write!(f, "receive a datagram of {bytes} from {from}")
            }
        }
    }
}
