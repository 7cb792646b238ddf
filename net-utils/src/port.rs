//! What a port is: a number, or the name of a service.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A port as a person gives it: a number, or the name of a service.
///
/// Reading one looks nothing up: whether the service is known is found out by
/// [`socket_addresses`](crate::socket_addresses). On a command line, an argument of this type
/// wants clap's `allow_negative_numbers`, so that `-1` is refused here and not as an unknown option.
///
/// ```
/// use net_utils::Port;
///
/// assert_eq!("8888".parse::<Port>().unwrap(), Port::Number(8888));
/// // 0 asks the system for any free port.
/// assert_eq!("0".parse::<Port>().unwrap(), Port::Number(0));
/// assert_eq!("http".parse::<Port>().unwrap(), Port::Service("http".to_owned()));
/// for wrong in ["", "-1", "65536", "80/tcp"] {
///     assert!(wrong.parse::<Port>().is_err());
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Port {
    /// The number itself.
    Number(u16),
    /// The name of a service, which may be unknown.
    Service(String),
}

impl FromStr for Port {
    type Err = Error;

    fn from_str(text: &str) -> Result<Port, Error> {
        let malformed = |reason| Err(Error::MalformedPort { text: text.to_owned(), reason });
        if text.is_empty() {
            return malformed("it is empty");
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return match text.parse() {
                Ok(number) => Ok(Port::Number(number)),
                Err(_) => malformed("a port has 16 bits, and this number needs more"),
            };
        }
        // A name has a letter in it (RFC 6335, section 5.1). What has none was to be a number.
        if !text.contains(char::is_alphabetic) {
            return malformed("a port is a whole number, written in digits alone");
        }
        if text.starts_with('-') {
            return malformed("no service has a name that begins with a hyphen");
        }
        // Neither can stand in a name in a services file.
        if text.contains(|c: char| c == '/' || c == '#' || c.is_whitespace() || c.is_control()) {
            return malformed("the name of a service has no space, / or # in it");
        }
        Ok(Port::Service(text.to_owned()))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::Number(number) => number.fmt(f),
            Port::Service(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_read_as_number_or_name() {
        for (text, port) in [
            ("0", Port::Number(0)),
            ("1", Port::Number(1)),
            ("080", Port::Number(80)),
            ("65535", Port::Number(65535)),
            ("www", Port::Service("www".into())),
            // Names that stand in services files, though today's rules would not allow them.
            ("whois++", Port::Service("whois++".into())),
            ("3com-tsmux", Port::Service("3com-tsmux".into())),
        ] {
            assert_eq!(text.parse::<Port>().unwrap(), port, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_port_is_refused_with_the_way_to_do_it_right() {
        let message = "".parse::<Port>().unwrap_err().to_string();
        assert!(message.contains("it is empty"), "{message}");
        let long = "9".repeat(10_000);
        for text in
            ["", " ", "-1", "+80", "65536", "8 8", "80/tcp", "-p", "a b", "a\0", "1.5", &long]
        {
            let message = text.parse::<Port>().unwrap_err().to_string();
            assert!(message.contains("0 to 65535"), "{text:?}: {message}");
            assert!(message.len() < 300, "too long for a line: {message}");
        }
    }
}
