//! An IP address with an optional prefix, as `net-utils address` explains it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use crate::error::Error;
use crate::ip_address_kind::{class, kind};
use crate::ip_network::Network;

/// An IP address, alone or with a prefix: the number of bits that identify the network.
///
/// It's displayed as one property per line: a name, padded to 12 columns, and a value.
///
/// ```
/// use net_utils::Address;
///
/// let address: Address = "192.168.56.1/24".parse()?;
/// assert!(address.to_string().contains("kind        private"));
///
/// let network = address.network.unwrap();
/// assert_eq!(network.address().to_string(), "192.168.56.0");
/// assert_eq!(network.broadcast().unwrap().to_string(), "192.168.56.255");
/// assert_eq!(network.hosts(), 254);
/// # Ok::<(), net_utils::Error>(())
/// ```
#[doc(alias = "inet_pton")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The address itself.
    pub ip: IpAddr,
    /// The network that the address is in, if it has a prefix.
    pub network: Option<Network>,
}

/// Parses `192.168.56.1` or `192.168.56.1/24`, without a look-up.
impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Address, Error> {
        let malformed = |reason| Error::MalformedAddress { text: text.to_owned(), reason };
        let (ip_text, prefix_text) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (text, None),
        };
        let ip: IpAddr = ip_text.parse().map_err(|_| malformed(address_error(ip_text)))?;
        let network = prefix_text
            .map(|prefix| {
                // `parse` alone would accept `+24`.
                let bits = prefix.parse().ok().filter(|_| !prefix.starts_with('+'));
                let network = bits.and_then(|bits| IpNet::new(ip, bits).ok());
                network.map(Network).ok_or_else(|| malformed(prefix_error(ip)))
            })
            .transpose()?;
        Ok(Address { ip, network })
    }
}

fn address_error(text: &str) -> &'static str {
    if text.is_empty() {
        "it's empty; give an address such as 192.168.56.1 or ::1"
    } else if text.contains(['[', ']', '%']) {
        "give an IPv6 address without brackets and without an interface, as in fe80::1"
    } else if text.contains(':') {
        "an IPv6 address has eight groups of hexadecimal digits, separated by colons; one :: can \
         replace groups of zeros, as in fd00::1"
    } else if text.contains(char::is_alphabetic) {
        "this looks like a name; look up its address with `net-utils host NAME`"
    } else {
        "an IPv4 address has four numbers from 0 to 255, separated by dots and without leading \
         zeros, as in 192.168.56.1"
    }
}

fn prefix_error(ip: IpAddr) -> &'static str {
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
        write!(f, "\n{:12}{}", "kind", kind(self.ip))?;
        if let Some(class) = class(self.ip) {
            write!(f, "\n{:12}{class}", "class")?;
        }
        let Some(network) = self.network else { return Ok(()) };
        write!(f, "\n{:12}{}", "netmask", network.0.netmask())?;
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
    fn an_address_without_a_prefix_has_no_network() {
        assert_eq!(address("192.168.56.1").network, None);
        assert!(!address("192.168.56.1").to_string().contains("netmask"));
    }

    #[test]
    fn the_error_for_a_malformed_address_says_how_to_correct_it() {
        for (reason, texts) in [
            ("empty", &["", "/24"][..]),
            ("0 to 255", &["256.1.1.1"]),
            ("four numbers", &["1.2.3"]),
            ("leading zeros", &["01.2.3.4"]),
            ("net-utils host", &["localhost"]),
            ("without brackets", &["[::1]"]),
            ("without an interface", &["fe80::1%lo"]),
            ("eight groups", &["1:2:3"]),
            ("0 to 32", &["1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/+8", "1.2.3.4/256"]),
            ("0 to 32", &["1.2.3.4/255.255.255.0", "1.2.3.4/8/8"]),
            ("0 to 128", &["::1/129"]),
        ] {
            for text in texts {
                let message = text.parse::<Address>().unwrap_err().to_string();
                assert!(message.contains(reason), "{text:?}: {message}");
            }
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
