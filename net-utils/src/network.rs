//! The network of an IP address, and what the address is in it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The network of an address with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// `None`: addresses of this version have fewer bits.
    pub(crate) fn new(ip: IpAddr, prefix: u8) -> Option<Network> {
        IpNet::new(ip, prefix).ok().map(Network)
    }

    /// How many bits of the address are the network's.
    pub fn prefix(&self) -> u8 {
        self.0.prefix_len()
    }

    /// The same as a mask: a one for each of these bits.
    pub fn netmask(&self) -> IpAddr {
        self.0.netmask()
    }

    /// The network address: zeros in all bits of the host. It stands for the whole network.
    pub fn address(&self) -> IpAddr {
        self.0.network()
    }

    /// The last address: ones in all bits of the host.
    fn last(&self) -> IpAddr {
        self.0.broadcast()
    }

    /// How many bits of the address are the host's.
    fn host_bits(&self) -> u8 {
        self.0.max_prefix_len() - self.prefix()
    }

    /// The broadcast address. IPv6 has none, nor has an IPv4 network of two addresses or one
    /// (RFC 3021).
    pub fn broadcast(&self) -> Option<IpAddr> {
        (self.0.addr().is_ipv4() && self.host_bits() > 1).then(|| self.last())
    }

    /// The lowest address for a host.
    ///
    /// A network of more than two addresses keeps its first for itself: it is the network
    /// address in IPv4, and stands for "any router" in IPv6 (RFC 4291, section 2.6.1).
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

    /// How many addresses there are for hosts.
    pub fn hosts(&self) -> u128 {
        let number = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => u128::from(ip.to_bits()),
            IpAddr::V6(ip) => ip.to_bits(),
        };
        // At most 2^128 - 1, in ::/0.
        number(self.last_host()) - number(self.first_host()) + 1
    }

    /// What the address that this network was made from is in it.
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

/// What an address is in its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The first address, which stands for the whole network: no host has it.
    Network,
    /// The first host. Often the gateway has this address, but nothing makes it so.
    FirstHost,
    /// A host between the first and the last.
    Host,
    /// The last host.
    LastHost,
    /// The only address of its network.
    OnlyHost,
    /// The last address, which reaches all hosts of the network: no host has it.
    Broadcast,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Network => "network address (stands for the whole network, for no host)",
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
    fn networks_of_every_size_have_the_right_parts() {
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
    fn an_address_has_one_role_in_its_network() {
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
