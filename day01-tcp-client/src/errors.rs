//! Why a conversation broke, and what to do next.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use anyhow::anyhow;

use crate::progress::Progress;

/// Why not everything was sent, or not everything received and shown.
#[derive(Debug)]
pub enum Trouble {
    /// send, recv or shutdown has failed.
    Connection(io::Error),
    /// The server has closed the connection while there was more to come.
    ClosedFirst,
    /// Standard input or output, or another part of the system: what to say of it.
    Here(anyhow::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Trouble::Connection(error)
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Trouble::Here(error)
    }
}

impl Trouble {
    /// What happened, how far it had got until then, and what to do next.
    pub fn explain(self, server: SocketAddr, progress: &Progress) -> anyhow::Error {
        let error = match self {
            Trouble::Here(error) => return error,
            Trouble::ClosedFirst => {
                return anyhow!(
                    "the server {server} closed the connection first: {progress}, and the input \
                     had not ended; look at the server's own output (a server without a loop \
                     closes after one message)"
                );
            }
            // The system's words for this one are about a socket that was never connected.
            Trouble::Connection(error) if error.kind() == ErrorKind::NotConnected => {
                io::Error::new(ErrorKind::NotConnected, "it is closed already")
            }
            Trouble::Connection(error) => error,
        };
        let next = match error.kind() {
            ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                "its host does not answer any more; check the network, then start again"
            }
            _ => {
                "the server closed or reset it before it had taken everything; look at the \
                 server's own output, then start again"
            }
        };
        anyhow!("the connection to {server} broke: {error}: {progress}; {next}")
    }
}
