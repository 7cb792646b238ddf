//! Lists the network interfaces, and finds the address that this host uses to reach other hosts.

use std::net::{IpAddr, Ipv4Addr};

use if_addrs::{IfAddr, get_if_addrs};
use ipnet::IpNet;

use crate::error::Error;
use crate::usable_address::source_address;

/// A network interface with one of its addresses. An interface with several addresses is listed
/// several times.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// The name of the interface, such as `lo` or `eth0`.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// The number of bits that identify the network: 0 to 32, or to 128 for IPv6.
    pub prefix: u8,
    /// The prefix as a mask.
    pub netmask: IpAddr,
    /// The broadcast address of the network. IPv6 has none.
    pub broadcast: Option<Ipv4Addr>,
    /// Whether the interface is enabled and has a link. With its cable unplugged it is down.
    pub up: bool,
    /// Whether it is a loopback interface, which only reaches this host.
    pub loopback: bool,
}

/// The addresses of this host's network interfaces, interface by interface, IPv4 first. Interfaces
/// without an address are left out.
///
/// # Errors
///
/// [`Error::System`] if the call fails.
///
/// ```
/// for interface in net_utils::interfaces()? {
///     println!("{} {}/{}", interface.name, interface.address, interface.prefix);
/// }
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias("ifconfig", "ip addr", "getifaddrs"))]
pub fn interfaces() -> Result<Vec<Interface>, Error> {
    let mut found = get_if_addrs()
        .map_err(|cause| Error::System { tried: "list the interfaces".to_owned(), cause })?;
    found.sort_by_key(|one| (one.index, one.ip().is_ipv6()));
    // Only 127.0.0.1 and ::1 identify a loopback interface; it may have other addresses.
    let loopbacks: Vec<_> =
        found.iter().filter(|one| one.is_loopback()).map(|one| one.name.clone()).collect();
    Ok(found
        .into_iter()
        .filter_map(|one| {
            let (prefix, broadcast) = match &one.addr {
                IfAddr::V4(v4) => (v4.prefixlen, v4.broadcast),
                IfAddr::V6(v6) => (v6.prefixlen, None),
            };
            let network = IpNet::new(one.ip(), prefix).ok()?;
            Some(Interface {
                address: one.ip(),
                prefix,
                netmask: network.netmask(),
                broadcast: broadcast.filter(|&address| is_broadcast(address, prefix)),
                up: one.is_oper_up(),
                loopback: loopbacks.contains(&one.name),
                name: one.name,
            })
        })
        .collect())
}

/// Whether it is an IPv6 address that is valid on one link only.
pub(crate) fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

/// Without a broadcast address, glibc's getifaddrs returns the address of the interface or of its
/// peer instead. In a broadcast address all host bits are ones (RFC 919), and a network of one or
/// two addresses has none (RFC 3021).
fn is_broadcast(address: Ipv4Addr, prefix: u8) -> bool {
    prefix <= 30 && address.to_bits().trailing_ones() >= u32::from(32 - prefix)
}

/// The source address that the system would use for a packet to the Internet: IPv4 if there is a
/// route, otherwise IPv6, otherwise `None`.
///
/// No packet is sent. Behind a router with NAT, other hosts see the router's address instead.
///
/// ```
/// match net_utils::own_address() {
///     Some(address) => println!("packets leave from {address}"),
///     None => println!("this host has no route to others"),
/// }
/// ```
#[doc(alias = "getsockname")]
pub fn own_address() -> Option<IpAddr> {
    // Documentation addresses (RFC 5737, RFC 3849), which no host has.
    let v4 = IpAddr::from([203, 0, 113, 1]);
    let v6 = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
    [v4, v6].into_iter().find_map(|remote| source_address((remote, 0).into()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_is_listed() {
        let all = interfaces().unwrap();
        let loopback = all.iter().find(|one| one.address == IpAddr::from([127, 0, 0, 1]));
        let loopback = loopback.unwrap_or_else(|| panic!("no 127.0.0.1 in {all:?}"));
        assert!(loopback.loopback && loopback.up, "{loopback:?}");
        assert_eq!(loopback.prefix, 8);
        assert_eq!(loopback.netmask, IpAddr::from([255, 0, 0, 0]));
        assert_eq!(loopback.broadcast, None);
    }

    #[test]
    fn the_own_address_belongs_to_an_interface() {
        let Some(own) = own_address() else {
            println!("skipped: this host has no route to others");
            return;
        };
        let all = interfaces().unwrap();
        assert!(all.iter().any(|one| one.address == own), "{own} is not in {all:?}");
    }

    #[test]
    fn only_broadcast_addresses_are_recognised() {
        for (address, prefix, expected) in [
            ([192, 168, 56, 255], 24, true),
            ([255, 255, 255, 255], 24, true),
            ([10, 255, 255, 255], 8, true),
            ([10, 0, 0, 3], 30, true),
            // The interface's own address, or its peer's.
            ([192, 168, 56, 2], 24, false),
            ([10, 0, 0, 1], 31, false),
            ([10, 0, 0, 1], 32, false),
        ] {
            assert_eq!(is_broadcast(address.into(), prefix), expected, "{address:?}/{prefix}");
        }
    }
}
