//! The error type of this library.

use std::io;
use std::net::SocketAddr;

use common::quoted;

use crate::port_ranges::port_ranges;
use crate::protocol::Protocol;

/// A failed look-up, or an address that a server can't bind.
///
/// The message is one line: what was tried, what happened, what to do next. Names in it are escaped
/// and truncated.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the names of the fields say what they are")]
#[non_exhaustive]
pub enum Error {
    /// Not a valid host name or address. No look-up was made.
    #[error("{} isn't a valid host: {reason}", quoted(.name.as_bytes()))]
    MalformedHost { name: String, reason: &'static str },

    /// No host has this name, or the host has no address. macOS reports a missing network like this
    /// too.
    #[error(
        "host {} is unknown: neither this system nor its name server has an address for it; {}",
        quoted(.name.as_bytes()),
        look_up_next(.name, "check the spelling and the network")
    )]
    UnknownHost { name: String },

    /// There is no network, or no name server replies.
    #[error(
        "can't look up host {}: no name server replied; {}",
        quoted(.name.as_bytes()),
        look_up_next(.name, "check the network and try again")
    )]
    NoNetwork { name: String },

    /// Neither a port number nor a valid name of a service.
    #[error(
        "{} isn't a port: {reason}; give a number from 0 to 65535, or the name of a \
         service such as http",
        quoted(.text.as_bytes())
    )]
    MalformedPort { text: String, reason: &'static str },

    /// No service of this protocol has this name.
    #[error(
        "service {} is unknown for {protocol}: neither this system nor the list of well-known \
         services has it; check the spelling, or give a port number",
        quoted(.name.as_bytes())
    )]
    UnknownService { name: String, protocol: Protocol },

    /// No service of this protocol is registered for this port.
    #[error(
        "no service is registered for port {port}/{protocol}: it is {}; programs can still use the \
         number",
        port_ranges(*.port)
    )]
    UnknownPort { port: u16, protocol: Protocol },

    /// Not an IP address, or its prefix is out of range.
    #[error("{} isn't an IP address: {reason}", quoted(.text.as_bytes()))]
    MalformedAddress { text: String, reason: &'static str },

    /// A server can't bind this address or listen on it. `step` is what failed: `create a socket for`,
    /// `bind` or `listen on`.
    #[error("can't {step} {address}: {cause}: {next}")]
    Bind { step: &'static str, address: SocketAddr, cause: io::Error, next: String },

    /// A call failed for another reason.
    #[error("can't {tried}: {cause}; try again")]
    System { tried: String, cause: io::Error },
}

/// What to do when a host isn't found. `localhost` should be in the hosts file.
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
    fn the_error_for_an_unknown_localhost_names_the_hosts_file() {
        for (name, texts) in [
            ("localhost", ["`127.0.0.1 localhost` to the hosts file", ""]),
            ("example.com", ["check the", "numeric address"]),
        ] {
            let name = name.to_owned();
            for error in [Error::UnknownHost { name: name.clone() }, Error::NoNetwork { name }] {
                let line = error.to_string();
                assert!(texts.iter().all(|text| line.contains(text)), "{line}");
            }
        }
    }
}
