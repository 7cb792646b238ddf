//! Which of a host's addresses this host can use. A name such as `localhost` may have one of IPv4
//! and one of IPv6, and a system may be without either.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

#[cfg(unix)]
use libc::EAFNOSUPPORT;

use crate::error::Error;
use crate::host::socket_addresses;
use crate::port::Port;
use crate::protocol::Protocol;

/// The address for a server to bind: of the [`socket_addresses`] the first that is an address of
/// this host. Where none is, the first, so that `bind` can say why not.
///
/// # Errors
///
/// Those of [`socket_addresses`].
///
/// ```
/// use net_utils::{Port, Protocol, address_to_bind};
///
/// let address = address_to_bind("127.0.0.1", &Port::Number(8888), Protocol::Tcp)?;
/// assert_eq!(address, "127.0.0.1:8888".parse().unwrap());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "getaddrinfo")]
pub fn address_to_bind(host: &str, port: &Port, protocol: Protocol) -> Result<SocketAddr, Error> {
    Ok(first(&socket_addresses(host, port, protocol)?, is_own))
}

/// The address to send datagrams to: of the [`socket_addresses`] the first that this host knows a
/// way to, unless it is one of this host's own at which no program is bound to the port. Where all
/// are like that, the first with a way, or else the first, so that `sendto` can say why not. Whether
/// somebody receives at another host, only an answer can tell.
///
/// # Errors
///
/// Those of [`socket_addresses`].
///
/// ```
/// use net_utils::{Port, Protocol, address_to_send_to};
///
/// let domain: Port = "domain".parse()?;
/// let address = address_to_send_to("127.0.0.1", &domain, Protocol::Udp)?;
/// assert_eq!(address, "127.0.0.1:53".parse().unwrap());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "getaddrinfo")]
pub fn address_to_send_to(
    host: &str,
    port: &Port,
    protocol: Protocol,
) -> Result<SocketAddr, Error> {
    let all = socket_addresses(host, port, protocol)?;
    let has_way = |address: &SocketAddr| source_address(*address).is_ok();
    let ways: Vec<SocketAddr> = all.iter().copied().filter(has_way).collect();
    Ok(first(if ways.is_empty() { &all } else { &ways }, |address| !is_free(address)))
}

/// The first address that will do, or the first. Where there is only one, nothing is tried.
fn first(addresses: &[SocketAddr], will_do: impl Fn(SocketAddr) -> bool) -> SocketAddr {
    let found = addresses.iter().copied().filter(|_| addresses.len() > 1);
    // A host without an address is an error.
    found.clone().find(|&address| will_do(address)).unwrap_or(addresses[0])
}

/// Whether it is an address of this host: whether a port of it, any that is free, can be bound.
fn is_own(mut address: SocketAddr) -> bool {
    address.set_port(0);
    UdpSocket::bind(address).is_ok()
}

/// Whether it is an address of this host at whose port no program is bound: then it can be bound.
fn is_free(address: SocketAddr) -> bool {
    UdpSocket::bind(address).is_ok()
}

/// The address that packets to this one would leave from. None is sent: to connect a UDP socket
/// only makes the system choose.
pub(crate) fn source_address(mut to: SocketAddr) -> io::Result<IpAddr> {
    let any = match to {
        SocketAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    // Any port will do but 0, which some systems refuse. 9 is discard.
    to.set_port(9);
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(to)?;
    Ok(socket.local_addr()?.ip())
}

// The value in winsock2.h of the Windows SDK: WSAEAFNOSUPPORT.
#[cfg(windows)]
const EAFNOSUPPORT: i32 = 10_047;

/// What to do when an address cannot be connected to or sent to, with this error.
pub fn no_way_to(address: SocketAddr, error: &io::Error) -> &'static str {
    let no_way = matches!(
        error.kind(),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::AddrNotAvailable
    );
    if let Some(next) = no_family(address, error) {
        next
    } else if no_way && address.ip().to_canonical().is_loopback() {
        "the loopback interface of this host is down, or has no such address; look at it \
         (net-utils interfaces), and switch it on (Linux: ip link set lo up)"
    } else {
        "check --host, and that this host has a network that leads there (net-utils interfaces)"
    }
}

/// What to do when the system has no sockets for an address, if the error says that.
pub(crate) fn no_family(address: SocketAddr, error: &io::Error) -> Option<&'static str> {
    let next = match address {
        SocketAddr::V4(_) => {
            "this host is without IPv4; give an address of IPv6 with --host, such as ::1"
        }
        SocketAddr::V6(_) => {
            "this host is without IPv6; give an address of IPv4 with --host, such as 127.0.0.1"
        }
    };
    (error.raw_os_error() == Some(EAFNOSUPPORT)).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_that_will_do_is_chosen_or_else_the_first() {
        let addresses = ["192.0.2.7:7", "[fd00::7]:7", "[fd00::8]:7"].map(|a| a.parse().unwrap());
        assert_eq!(first(&addresses, |address| address.is_ipv6()), addresses[1]);
        assert_eq!(first(&addresses, |_| false), addresses[0]);
        // One of TEST-NET-1 (RFC 5737) is no address of this host; 127.0.0.1 is.
        let addresses = ["192.0.2.7:7", "127.0.0.1:7"].map(|a| a.parse().unwrap());
        assert_eq!(first(&addresses, is_own), addresses[1]);
    }

    #[test]
    fn an_own_address_without_a_program_is_free_and_no_other_one_is() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let bound = socket.local_addr().unwrap();
        assert!(!is_free(bound));
        drop(socket);
        assert!(is_free(bound));
        assert!(!is_free("192.0.2.7:7".parse().unwrap()));
    }

    #[test]
    fn one_address_alone_is_not_tried() {
        let one = ["192.0.2.7:7".parse().unwrap()];
        assert_eq!(first(&one, |_| panic!("tried")), one[0]);
    }

    #[test]
    fn what_to_do_about_an_address_without_a_way_depends_on_the_error() {
        for (address, code, expected) in [
            ("127.0.0.1:7", ErrorKind::NetworkUnreachable.into(), "loopback interface"),
            ("[::1]:7", ErrorKind::AddrNotAvailable.into(), "loopback interface"),
            ("192.0.2.7:7", ErrorKind::NetworkUnreachable.into(), "a network that leads there"),
            ("[::1]:7", io::Error::from_raw_os_error(EAFNOSUPPORT), "without IPv6; give"),
            ("127.0.0.1:7", io::Error::from_raw_os_error(EAFNOSUPPORT), "without IPv4; give"),
        ] {
            let next = no_way_to(address.parse().unwrap(), &code);
            assert!(next.contains(expected), "{address}, {code}: {next}");
        }
    }
}
