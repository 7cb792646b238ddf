//! The special-purpose ranges of IP addresses, and the historic classes of IPv4.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The purpose of a range of IP addresses, from the registries of RFC 6890.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// 0.0.0.0 or `::` (RFC 1122, RFC 4291). A server bound to it listens on all addresses.
    Any,
    /// 127.0.0.0/8 or `::1` (RFC 1122, RFC 4291).
    Loopback,
    /// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) or fc00::/7 (RFC 4193).
    Private,
    /// 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291).
    LinkLocal,
    /// 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291).
    Multicast,
    /// 255.255.255.255 (RFC 919). The broadcast address of a network has the kind of the network.
    Broadcast,
    /// 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737), 2001:db8::/32 (RFC 3849) or
    /// 3fff::/20 (RFC 9637).
    Documentation,
    /// 100.64.0.0/10 (RFC 6598).
    Shared,
    /// ::ffff:0:0/96 (RFC 4291): an IPv4 address on an IPv6 socket.
    Ipv4Mapped,
    /// Everything else that isn't public: 0.0.0.0/8, 192.0.0.0/24, 198.18.0.0/15 and 240.0.0.0/4
    /// (RFC 6890), and IPv6 outside 2000::/3 (RFC 4291).
    Reserved,
    /// Any other address.
    Public,
}

impl Kind {
    /// The kind of an address.
    pub fn of(ip: IpAddr) -> Kind {
        match ip {
            IpAddr::V4(ip) => kind_of_ipv4(ip),
            IpAddr::V6(ip) => kind_of_ipv6(ip),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Any => "any (to a server, all addresses of its host)",
            Kind::Loopback => "loopback (this host itself)",
            Kind::Private => "private (for everyone's own networks)",
            Kind::LinkLocal => "link-local (this link only)",
            Kind::Multicast => "multicast (a group of hosts)",
            Kind::Broadcast => "broadcast (all hosts on this link)",
            Kind::Documentation => "documentation (for examples)",
            Kind::Shared => "shared (between a provider and its customers)",
            Kind::Ipv4Mapped => "IPv4-mapped (an IPv4 address on an IPv6 socket)",
            Kind::Reserved => "reserved (for special use)",
            Kind::Public => "public",
        })
    }
}

fn kind_of_ipv4(ip: Ipv4Addr) -> Kind {
    match ip.octets() {
        _ if ip.is_unspecified() => Kind::Any,
        _ if ip.is_loopback() => Kind::Loopback,
        _ if ip.is_private() => Kind::Private,
        _ if ip.is_link_local() => Kind::LinkLocal,
        _ if ip.is_multicast() => Kind::Multicast,
        _ if ip.is_broadcast() => Kind::Broadcast,
        _ if ip.is_documentation() => Kind::Documentation,
        [100, 64..=127, ..] => Kind::Shared,
        [0, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [240..=255, ..] => Kind::Reserved,
        _ => Kind::Public,
    }
}

fn kind_of_ipv6(ip: Ipv6Addr) -> Kind {
    match ip.segments() {
        _ if ip.is_unspecified() => Kind::Any,
        _ if ip.is_loopback() => Kind::Loopback,
        _ if ip.is_unique_local() => Kind::Private,
        _ if ip.is_unicast_link_local() => Kind::LinkLocal,
        _ if ip.is_multicast() => Kind::Multicast,
        _ if ip.to_ipv4_mapped().is_some() => Kind::Ipv4Mapped,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Documentation,
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Reserved,
    }
}

/// The historic class of an IPv4 address (RFC 791; D and E: RFC 1112). Prefixes replaced classes in
/// 1993 (RFC 1519).
pub(crate) fn class(ip: IpAddr) -> Option<&'static str> {
    let IpAddr::V4(ip) = ip else { return None };
    Some(match ip.octets()[0] {
        0..=127 => "A (historic: the network was the first 8 bits)",
        128..=191 => "B (historic: the network was the first 16 bits)",
        192..=223 => "C (historic: the network was the first 24 bits)",
        224..=239 => "D (historic: multicast)",
        240..=255 => "E (historic: reserved)",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_address_of_a_range_have_its_kind() {
        for (kind, addresses) in [
            (Kind::Any, &["0.0.0.0", "::"][..]),
            (Kind::Loopback, &["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"]),
            (Kind::Private, &["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"]),
            (Kind::Private, &["192.168.0.0", "192.168.255.255", "fc00::", "fdff:ffff::1"]),
            (Kind::LinkLocal, &["169.254.0.0", "169.254.255.255", "fe80::", "febf::1"]),
            (Kind::Multicast, &["224.0.0.0", "239.255.255.255", "ff00::", "ff02::1"]),
            (Kind::Broadcast, &["255.255.255.255"]),
            (Kind::Documentation, &["192.0.2.0", "198.51.100.255", "203.0.113.1"]),
            (Kind::Documentation, &["2001:db8::", "2001:db8:ffff::", "3fff::", "3fff:fff::1"]),
            (Kind::Shared, &["100.64.0.0", "100.127.255.255"]),
            (Kind::Ipv4Mapped, &["::ffff:127.0.0.1", "::ffff:255.255.255.255"]),
            (Kind::Reserved, &["0.0.0.1", "192.0.0.1", "198.18.0.0", "198.19.255.255"]),
            (Kind::Reserved, &["240.0.0.0", "255.255.255.254", "::2"]),
            (Kind::Reserved, &["1fff::", "4000::", "fec0::"]),
            (Kind::Public, &["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255"]),
            (Kind::Public, &["100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255"]),
            (Kind::Public, &["172.32.0.0", "192.169.0.0", "223.255.255.255", "2000::"]),
            (Kind::Public, &["2001:db7::", "2001:db9::", "3fff:1000::"]),
        ] {
            for text in addresses {
                assert_eq!(Kind::of(text.parse().unwrap()), kind, "{text}");
            }
        }
    }

    #[test]
    fn only_ipv4_has_classes() {
        let letter = |text: &str| class(text.parse().unwrap()).map(|class| &class[..2]);
        for (class, first, last) in [
            ("A ", "0.0.0.0", "127.255.255.255"),
            ("B ", "128.0.0.0", "191.255.255.255"),
            ("C ", "192.0.0.0", "223.255.255.255"),
            ("D ", "224.0.0.0", "239.255.255.255"),
            ("E ", "240.0.0.0", "255.255.255.255"),
        ] {
            assert_eq!([letter(first), letter(last)], [Some(class); 2], "{first} to {last}");
        }
        assert_eq!(letter("::1"), None);
    }
}
