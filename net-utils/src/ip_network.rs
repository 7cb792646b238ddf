//! The network of an IP address with a prefix, and the role of the address in it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The network of an IP address with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// `None` if the prefix is longer than the address.
    pub(crate) fn new(ip: IpAddr, prefix: u8) -> Option<Network> {
        IpNet::new(ip, prefix).ok().map(Network)
    }

    /// The number of bits that identify the network.
    pub fn prefix(&self) -> u8 {
        self.0.prefix_len()
    }

    /// The prefix as a mask: these bits are ones, the others zeros.
    pub fn netmask(&self) -> IpAddr {
        self.0.netmask()
    }

    /// The address of the network itself: all host bits are zeros.
    pub fn address(&self) -> IpAddr {
        self.0.network()
    }

    /// The last address: all host bits are ones.
    fn last(&self) -> IpAddr {
        self.0.broadcast()
    }

    /// The number of bits that identify the host.
    fn host_bits(&self) -> u8 {
        self.0.max_prefix_len() - self.prefix()
    }

    /// The broadcast address. IPv6 networks have none, and neither have IPv4 networks of one or two
    /// addresses (RFC 3021).
    pub fn broadcast(&self) -> Option<IpAddr> {
        (self.0.addr().is_ipv4() && self.host_bits() > 1).then(|| self.last())
    }

    /// The lowest address for a host.
    ///
    /// In a network of more than two addresses no host has the first one: it is the network address
    /// in IPv4, and the subnet-router anycast address in IPv6 (RFC 4291, section 2.6.1).
    pub fn first_host(&self) -> IpAddr {
        match self.address() {
            IpAddr::V4(ip) if self.host_bits() > 1 => Ipv4Addr::from_bits(ip.to_bits() + 1).into(),
            IpAddr::V6(ip) if self.host_bits() > 1 => Ipv6Addr::from_bits(ip.to_bits() + 1).into(),
            both_are_hosts => both_are_hosts,
        }
    }

    /// The highest address for a host.
    pub fn last_host(&self) -> IpAddr {
        match self.last() {
            IpAddr::V4(ip) if self.host_bits() > 1 => Ipv4Addr::from_bits(ip.to_bits() - 1).into(),
            last => last,
        }
    }

    /// The number of addresses for hosts.
    pub fn hosts(&self) -> u128 {
        let number = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => u128::from(ip.to_bits()),
            IpAddr::V6(ip) => ip.to_bits(),
        };
        // At most 2^128 - 1, in ::/0.
        number(self.last_host()) - number(self.first_host()) + 1
    }

    /// The role of the address from which this network was made.
    pub fn role(&self) -> Role {
        match self.0.addr() {
            _ if self.host_bits() == 0 => Role::OnlyHost,
            ip if ip == self.first_host() => Role::FirstHost,
            ip if ip == self.last_host() => Role::LastHost,
            ip if ip == self.address() => Role::Network,
            ip if Some(ip) == self.broadcast() => Role::Broadcast,
            _ => Role::Host,
        }
    }
}

/// The role of an address in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The address of the network itself; no host has it.
    Network,
    /// The first host: often the gateway, by convention.
    FirstHost,
    /// A host between the first and the last.
    Host,
    /// The last host.
    LastHost,
    /// The only address of its network.
    OnlyHost,
    /// The address that reaches all hosts of the network; no host has it.
    Broadcast,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Network => "network address (of the network itself, not of a host)",
            Role::FirstHost => "first host (often the gateway, but any host may be)",
            Role::Host => "host",
            Role::LastHost => "last host",
            Role::OnlyHost => "the only host",
            Role::Broadcast => "broadcast address (reaches all hosts of the network)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_networks_of_every_size() {
        let all_ones = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        for (text, netmask, network, first, last, broadcast, hosts) in [
            (
                "192.168.56.1/24",
                "255.255.255.0",
                "192.168.56.0",
                "192.168.56.1",
                "192.168.56.254",
                Some("192.168.56.255"),
                254,
            ),
            (
                "10.1.2.3/0",
                "0.0.0.0",
                "0.0.0.0",
                "0.0.0.1",
                "255.255.255.254",
                Some("255.255.255.255"),
                4_294_967_294,
            ),
            (
                "10.0.0.5/30",
                "255.255.255.252",
                "10.0.0.4",
                "10.0.0.5",
                "10.0.0.6",
                Some("10.0.0.7"),
                2,
            ),
            ("10.0.0.1/31", "255.255.255.254", "10.0.0.0", "10.0.0.0", "10.0.0.1", None, 2),
            ("10.0.0.1/32", "255.255.255.255", "10.0.0.1", "10.0.0.1", "10.0.0.1", None, 1),
            ("::1/0", "::", "::", "::1", all_ones, None, u128::MAX),
            (
                "fd00::5/64",
                "ffff:ffff:ffff:ffff::",
                "fd00::",
                "fd00::1",
                "fd00::ffff:ffff:ffff:ffff",
                None,
                (1 << 64) - 1,
            ),
            (
                "fd00::1/127",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
                "fd00::",
                "fd00::",
                "fd00::1",
                None,
                2,
            ),
            ("fd00::1/128", all_ones, "fd00::1", "fd00::1", "fd00::1", None, 1),
        ] {
            let found = Network(text.parse().unwrap());
            assert_eq!(found.netmask().to_string(), netmask, "{text}");
            assert_eq!(found.address().to_string(), network, "{text}");
            assert_eq!(found.first_host().to_string(), first, "{text}");
            assert_eq!(found.last_host().to_string(), last, "{text}");
            assert_eq!(found.broadcast().map(|ip| ip.to_string()).as_deref(), broadcast, "{text}");
            assert_eq!(found.hosts(), hosts, "{text}");
        }
    }

    #[test]
    fn the_role_of_an_address_in_its_network() {
        for (text, role) in [
            ("192.168.56.0/24", Role::Network),
            ("192.168.56.1/24", Role::FirstHost),
            ("192.168.56.2/24", Role::Host),
            ("192.168.56.254/24", Role::LastHost),
            ("192.168.56.255/24", Role::Broadcast),
            ("10.0.0.0/31", Role::FirstHost),
            ("10.0.0.1/31", Role::LastHost),
            ("10.0.0.1/32", Role::OnlyHost),
            ("fd00::/64", Role::Network),
            ("fd00::ffff:ffff:ffff:ffff/64", Role::LastHost),
            ("fd00::/127", Role::FirstHost),
            ("fd00::1/128", Role::OnlyHost),
        ] {
            assert_eq!(Network(text.parse().unwrap()).role(), role, "{text}");
        }
    }
}
