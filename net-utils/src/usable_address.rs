//! Chooses the address of a host that works on this system. `localhost` may have an IPv4 and an IPv6
//! address, and a system may lack either protocol.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::error::Error;
use crate::host_lookup::socket_addresses;
use crate::port::Port;
use crate::protocol::Protocol;

/// The address for a server to bind: the first of the [`socket_addresses`] that belongs to this
/// host. If none does, the first one, so that `bind` reports the error.
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

/// The address to send datagrams to: the first of the [`socket_addresses`] that this host has a route
/// to, except addresses of this host with no program bound to the port. If there is no such address,
/// the first one with a route, or else the first, so that `sendto` reports the error.
///
/// # Errors
///
/// Those of [`socket_addresses`].
///
/// ```
/// use net_utils::{Port, address_to_send_to};
///
/// let domain: Port = "domain".parse()?;
/// let address = address_to_send_to("127.0.0.1", &domain)?;
/// assert_eq!(address, "127.0.0.1:53".parse().unwrap());
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "getaddrinfo")]
pub fn address_to_send_to(host: &str, port: &Port) -> Result<SocketAddr, Error> {
    let all = socket_addresses(host, port, Protocol::Udp)?;
    let has_route = |address: &SocketAddr| source_address(*address).is_ok();
    let routed: Vec<SocketAddr> = all.iter().copied().filter(has_route).collect();
    Ok(first(if routed.is_empty() { &all } else { &routed }, |address| !is_free(address)))
}

/// The first usable address, or else the first. A single address isn't tried.
fn first(addresses: &[SocketAddr], is_usable: impl Fn(SocketAddr) -> bool) -> SocketAddr {
    let mut tried = addresses.iter().copied().filter(|_| addresses.len() > 1);
    // `socket_addresses` never returns an empty list.
    tried.find(|&address| is_usable(address)).unwrap_or(addresses[0])
}

/// Whether this host has the address: then some port of it can be bound.
fn is_own(mut address: SocketAddr) -> bool {
    address.set_port(0);
    UdpSocket::bind(address).is_ok()
}

/// Whether this host has the address and no program is bound to the port: then it can be bound.
fn is_free(address: SocketAddr) -> bool {
    UdpSocket::bind(address).is_ok()
}

/// The source address of packets to this address. Nothing is sent: connecting a UDP socket only makes
/// the system choose the address.
pub(crate) fn source_address(mut to: SocketAddr) -> io::Result<IpAddr> {
    let any = if to.is_ipv4() { "0.0.0.0" } else { "::" };
    // Some systems reject port 0. 9 is the discard service.
    to.set_port(9);
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(to)?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_usable_address_is_chosen_or_else_the_first() {
        let addresses = ["192.0.2.7:7", "[fd00::7]:7", "[fd00::8]:7"].map(|a| a.parse().unwrap());
        assert_eq!(first(&addresses, |address| address.is_ipv6()), addresses[1]);
        assert_eq!(first(&addresses, |_| false), addresses[0]);
        // No host has an address of TEST-NET-1 (RFC 5737).
        let addresses = ["192.0.2.7:7", "127.0.0.1:7"].map(|a| a.parse().unwrap());
        assert_eq!(first(&addresses, is_own), addresses[1]);
    }

    #[test]
    fn only_an_unbound_address_of_this_host_is_free() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let bound = socket.local_addr().unwrap();
        assert!(!is_free(bound));
        drop(socket);
        assert!(is_free(bound));
        assert!(!is_free("192.0.2.7:7".parse().unwrap()));
    }

    #[test]
    fn a_numeric_address_is_bound_and_sent_to() {
        let bound = address_to_bind("127.0.0.1", &Port::Number(8888), Protocol::Tcp).unwrap();
        assert_eq!(bound, "127.0.0.1:8888".parse().unwrap());
        let sent_to = address_to_send_to("127.0.0.1", &"domain".parse().unwrap()).unwrap();
        assert_eq!(sent_to, "127.0.0.1:53".parse().unwrap());
    }

    #[test]
    fn a_single_address_is_not_tried() {
        let one = ["192.0.2.7:7".parse().unwrap()];
        assert_eq!(first(&one, |_| panic!("tried")), one[0]);
    }
}
