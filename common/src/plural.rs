//! Numbers with their nouns: `1 byte`, `2 bytes`.

use std::fmt::{self, Display};

/// A number of bytes.
pub fn bytes(length: usize) -> impl Display {
    counted(length as u64, "byte")
}

/// A number and a noun.
///
/// ```
/// assert_eq!(common::counted(0, "client").to_string(), "0 clients");
/// assert_eq!(common::bytes(1).to_string(), "1 byte");
/// assert_eq!(common::counted(1, "client").to_string(), "1 client");
/// ```
pub fn counted(number: u64, noun: &str) -> impl Display {
    Counted(number, noun)
}

struct Counted<'a>(u64, &'a str);

impl Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counted(number, noun) = *self;
        write!(f, "{number} {noun}{}", if number == 1 { "" } else { "s" })
    }
}
