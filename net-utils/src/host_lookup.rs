//! Looks up the name of this host, and the addresses of any host.

use std::collections::HashSet;
use std::hash::Hash;
use std::io;
use std::net::{IpAddr, SocketAddr};

use dns_lookup::{AddrInfo, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};
#[cfg(unix)]
use libc::AI_NUMERICHOST;

use common::quoted;

use crate::error::Error;
use crate::host_syntax::{HostSyntax, host_syntax};
use crate::port::Port;
use crate::protocol::Protocol;
use crate::service_lookup::service_port;

// The value in ws2def.h of the Windows SDK.
#[cfg(windows)]
const AI_NUMERICHOST: i32 = 0x04;

/// The name that this host has for itself. Other hosts may know it by a different name, or by none.
///
/// # Errors
///
/// [`Error::System`] if the call fails, or if the name isn't UTF-8.
///
/// ```
/// println!("this is {}", net_utils::host_name()?);
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias("gethostname", "hostname"))]
pub fn host_name() -> Result<String, Error> {
    dns_lookup::get_hostname()
        .map_err(|cause| Error::System { tried: "get the name of this host".to_owned(), cause })
}

/// The addresses of a host, by its name or an address: at least one, IPv4 first, without duplicates.
///
/// A numeric address is returned without a look-up. For a name, the system decides where to look
/// (on Unix usually `/etc/hosts`, then a name server) and how long to wait. Names that aren't ASCII
/// are passed on as they are, not encoded for name servers (`xn--...`, RFC 5891).
///
/// # Errors
///
/// [`Error::MalformedHost`] (no look-up was made), [`Error::UnknownHost`], [`Error::NoNetwork`] or
/// [`Error::System`].
///
/// ```
/// use std::net::IpAddr;
/// use net_utils::host_addresses;
///
/// let loopback: IpAddr = "127.0.0.1".parse().unwrap();
/// assert_eq!(host_addresses("127.0.0.1")?, [loopback]);
/// if let Ok(addresses) = host_addresses("localhost") {
///     // 127.0.0.1 on almost every host.
///     assert!(addresses[0].is_loopback());
/// }
/// assert!(host_addresses("256.0.0.1").is_err());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias("gethostbyname", "getaddrinfo"))]
pub fn host_addresses(name: &str) -> Result<Vec<IpAddr>, Error> {
    // Two addresses may differ in their scopes only.
    Ok(without_duplicates(look_up(name)?.iter().map(SocketAddr::ip)))
}

/// The socket addresses to bind or connect to for a host and a port: at least one, IPv4 first,
/// without duplicates.
///
/// `host` is a name or an address, as for [`host_addresses`]. The scope of an IPv6 address
/// (`fe80::1%eth0`: this address on the link of `eth0`) is kept. A `port` that is a name is looked up
/// among the services of `protocol`.
///
/// # Errors
///
/// [`Error::UnknownService`], and those of [`host_addresses`].
///
/// ```
/// use net_utils::{Port, Protocol, socket_addresses};
///
/// let http = Port::Service("http".to_owned());
/// let addresses = socket_addresses("127.0.0.1", &http, Protocol::Tcp)?;
/// assert_eq!(addresses, ["127.0.0.1:80".parse().unwrap()]);
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "getaddrinfo")]
pub fn socket_addresses(
    host: &str,
    port: &Port,
    protocol: Protocol,
) -> Result<Vec<SocketAddr>, Error> {
    // The port first: looking up a service is fast, a host may take seconds.
    let port = match port {
        Port::Number(number) => *number,
        Port::Service(name) => service_port(name, protocol)?,
    };
    let mut addresses = look_up(host)?;
    addresses.iter_mut().for_each(|address| address.set_port(port));
    Ok(addresses)
}

/// The addresses of a host, with port 0.
fn look_up(name: &str) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::from((address, 0))]);
    }
    let malformed = |reason| Error::MalformedHost { name: name.to_owned(), reason };
    let syntax = host_syntax(name).map_err(malformed)?;
    let hints = AddrInfoHints {
        // Parses a numeric address without a look-up.
        flags: if syntax == HostSyntax::Name { 0 } else { AI_NUMERICHOST },
        // Otherwise the system lists each address once for each type of socket.
        socktype: SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    let found = getaddrinfo(Some(name), None, Some(hints))
        .and_then(|found| Ok(found.collect::<io::Result<Vec<AddrInfo>>>()?))
        .map_err(|error| match (explain(name, error), syntax) {
            (Error::UnknownHost { .. }, HostSyntax::Ipv4) => malformed(NO_IPV4),
            (Error::UnknownHost { .. }, HostSyntax::Ipv6) => malformed(NO_IPV6),
            (error, _) => error,
        })?;
    ipv4_first(name, found.into_iter().map(|info| info.sockaddr))
}

/// Sorts IPv4 before IPv6, otherwise in the system's order, and removes duplicates.
fn ipv4_first(
    name: &str,
    found: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Error> {
    let mut addresses = without_duplicates(found);
    if addresses.is_empty() {
        return Err(Error::UnknownHost { name: name.to_owned() });
    }
    addresses.sort_by_key(SocketAddr::is_ipv6);
    Ok(addresses)
}

fn without_duplicates<T: Copy + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(*one)).collect()
}

