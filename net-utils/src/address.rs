//! What an IP address is, and what it is in its network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

use crate::Error;

/// An IP address, alone or with the prefix that says which part of it is the network's.
///
/// Shown, it is a line for each thing there is to know: a name, filled up to twelve columns,
/// and a value.
///
/// ```
/// use net_utils::Address;
/// use net_utils::address::Kind;
///
/// let address: Address = "192.168.56.1/24".parse()?;
/// assert_eq!(address.kind(), Kind::Private);
///
/// let network = address.network().unwrap();
/// assert_eq!(network.address().to_string(), "192.168.56.0");
/// assert_eq!(network.broadcast().unwrap().to_string(), "192.168.56.255");
/// assert_eq!(network.hosts(), 254);
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "inet_pton")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    ip: IpAddr,
    network: Option<Network>,
}

impl Address {
    /// The address itself.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// The version of the Internet Protocol: 4 or 6.
    pub fn version(&self) -> u8 {
        if self.ip.is_ipv4() { 4 } else { 6 }
    }

    /// The length of the address in bits: 32 or 128.
    pub fn bits(&self) -> u8 {
        if self.ip.is_ipv4() { 32 } else { 128 }
    }

    /// What addresses of this range are for.
    pub fn kind(&self) -> Kind {
        match self.ip {
            IpAddr::V4(ip) => kind_of_ipv4(ip),
            IpAddr::V6(ip) => kind_of_ipv6(ip),
        }
    }

    /// The historic class of an IPv4 address. IPv6 never had classes.
    pub fn class(&self) -> Option<Class> {
        let IpAddr::V4(ip) = self.ip else { return None };
        Some(match ip.octets()[0] {
            0..=127 => Class::A,
            128..=191 => Class::B,
            192..=223 => Class::C,
            224..=239 => Class::D,
            240..=255 => Class::E,
        })
    }

    /// The network that the address is in, if it came with a prefix.
    pub fn network(&self) -> Option<Network> {
        self.network
    }
}

/// Reads `192.168.56.1` or `192.168.56.1/24`. Nothing is looked up.
impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Address, Error> {
        let malformed = |reason| Error::MalformedAddress { text: text.to_owned(), reason };
        let (ip_text, prefix_text) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (text, None),
        };
        let ip: IpAddr = ip_text.parse().map_err(|_| malformed(why_no_address(ip_text)))?;
        let network = prefix_text
            .map(|prefix| {
                let net = prefix_bits(prefix).and_then(|bits| IpNet::new(ip, bits).ok());
                net.map(Network).ok_or_else(|| malformed(why_no_prefix(ip)))
            })
            .transpose()?;
        Ok(Address { ip, network })
    }
}

/// A prefix is digits; `parse` alone would take `+24`.
fn prefix_bits(text: &str) -> Option<u8> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

fn why_no_address(text: &str) -> &'static str {
    if text.is_empty() {
        "it is empty; give one such as 192.168.56.1 or ::1"
    } else if text.contains(['[', ']', '%']) {
        "give an IPv6 address without brackets and without an interface, as in fe80::1"
    } else if text.contains(':') {
        "an IPv6 address has eight groups of hexadecimal digits between colons, and one :: may \
         stand for groups of zeros, as in fd00::1"
    } else if text.contains(char::is_alphabetic) {
        "a name has to be looked up first, with `net-utils host NAME`"
    } else {
        "an IPv4 address has four numbers from 0 to 255 between dots, without leading zeros, as \
         in 192.168.56.1"
    }
}

fn why_no_prefix(ip: IpAddr) -> &'static str {
    if ip.is_ipv4() {
        "the prefix of an IPv4 address is a number of bits from 0 to 32, as in 192.168.56.1/24"
    } else {
        "the prefix of an IPv6 address is a number of bits from 0 to 128, as in fd00::1/64"
    }
}

/// What addresses of a range are for, by the registries of RFC 6890.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// 0.0.0.0 or `::` (RFC 1122, RFC 4291): to a server that binds it, all addresses of its host.
    Any,
    /// 127.0.0.0/8 or `::1` (RFC 1122, RFC 4291).
    Loopback,
    /// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) or fc00::/7 (RFC 4193).
    Private,
    /// 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291).
    LinkLocal,
    /// 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291).
    Multicast,
    /// 255.255.255.255 (RFC 919). The broadcast address of a network is of the network's kind.
    Broadcast,
    /// 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737), 2001:db8::/32 (RFC 3849) or
    /// 3fff::/20 (RFC 9637).
    Documentation,
    /// 100.64.0.0/10 (RFC 6598).
    Shared,
    /// ::ffff:0:0/96 (RFC 4291): an IPv4 peer, as an IPv6 socket shows it.
    Ipv4Mapped,
    /// All that is neither listed above nor public: 0.0.0.0/8, 192.0.0.0/24, 198.18.0.0/15 and
    /// 240.0.0.0/4 (RFC 6890), and IPv6 outside of 2000::/3 (RFC 4291).
    Reserved,
    /// All others.
    Public,
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

