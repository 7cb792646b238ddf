//! The network of an IP address with a prefix, and the role of the address in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The network of an IP address with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(pub(crate) IpNet);

impl Network {
    /// The address of the network itself: all host bits are zeros.
    pub fn address(&self) -> IpAddr {
        self.0.network()
    }

    /// The number of bits that identify the host.
    fn host_bits(&self) -> u8 {
        self.0.max_prefix_len() - self.0.prefix_len()
    }

    /// The broadcast address. IPv6 networks have none, and neither have IPv4 networks of one or two
    /// addresses (RFC 3021).
    pub fn broadcast(&self) -> Option<IpAddr> {
        (self.0.addr().is_ipv4() && self.host_bits() > 1).then(|| self.0.broadcast())
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
        match self.0.broadcast() {
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
    pub fn role(&self) -> &'static str {
        match self.0.addr() {
            _ if self.host_bits() == 0 => "the only host",
            ip if ip == self.first_host() => "first host (often the gateway, but any host may be)",
            ip if ip == self.last_host() => "last host",
            ip if ip == self.address() => "network address (of the network itself, not of a host)",
            ip if Some(ip) == self.broadcast() => {
                "broadcast address (reaches all hosts of the network)"
            }
            _ => "host",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_networks_of_every_size() {
        // Text, netmask, network address, first host, last host, broadcast address, hosts.
        let networks = "\
192.168.56.1/24 255.255.255.0 192.168.56.0 192.168.56.1 192.168.56.254 192.168.56.255 254
10.1.2.3/0 0.0.0.0 0.0.0.0 0.0.0.1 255.255.255.254 255.255.255.255 4294967294
10.0.0.5/30 255.255.255.252 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 2
10.0.0.1/31 255.255.255.254 10.0.0.0 10.0.0.0 10.0.0.1 - 2
10.0.0.1/32 255.255.255.255 10.0.0.1 10.0.0.1 10.0.0.1 - 1
::1/0 :: :: ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - 340282366920938463463374607431768211455
fd00::5/64 ffff:ffff:ffff:ffff:: fd00:: fd00::1 fd00::ffff:ffff:ffff:ffff - 18446744073709551615
fd00::1/127 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe fd00:: fd00:: fd00::1 - 2
fd00::1/128 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fd00::1 fd00::1 fd00::1 - 1
";
        for line in networks.lines() {
            let text = line.split(' ').next().unwrap();
            let network = Network(text.parse().unwrap());
            let (mask, address, hosts) = (network.0.netmask(), network.address(), network.hosts());
            let (first, last) = (network.first_host(), network.last_host());
            let broadcast = network.broadcast().map_or("-".to_owned(), |ip| ip.to_string());
            let parts = format!("{text} {mask} {address} {first} {last} {broadcast} {hosts}");
            assert_eq!(parts, line);
        }
    }

    #[test]
    fn the_role_of_an_address_in_its_network() {
        for (text, role) in [
            ("192.168.56.0/24", "network address"),
            ("192.168.56.1/24", "first host"),
            ("192.168.56.2/24", "host"),
            ("192.168.56.254/24", "last host"),
            ("192.168.56.255/24", "broadcast address"),
            ("10.0.0.0/31", "first host"),
            ("10.0.0.1/31", "last host"),
            ("10.0.0.1/32", "the only host"),
            ("fd00::/64", "network address"),
            ("fd00::ffff:ffff:ffff:ffff/64", "last host"),
            ("fd00::/127", "first host"),
            ("fd00::1/128", "the only host"),
        ] {
            let found = Network(text.parse().unwrap()).role();
            assert_eq!(found.split(" (").next(), Some(role), "{text}");
        }
    }
}
