//! What can go wrong in a look-up, and where a server is to listen.

use std::io;
use std::net::SocketAddr;

use common::quoted;

use crate::port_range::port_ranges;
use crate::protocol::Protocol;

/// A look-up that failed, or an address that no server can be bound to.
///
/// Each is shown as one line: what was tried, what happened, what to do next. A name in it is
/// escaped and cut, whatever the name was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text cannot be the name or the address of any host. Nobody was asked for it.
    #[error("{} cannot be a host: {reason}", quoted(.name.as_bytes()))]
    MalformedHost {
        /// The text.
        name: String,
        /// What is wrong with it, and how to do it right.
        reason: &'static str,
    },

    /// No host has this name, or the one that has it has no address.
    ///
    /// Some systems (macOS) say the same when there is no network.
    #[error(
        "host {} is unknown: neither this system nor its name server has an address for it; {}",
        quoted(.name.as_bytes()),
        look_up_next(.name, "check the spelling and the network")
    )]
    UnknownHost {
        /// The name that was looked up.
        name: String,
    },

    /// Nobody could be asked for the host: no network, or no name server that answers.
    #[error(
        "cannot look up host {}: no name server could answer; {}",
        quoted(.name.as_bytes()),
        look_up_next(.name, "check the network and try again")
    )]
    NoNetwork {
        /// The name that was to be looked up.
        name: String,
    },

    /// The text is neither a port nor the name of a service.
    #[error(
        "{} cannot be a port: {reason}; give a number from 0 to 65535, or the name of a \
         service such as http",
        quoted(.text.as_bytes())
    )]
    MalformedPort {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },

    /// No service of this protocol has this name.
    #[error(
        "service {} is unknown for {protocol}: neither this system nor the list of well-known \
         services has it; check the spelling, or give a port number",
        quoted(.name.as_bytes())
    )]
    UnknownService {
        /// The name that was looked up.
        name: String,
        /// The protocol it was looked up for.
        protocol: Protocol,
    },

    /// No service of this protocol is registered for this port.
    #[error(
        "no service is registered for port {port}/{protocol}: it is {}; a program can use it by \
         its number",
        port_ranges(*.port)
    )]
    UnknownPort {
        /// The port that was looked up.
        port: u16,
        /// The protocol it was looked up for.
        protocol: Protocol,
    },

    /// The text is no IP address, or has a prefix that its IP version does not have.
    #[error("{} cannot be an IP address: {reason}", quoted(.text.as_bytes()))]
    MalformedAddress {
        /// The text.
        text: String,
        /// What is wrong with it, and how to do it right.
        reason: &'static str,
    },

    /// A server cannot be bound to this address, or cannot listen on it.
    #[error("cannot {step} {address}: {cause}: {next}")]
    Bind {
        /// What failed: `create a socket for`, `bind` or `listen on`.
        step: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
        /// What to do next.
        next: String,
    },

    /// The system could not do what it was asked for.
    #[error("cannot {tried}: the system failed: {cause}; try again")]
    System {
        /// What was tried.
        tried: String,
        /// What the system says.
        cause: io::Error,
    },
}

/// What to do about a host that is not found. The name `localhost` stands in a file of the host
/// itself.
fn look_up_next(name: &str, usually: &str) -> String {
    if name.eq_ignore_ascii_case("localhost") {
        format!("add the line `127.0.0.1 localhost` to {HOSTS_FILE}, or give 127.0.0.1")
    } else {
        format!("{usually}, or give a numeric address such as 127.0.0.1")
    }
}

const HOSTS_FILE: &str = if cfg!(windows) {
    r"the hosts file (C:\Windows\System32\drivers\etc\hosts)"
} else {
    "the hosts file (/etc/hosts)"
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_localhost_is_unknown_the_hosts_file_is_named() {
        let explained = |name: &str| {
            let name = name.to_owned();
            [Error::UnknownHost { name: name.clone() }, Error::NoNetwork { name }]
                .map(|error| error.to_string())
        };
        for line in explained("localhost") {
            assert!(line.contains("`127.0.0.1 localhost` to the hosts file"), "{line}");
        }
        for line in explained("example.com") {
            assert!(line.contains("check the") && line.contains("numeric address"), "{line}");
        }
    }
}
