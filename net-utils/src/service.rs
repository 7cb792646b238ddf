//! Services: from the name of a program's protocol to its port, and back.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo, getnameinfo};
#[cfg(unix)]
use libc::{NI_DGRAM, NI_NUMERICHOST};

use crate::Error;

// The values in ws2tcpip.h of the Windows SDK.
#[cfg(windows)]
const NI_NUMERICHOST: i32 = 0x02;
#[cfg(windows)]
const NI_DGRAM: i32 = 0x10;

/// The protocol that carries a service. Each has ports of its own: 53/tcp is not 53/udp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Connections: `SOCK_STREAM`.
    Tcp,
    /// Datagrams: `SOCK_DGRAM`.
    Udp,
}

impl Protocol {
    pub(crate) fn other(self) -> Protocol {
        match self {
            Protocol::Tcp => Protocol::Udp,
            Protocol::Udp => Protocol::Tcp,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        })
    }
}

/// The port of a service, by its name or one of its other names (`www` for `http`).
///
/// The system is asked first (on Unix it looks into `/etc/services`). Where it knows neither
/// the name nor the port, as in a container without that file, a small table of well-known
/// services answers.
///
/// # Errors
///
/// [`Error::UnknownService`]: there is none of this name for this protocol.
///
/// ```
/// use net_utils::{Protocol, service_port};
///
/// assert_eq!(service_port("http", Protocol::Tcp)?, 80);
/// assert_eq!(service_port("domain", Protocol::Udp)?, 53);
/// assert!(service_port("no-such-service", Protocol::Tcp).is_err());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "getservbyname")]
#[doc(alias = "getaddrinfo")]
pub fn service_port(name: &str, protocol: Protocol) -> Result<u16, Error> {
    if let Some(port) = system_port(name, protocol)? {
        return Ok(port);
    }
    for service in well_known(protocol).filter(|service| service.names.contains(&name)) {
        if system_name(service.port, protocol)?.is_none() {
            return Ok(service.port);
        }
    }
    Err(Error::UnknownService { name: name.to_owned(), protocol })
}

/// The name of the service that is registered for a port.
///
/// It says what the port is meant for, and nothing about the program that uses it now. The
/// system is asked first, as in [`service_port`].
///
/// # Errors
///
/// [`Error::UnknownPort`]: there is none for this port and protocol.
///
/// ```
/// use net_utils::{Protocol, port_service};
///
/// assert_eq!(port_service(80, Protocol::Tcp)?, "http");
/// assert!(port_service(0, Protocol::Tcp).is_err());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "getservbyport")]
#[doc(alias = "getnameinfo")]
pub fn port_service(port: u16, protocol: Protocol) -> Result<String, Error> {
    if let Some(name) = system_name(port, protocol)? {
        return Ok(name);
    }
    for service in well_known(protocol).filter(|service| service.port == port) {
        let name = service.names[0];
        if system_port(name, protocol)?.is_none() {
            return Ok(name.to_owned());
        }
    }
    Err(Error::UnknownPort { port, protocol })
}

/// The port that the system has for a service.
fn system_port(name: &str, protocol: Protocol) -> Result<Option<u16>, Error> {
    // getaddrinfo also reads numbers, even " 80", "-1" and "". A name has a letter in it
    // (RFC 6335, section 5.1).
    if !name.contains(char::is_alphabetic) || name.contains('\0') {
        return Ok(None);
    }
    let (socktype, number) = match protocol {
        Protocol::Tcp => (SockType::Stream, dns_lookup::Protocol::TCP),
        Protocol::Udp => (SockType::DGram, dns_lookup::Protocol::UDP),
    };
    let hints = AddrInfoHints {
        socktype: socktype.into(),
        protocol: number.into(),
        ..AddrInfoHints::default()
    };
    // Without a host, nothing is looked up but the service.
    match getaddrinfo(None, Some(name), Some(hints)) {
        Ok(mut found) => Ok(found.find_map(Result::ok).map(|info| info.sockaddr.port())),
        Err(error) => none_if_unknown(error, || format!("look up {protocol} services")),
    }
}

/// The name that the system has for the service of a port.
fn system_name(port: u16, protocol: Protocol) -> Result<Option<String>, Error> {
    // A numeric host keeps getnameinfo from asking a name server for the host's name.
    let flags = match protocol {
        Protocol::Tcp => NI_NUMERICHOST,
        Protocol::Udp => NI_NUMERICHOST | NI_DGRAM,
    };
    match getnameinfo(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), flags) {
        // The system answers an unknown port with its number.
        Ok((_, name)) => Ok(Some(name).filter(|name| *name != port.to_string())),
        Err(error) => none_if_unknown(error, || format!("look up {protocol} ports")),
    }
}

fn none_if_unknown<T>(
    error: LookupError,
    tried: impl FnOnce() -> String,
) -> Result<Option<T>, Error> {
    match error.kind() {
        LookupErrorKind::Service | LookupErrorKind::NoName | LookupErrorKind::NoData => Ok(None),
        _ => Err(Error::System { tried: tried(), cause: error.into() }),
    }
}

struct Service {
    port: u16,
    /// The registered name, then the other names.
    names: &'static [&'static str],
    protocols: &'static [Protocol],
}

fn well_known(protocol: Protocol) -> impl Iterator<Item = &'static Service> {
    WELL_KNOWN.iter().filter(move |service| service.protocols.contains(&protocol))
}

use Protocol::{Tcp, Udp};

/// The well-known services of the lesson, for a system that does not know them.
///
/// Ports and names are those of the IANA Service Name and Transport Protocol Port Number
/// Registry (<https://www.iana.org/assignments/service-names-port-numbers>; RFC 6335); each is
/// listed for the protocols that programs use it with.
#[rustfmt::skip]
const WELL_KNOWN: &[Service] = &[
    Service { port: 7, names: &["echo"], protocols: &[Tcp, Udp] },
    Service { port: 9, names: &["discard"], protocols: &[Tcp, Udp] },
    Service { port: 13, names: &["daytime"], protocols: &[Tcp, Udp] },
    Service { port: 20, names: &["ftp-data"], protocols: &[Tcp] },
    Service { port: 21, names: &["ftp"], protocols: &[Tcp] },
    Service { port: 22, names: &["ssh"], protocols: &[Tcp] },
    Service { port: 23, names: &["telnet"], protocols: &[Tcp] },
    Service { port: 25, names: &["smtp"], protocols: &[Tcp] },
    Service { port: 37, names: &["time"], protocols: &[Tcp, Udp] },
    Service { port: 53, names: &["domain"], protocols: &[Tcp, Udp] },
    Service { port: 69, names: &["tftp"], protocols: &[Udp] },
    Service { port: 80, names: &["http", "www"], protocols: &[Tcp] },
    Service { port: 110, names: &["pop3"], protocols: &[Tcp] },
    Service { port: 123, names: &["ntp"], protocols: &[Udp] },
    Service { port: 143, names: &["imap"], protocols: &[Tcp] },
    Service { port: 443, names: &["https"], protocols: &[Tcp] },
];
