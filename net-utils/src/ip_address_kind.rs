//! The special-purpose ranges of IP addresses, and the historic classes of IPv4.

use std::net::IpAddr;

const PRIVATE: &str = "private (for everyone's own networks)";
const LINK_LOCAL: &str = "link-local (this link only)";
const DOCUMENTATION: &str = "documentation (for examples)";
const RESERVED: &str = "reserved (for special use)";

/// The purpose of the range that an address is in, from the registries of RFC 6890. What they don't
/// list is public in IPv4, and in IPv6 if it is in 2000::/3 (RFC 4291).
pub(crate) fn kind(ip: IpAddr) -> &'static str {
    match ip {
        // RFC 1122 and RFC 4291.
        _ if ip.is_unspecified() => "any (to a server, all addresses of its host)",
        _ if ip.is_loopback() => "loopback (this host itself)",
        // RFC 5771 and RFC 4291.
        _ if ip.is_multicast() => "multicast (a group of hosts)",
        IpAddr::V4(ip) => match ip.octets() {
            _ if ip.is_private() => PRIVATE,             // RFC 1918
            _ if ip.is_link_local() => LINK_LOCAL,       // RFC 3927
            _ if ip.is_documentation() => DOCUMENTATION, // RFC 5737
            // RFC 919. The broadcast address of a network has the kind of the network.
            _ if ip.is_broadcast() => "broadcast (all hosts on this link)",
            [100, 64..=127, ..] => "shared (between a provider and its customers)", // RFC 6598
            [0, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [240..=255, ..] => RESERVED,
            _ => "public",
        },
        IpAddr::V6(ip) => match ip.segments() {
            _ if ip.is_unique_local() => PRIVATE, // RFC 4193
            _ if ip.is_unicast_link_local() => LINK_LOCAL,
            _ if ip.to_ipv4_mapped().is_some() => "IPv4-mapped (an IPv4 address on an IPv6 socket)",
            [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => DOCUMENTATION, // RFC 3849, RFC 9637
            [0x2000..=0x3fff, ..] => "public",
            _ => RESERVED,
        },
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
            ("any", &["0.0.0.0", "::"][..]),
            ("loopback", &["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"]),
            ("private", &["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"]),
            ("private", &["192.168.0.0", "192.168.255.255", "fc00::", "fdff:ffff::1"]),
            ("link-local", &["169.254.0.0", "169.254.255.255", "fe80::", "febf::1"]),
            ("multicast", &["224.0.0.0", "239.255.255.255", "ff00::", "ff02::1"]),
            ("broadcast", &["255.255.255.255"]),
            ("documentation", &["192.0.2.0", "198.51.100.255", "203.0.113.1"]),
            ("documentation", &["2001:db8::", "2001:db8:ffff::", "3fff::", "3fff:fff::1"]),
            ("shared", &["100.64.0.0", "100.127.255.255"]),
            ("IPv4-mapped", &["::ffff:127.0.0.1", "::ffff:255.255.255.255"]),
            ("reserved", &["0.0.0.1", "192.0.0.1", "198.18.0.0", "198.19.255.255"]),
            ("reserved", &["240.0.0.0", "255.255.255.254", "::2"]),
            ("reserved", &["1fff::", "4000::", "fec0::"]),
            ("public", &["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255"]),
            ("public", &["100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255"]),
            ("public", &["172.32.0.0", "192.169.0.0", "223.255.255.255", "2000::"]),
            ("public", &["2001:db7::", "2001:db9::", "3fff:1000::"]),
        ] {
            for text in addresses {
                let found = self::kind(text.parse().unwrap());
                assert_eq!(found.split(" (").next(), Some(kind), "{text}");
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
