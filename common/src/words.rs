//! The words that all programs use for the same thing.

use std::fmt::{self, Display};
use std::net::SocketAddr;

/// A length, as the steps and the errors show it.
///
/// ```
/// assert_eq!(common::bytes(1).to_string(), "1 byte");
/// ```
pub fn bytes(length: usize) -> impl Display {
    counted(length as u64, "byte")
}

/// The family of an address, by the name that its constant has in every language.
///
/// ```
/// assert_eq!(common::family("127.0.0.1:80".parse().unwrap()), "AF_INET (IPv4)");
/// ```
pub fn family(address: SocketAddr) -> &'static str {
    if address.is_ipv4() { "AF_INET (IPv4)" } else { "AF_INET6 (IPv6)" }
}

/// A number and what it counts, as one says it.
///
/// ```
/// use common::counted;
///
/// assert_eq!(counted(0, "byte").to_string(), "0 bytes");
/// assert_eq!(counted(1, "byte").to_string(), "1 byte");
/// ```
pub fn counted(number: u64, noun: &str) -> impl Display {
    Counted(number, noun)
}

struct Counted<'a>(u64, &'a str);

impl Display for Counted<'_> {
    fn fmt(&self, line: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counted(number, noun) = *self;
        write!(line, "{number} {noun}{}", if number == 1 { "" } else { "s" })
    }
}