/// The class of an IPv4 address (RFC 791; D and E: RFC 1112): history since 1993, when
/// prefixes took the place of classes (RFC 1519).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// 0.0.0.0 to 127.255.255.255.
    A,
    /// 128.0.0.0 to 191.255.255.255.
    B,
    /// 192.0.0.0 to 223.255.255.255.
    C,
    /// 224.0.0.0 to 239.255.255.255.
    D,
    /// 240.0.0.0 to 255.255.255.255.
    E,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::A => "A (historic: the network was the first 8 bits)",
            Class::B => "B (historic: the network was the first 16 bits)",
            Class::C => "C (historic: the network was the first 24 bits)",
            Class::D => "D (historic: multicast)",
            Class::E => "E (historic: reserved)",
        })
    }
}

/// The network of an address with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
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

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:12}{}", "address", self.ip)?;
        write!(f, "\n{:12}IPv{}, {} bits", "version", self.version(), self.bits())?;
        write!(f, "\n{:12}{}", "kind", self.kind())?;
        if let Some(class) = self.class() {
            write!(f, "\n{:12}{class}", "class")?;
        }
        let Some(network) = self.network else { return Ok(()) };
        write!(f, "\n{:12}{}", "netmask", network.netmask())?;
        write!(f, "\n{:12}{}", "network", network.address())?;
        write!(f, "\n{:12}{}", "first host", network.first_host())?;
        write!(f, "\n{:12}{}", "last host", network.last_host())?;
        if let Some(broadcast) = network.broadcast() {
            write!(f, "\n{:12}{broadcast}", "broadcast")?;
        }
        write!(f, "\n{:12}{}", "hosts", network.hosts())?;
        write!(f, "\n{:12}{}", "role", network.role())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn every_edge_of_a_range_is_of_its_kind() {
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
            (
                Kind::Reserved,
                &["240.0.0.0", "255.255.255.254", "::2", "1fff::", "4000::", "fec0::"],
            ),
            (Kind::Public, &["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255"]),
            (Kind::Public, &["100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255"]),
            (Kind::Public, &["172.32.0.0", "192.169.0.0", "223.255.255.255", "2000::"]),
            (Kind::Public, &["2001:db7::", "2001:db9::", "3fff:1000::"]),
        ] {
            for text in addresses {
                assert_eq!(address(text).kind(), kind, "{text}");
            }
        }
    }

    #[test]
    fn ipv4_has_classes_and_ipv6_none() {
        for (class, first, last) in [
            (Class::A, "0.0.0.0", "127.255.255.255"),
            (Class::B, "128.0.0.0", "191.255.255.255"),
            (Class::C, "192.0.0.0", "223.255.255.255"),
            (Class::D, "224.0.0.0", "239.255.255.255"),
            (Class::E, "240.0.0.0", "255.255.255.255"),
        ] {
            assert_eq!(address(first).class(), Some(class), "{first}");
            assert_eq!(address(last).class(), Some(class), "{last}");
        }
        assert_eq!(address("::1").class(), None);
    }

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
            let found = address(text).network().unwrap();
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
            assert_eq!(address(text).network().unwrap().role(), role, "{text}");
        }
    }

    #[test]
    fn without_a_prefix_there_is_no_network() {
        assert_eq!(address("192.168.56.1").network(), None);
        assert!(!address("192.168.56.1").to_string().contains("netmask"));
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_way_to_do_it_right() {
        for (text, reason) in [
            ("", "empty"),
            ("/24", "empty"),
            ("256.1.1.1", "0 to 255"),
            ("1.2.3", "four numbers"),
            ("01.2.3.4", "leading zeros"),
            ("localhost", "looked up"),
            ("[::1]", "without brackets"),
            ("fe80::1%lo", "without an interface"),
            ("1:2:3", "eight groups"),
            ("1.2.3.4/33", "0 to 32"),
            ("1.2.3.4/", "0 to 32"),
            ("1.2.3.4/-1", "0 to 32"),
            ("1.2.3.4/+8", "0 to 32"),
            ("1.2.3.4/256", "0 to 32"),
            ("1.2.3.4/255.255.255.0", "0 to 32"),
            ("1.2.3.4/8/8", "0 to 32"),
            ("::1/129", "0 to 128"),
        ] {
            let message = text.parse::<Address>().unwrap_err().to_string();
            assert!(message.contains(reason), "{text:?}: {message}");
        }
    }

    #[test]
    fn values_begin_in_column_13() {
        for line in address("192.168.56.1/24").to_string().lines() {
            let (key, value) = line.split_at(12);
            assert!(key.ends_with(' ') && !value.starts_with(' '), "{line:?}");
        }
    }
}
