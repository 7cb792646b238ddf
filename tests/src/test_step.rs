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
#[expect(missing_docs, reason = "`Display` describes them")]
pub enum Action {
    Start { command: String },
    Write { bytes: Message },
    EndInput,
    Signal { name: String },
    Connect { to: SocketAddr },
    Accept { client: SocketAddr },
    Send { bytes: Message },
    Exchange { bytes: Message },
    Receive { bytes: Message },
    ReceiveToEnd { bytes: Message },
    EndSending,
    Pause { seconds: String },
    Reset,
    Close,
    SendTo { bytes: Message, to: SocketAddr },
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
            Action::Pause { seconds } => write!(f, "send nothing for {seconds} s"),
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