fn explain(name: &str, error: LookupError) -> Error {
    let name = name.to_owned();
    match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => Error::UnknownHost { name },
        LookupErrorKind::Again => Error::NoNetwork { name },
        _ => Error::System {
            tried: format!("look up host {}", quoted(name.as_bytes())),
            cause: error.into(),
        },
    }
}

const NO_IPV4: &str = "it ends in a number, so it must be an IPv4 address: four numbers from 0 to \
                       255, as in 192.168.56.1";
const NO_IPV6: &str = "it has a colon, so it must be an IPv6 address such as ::1 or fe80::1%eth0, \
                       where eth0 is an interface of this host";

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    #[test]
    fn a_numeric_address_is_returned_unchanged() {
        for text in ["127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1"] {
            assert_eq!(host_addresses(text).unwrap(), [text.parse::<IpAddr>().unwrap()]);
        }
    }

    #[test]
    fn short_forms_of_ipv4_are_read_as_the_system_reads_them() {
        for text in ["127.1", "2130706433", "0x7f000001", "127.0.0.0x1"] {
            assert_eq!(host_addresses(text).unwrap(), [IpAddr::from([127, 0, 0, 1])], "{text}");
        }
    }

    #[test]
    fn a_malformed_host_is_rejected_without_a_look_up() {
        let label = "a".repeat(64);
        let name = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(62));
        for (reason, texts) in [
            ("empty", &[""][..]),
            ("space", &[" ", "local host"]),
            ("control", &["local\0host", "\u{1b}[2J"]),
            ("between two dots", &[".", "..", "a..b", ".a", "a.."]),
            ("63", &[&label]),
            ("253", &[&name]),
            ("0 to 255", &["256.1.1.1", "256.0.0.1", "1.2.3.4.5", "127.0.0.1.", "example.1"]),
            ("octal", &["010.0.0.1", "127.0.0.01"]),
            ("brackets", &["[::1]"]),
            ("IPv6", &["::1::"]),
            ("interface", &["fe80::1%no-such-interface"]),
            ("port", &["localhost:8888"]),
            ("/", &["http://localhost/", "127.0.0.1/8"]),
            ("letters", &["student@localhost", "-1.5%"]),
        ] {
            for text in texts {
                let found = host_addresses(text);
                let is_right = matches!(&found, Err(Error::MalformedHost { reason: given, .. })
                    if given.contains(reason));
                assert!(is_right, "{text:?}: {found:?}");
            }
        }
    }

    #[test]
    fn an_error_message_truncates_and_escapes_the_name() {
        for name in ["a".repeat(10_000), "\u{1b}[2J\n".repeat(100)] {
            for error in [
                host_addresses(&name).unwrap_err(),
                Error::UnknownHost { name: name.clone() },
                Error::NoNetwork { name: name.clone() },
            ] {
                let message = error.to_string();
                assert!(message.len() < 400, "too long: {message}");
                assert!(!message.contains(char::is_control), "not escaped: {message:?}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_unknown_host_and_a_missing_network_are_different_errors() {
        let explained = |code| explain("example", LookupError::new(code));
        assert!(matches!(explained(libc::EAI_NONAME), Error::UnknownHost { .. }));
        assert!(matches!(explained(libc::EAI_AGAIN), Error::NoNetwork { .. }));
        assert!(matches!(explained(libc::EAI_FAIL), Error::System { .. }));
        assert!(matches!(explained(libc::EAI_SYSTEM), Error::System { .. }));
    }

    #[test]
    fn a_port_is_a_number_or_the_name_of_a_service() {
        let sockets =
            |port: &str| socket_addresses("127.0.0.1", &port.parse().unwrap(), Protocol::Tcp);
        for (port, number) in [("0", 0), ("65535", 65535), ("http", 80), ("www", 80)] {
            assert_eq!(sockets(port).unwrap(), [SocketAddr::from(([127, 0, 0, 1], number))]);
        }
        assert!(matches!(sockets("no-such-service"), Err(Error::UnknownService { .. })));
    }

    #[test]
    fn a_scope_is_kept() {
        // By number, since the names of interfaces differ from system to system.
        let addresses = socket_addresses("fe80::1%1", &Port::Number(7), Protocol::Udp).unwrap();
        let [SocketAddr::V6(address)] = addresses[..] else { panic!("one IPv6: {addresses:?}") };
        assert_eq!(*address.ip(), "fe80::1".parse::<Ipv6Addr>().unwrap());
        assert_eq!((address.scope_id(), address.port()), (1, 7));
    }

    #[test]
    fn ipv4_comes_first_without_duplicates() {
        let found = ["[::2]:0", "10.0.0.2:0", "[::1]:0", "10.0.0.1:0", "10.0.0.2:0"];
        let sorted = ipv4_first("example", found.into_iter().map(|text| text.parse().unwrap()));
        let sorted: Vec<_> = sorted.unwrap().iter().map(SocketAddr::to_string).collect();
        assert_eq!(sorted, ["10.0.0.2:0", "10.0.0.1:0", "[::2]:0", "[::1]:0"]);
    }

    #[test]
    fn a_host_without_an_address_is_unknown() {
        let answer = ipv4_first("example", [].into_iter());
        assert!(matches!(answer, Err(Error::UnknownHost { .. })), "{answer:?}");
    }

    #[test]
    fn this_host_has_a_name() {
        assert_ne!(host_name().unwrap(), "");
    }
}
