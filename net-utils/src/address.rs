//! What an IP address is: read from text, and told in lines.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::error::Error;
pub use crate::kind::{Class, Kind};
pub use crate::network::{Network, Role};

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

    /// What addresses of this range are for.
    pub fn kind(&self) -> Kind {
        Kind::of(self.ip)
    }

    /// The historic class of an IPv4 address. IPv6 never had classes.
    pub fn class(&self) -> Option<Class> {
        Class::of(self.ip)
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
                let network = prefix_bits(prefix).and_then(|bits| Network::new(ip, bits));
                network.ok_or_else(|| malformed(why_no_prefix(ip)))
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

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, bits) = if self.ip.is_ipv4() { (4, 32) } else { (6, 128) };
        write!(f, "{:12}{}", "address", self.ip)?;
        write!(f, "\n{:12}IPv{version}, {bits} bits", "version")?;
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
