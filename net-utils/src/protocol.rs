//! The protocols that carry services.

use std::fmt;

/// The protocol that carries a service. Each has ports of its own: 53/tcp is not 53/udp.
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
