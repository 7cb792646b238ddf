//! Network interfaces, and the address that other hosts see this one at.

use std::net::{IpAddr, Ipv4Addr};

use if_addrs::{IfAddr, get_if_addrs};
use ipnet::IpNet;

use crate::error::Error;
use crate::usable::source_address;

/// One address of a network interface. An interface with several has one `Interface` for each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// The name of the interface, such as `lo` or `eth0`.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// How many bits of the address are its network's, from 0 to 32 or 128.
    pub prefix: u8,
    /// The same as a mask: a one for each of these bits.
    pub netmask: IpAddr,
    /// The address of all hosts in the network. IPv6 has none.
    pub broadcast: Option<Ipv4Addr>,
    /// Whether the interface is switched on and has a link: a pulled cable is down.
    pub up: bool,
    /// Whether the interface leads back to this host only.
    pub loopback: bool,
}

/// The addresses of this host's network interfaces, interface by interface, IPv4 first.
///
/// An interface without an address is not in the list.
///
/// # Errors
///
/// [`Error::System`]: the system does not list them.
///
/// ```
/// for interface in net_utils::interfaces()? {
///     println!("{} {}/{}", interface.name, interface.address, interface.prefix);
/// }
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "ifconfig")]
#[doc(alias = "ip addr")]
#[doc(alias = "getifaddrs")]
pub fn interfaces() -> Result<Vec<Interface>, Error> {
    let mut found = get_if_addrs()
        .map_err(|cause| Error::System { tried: "list the interfaces".to_owned(), cause })?;
    found.sort_by_key(|one| (one.index, one.ip().is_ipv6()));
    // An address tells that its interface is a loopback; its other addresses need not.
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

/// Where an interface has no broadcast address, glibc's getifaddrs gives its own address or
/// its peer's in that place. In a broadcast address all bits of the host are ones (RFC 919),
/// and a network of two addresses or one has none (RFC 3021).
fn is_broadcast(address: Ipv4Addr, prefix: u8) -> bool {
    prefix <= 30 && address.to_bits().trailing_ones() >= u32::from(32 - prefix)
}

/// This host's own address as others see it: the source address that the system would choose
/// for a packet to a host far away. IPv4 if there is a way there, or IPv6, or `None`.
///
/// No packet is sent: to connect a UDP socket only makes the system choose the address.
/// Behind a router that translates addresses (NAT), hosts beyond it see the router's instead.
///
/// ```
/// match net_utils::own_address() {
///     Some(address) => println!("others reach this host at {address}"),
///     None => println!("this host has no way to others"),
/// }
/// ```
#[doc(alias = "getsockname")]
pub fn own_address() -> Option<IpAddr> {
    // Addresses for documentation (RFC 5737, RFC 3849): far away, and nobody's.
    let v4 = IpAddr::from([203, 0, 113, 1]);
    let v6 = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
    [v4, v6].into_iter().find_map(|far| source_address((far, 0).into()).ok())
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
    fn the_own_address_is_one_of_an_interface() {
        let Some(own) = own_address() else {
            println!("skipped: this host has no way to others");
            return;
        };
        let all = interfaces().unwrap();
        assert!(all.iter().any(|one| one.address == own), "{own} is not in {all:?}");
    }

    #[test]
    fn a_broadcast_address_is_told_from_what_stands_in_its_place() {
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
