//! The transport protocols.

use std::fmt;

/// The transport protocol of a service. Each has its own ports: 53/tcp isn't 53/udp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Connections: `SOCK_STREAM`.
    Tcp,
    /// Datagrams: `SOCK_DGRAM`.
    Udp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        })
    }
}
