//! Looks up the port of a service by its name, and the service of a port.

use std::net::{Ipv4Addr, SocketAddr};

use dns_lookup::{
    AddrFamily, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo, getnameinfo,
};
#[cfg(unix)]
use libc::{NI_DGRAM, NI_NUMERICHOST};

use crate::error::Error;
use crate::protocol::Protocol::{self, Tcp, Udp};

// The values in ws2tcpip.h of the Windows SDK.
#[cfg(windows)]
const NI_NUMERICHOST: i32 = 0x02;
#[cfg(windows)]
const NI_DGRAM: i32 = 0x10;

/// The port of a service, by its name or an alias (`www` for `http`).
///
/// The system's answer wins (on Unix it's in `/etc/services`). If it knows neither the name nor the
/// port, as in a container without that file, this falls back to a small table of well-known
/// services.
///
/// # Errors
///
/// [`Error::UnknownService`], or [`Error::System`] if the call fails.
///
/// ```
/// use net_utils::{Protocol, service_port};
///
/// assert_eq!(service_port("http", Protocol::Tcp)?, 80);
/// assert_eq!(service_port("domain", Protocol::Udp)?, 53);
/// assert!(service_port("no-such-service", Protocol::Tcp).is_err());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias("getservbyname", "getaddrinfo"))]
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

/// The name of the service that is registered for a port, from the same sources as in
/// [`service_port`]. It says nothing about the program that uses the port now.
///
/// # Errors
///
/// [`Error::UnknownPort`], or [`Error::System`] if the call fails.
///
/// ```
/// use net_utils::{Protocol, port_service};
///
/// assert_eq!(port_service(80, Protocol::Tcp)?, "http");
/// assert!(port_service(0, Protocol::Tcp).is_err());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias("getservbyport", "getnameinfo"))]
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

/// The port of a service, if the system knows it.
fn system_port(name: &str, protocol: Protocol) -> Result<Option<u16>, Error> {
    // getaddrinfo also accepts numbers, even " 80", "-1" and "". A name has at least one letter
    // (RFC 6335, section 5.1).
    if !name.contains(char::is_alphabetic) || name.contains('\0') {
        return Ok(None);
    }
    let (socktype, number) = match protocol {
        Protocol::Tcp => (SockType::Stream, dns_lookup::Protocol::TCP),
        Protocol::Udp => (SockType::DGram, dns_lookup::Protocol::UDP),
    };
    let hints = AddrInfoHints {
        // One address is enough: only its port matters.
        address: AddrFamily::Inet.into(),
        socktype: socktype.into(),
        protocol: number.into(),
        ..AddrInfoHints::default()
    };
    // Without a host, only the service is looked up.
    match getaddrinfo(None, Some(name), Some(hints)) {
        Ok(mut found) => Ok(found.find_map(Result::ok).map(|info| info.sockaddr.port())),
        Err(error) => none_if_unknown(error, format!("look up {protocol} services")),
    }
}

/// The name of a port's service, if the system knows it.
fn system_name(port: u16, protocol: Protocol) -> Result<Option<String>, Error> {
    // The numeric host keeps getnameinfo from a look-up of the host's name.
    let flags = match protocol {
        Protocol::Tcp => NI_NUMERICHOST,
        Protocol::Udp => NI_NUMERICHOST | NI_DGRAM,
    };
    match getnameinfo(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), flags) {
        // For an unknown port the system returns its number.
        Ok((_, name)) => Ok(Some(name).filter(|name| *name != port.to_string())),
        Err(error) => none_if_unknown(error, format!("look up {protocol} ports")),
    }
}

fn none_if_unknown<T>(error: LookupError, tried: String) -> Result<Option<T>, Error> {
    match error.kind() {
        LookupErrorKind::Service | LookupErrorKind::NoName | LookupErrorKind::NoData => Ok(None),
        _ => Err(Error::System { tried, cause: error.into() }),
    }
}

struct Service {
    port: u16,
    /// The registered name, then the aliases.
    names: &'static [&'static str],
    protocols: &'static [Protocol],
}

fn well_known(protocol: Protocol) -> impl Iterator<Item = &'static Service> {
    WELL_KNOWN.iter().filter(move |service| service.protocols.contains(&protocol))
}

/// The well-known services of the lesson, for a system without its own list.
///
/// Ports and names are those of the IANA Service Name and Transport Protocol Port Number
/// Registry (<https://www.iana.org/assignments/service-names-port-numbers>; RFC 6335), for the
/// protocols that programs use.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with the services file itself, in which the first matching line wins.
    #[cfg(unix)]
    #[test]
    fn every_line_of_the_services_file_is_found() {
        use std::collections::HashMap;

        let Ok(file) = std::fs::read("/etc/services") else {
            println!("skipped: this system has no services file");
            return;
        };
        let file = String::from_utf8_lossy(&file);
        let mut ports = HashMap::<_, u16>::new();
        let mut names = HashMap::new();
        for line in file.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let (Some(name), Some(target)) = (words.next(), words.next()) else { continue };
            let Some((port, protocol)) = target.split_once('/') else { continue };
            let protocol = [Tcp, Udp].into_iter().find(|known| known.to_string() == protocol);
            let (Some(protocol), Ok(port)) = (protocol, port.parse()) else { continue };
            names.entry((port, protocol)).or_insert(name);
            for name in std::iter::once(name).chain(words) {
                ports.entry((name, protocol)).or_insert(port);
            }
        }
        for ((name, protocol), port) in ports {
            assert_eq!(service_port(name, protocol).unwrap(), port, "{name}/{protocol}");
        }
        for ((port, protocol), name) in names {
            assert_eq!(port_service(port, protocol).unwrap(), name, "{port}/{protocol}");
        }
    }

    #[test]
    fn a_number_is_not_the_name_of_a_service() {
        // getaddrinfo would accept some of them.
        for name in ["", "80", " 80", "+80", "-1", "http ", "ht\0tp", "no-such-service"] {
            let found = service_port(name, Tcp);
            assert!(matches!(found, Err(Error::UnknownService { .. })), "{name:?}: {found:?}");
        }
    }

    #[test]
    fn the_well_known_services_resolve_with_or_without_a_services_file() {
        for service in WELL_KNOWN {
            for &protocol in service.protocols {
                for name in service.names {
                    assert_eq!(service_port(name, protocol).unwrap(), service.port, "{name}");
                }
            }
        }
    }

    #[test]
    fn the_error_for_an_unknown_port_names_its_range() {
        // No service has port 0.
        let message = port_service(0, Udp).unwrap_err().to_string();
        assert!(message.contains("0/udp") && message.contains("free port"), "{message}");
    }
}
