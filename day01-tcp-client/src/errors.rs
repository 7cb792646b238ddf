//! Why a conversation failed, and what to do next.

use std::io::{self, ErrorKind};

use anyhow::anyhow;

use crate::connection::Connection;

#[derive(Debug)]
pub enum Failure {
    /// send, recv or shutdown failed.
    Connection(io::Error),
    /// The server closed the connection before the input ended.
    ClosedFirst,
    /// Standard input, standard output or the system failed.
    Local(anyhow::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Connection(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Failure::Local(error)
    }
}

/// Explains how a conversation failed: what happened, how far it had got, and what to do next.
pub fn explain(ended: Result<(), Failure>, connection: &Connection) -> anyhow::Result<()> {
    let server = connection.server();
    let error = match ended {
        Ok(()) => return Ok(()),
        Err(Failure::Local(error)) => return Err(error),
        Err(Failure::ClosedFirst) => {
            return Err(anyhow!(
                "the server {server} closed the connection first: {connection}, and the input had \
                 not ended; look at the server's output (the starter code closes after one \
                 message)"
            ));
        }
        // The system says "not connected", which is true only since the connection was closed.
        Err(Failure::Connection(error)) if error.kind() == ErrorKind::NotConnected => {
            io::Error::new(ErrorKind::NotConnected, "it is closed already")
        }
        Err(Failure::Connection(error)) => error,
    };
    let next = match error.kind() {
        ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            "its host no longer answers; check the network, then start again"
        }
        _ => {
            "the server closed or reset it before it had received everything; look at the server's \
             output, then start again"
        }
    };
    Err(anyhow!("the connection to {server} broke: {error}: {connection}; {next}"))
}
