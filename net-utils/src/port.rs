//! A port on a command line: a number, or the name of a service.

use std::str::FromStr;

use crate::error::Error;

/// A port as a user gives it: a number, or the name of a service.
///
/// Parsing doesn't look up the service; [`socket_addresses`](crate::socket_addresses) does. Use it
/// with clap's `allow_negative_numbers`, so that the error for `-1` is about ports, not options.
///
/// ```
/// use net_utils::Port;
///
/// assert_eq!("8888".parse::<Port>().unwrap(), Port::Number(8888));
/// assert_eq!("http".parse::<Port>().unwrap(), Port::Service("http".to_owned()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Port {
    /// 0 to 65535.
    Number(u16),
    /// The name of a service, known or not.
    Service(String),
}

impl FromStr for Port {
    type Err = Error;

    fn from_str(text: &str) -> Result<Port, Error> {
        // None of these can be in a name in /etc/services.
        let is_separator = |c: char| c == '/' || c == '#' || c.is_whitespace() || c.is_control();
        let reason = match text {
            "" => "it's empty",
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => match text.parse() {
                Ok(number) => return Ok(Port::Number(number)),
                Err(_) => "the number has more than 16 bits",
            },
            // A name has at least one letter (RFC 6335, section 5.1).
            _ if !text.contains(char::is_alphabetic) => "a port number consists of digits only",
            _ if text.starts_with('-') => "the name of a service doesn't start with a hyphen",
            _ if text.contains(is_separator) => {
                "the name of a service doesn't contain a space, a / or a #"
            }
            _ => return Ok(Port::Service(text.to_owned())),
        };
        Err(Error::MalformedPort { text: text.to_owned(), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_parsed_as_a_number_or_a_name() {
        for (text, port) in [
            ("0", Port::Number(0)),
            ("1", Port::Number(1)),
            ("080", Port::Number(80)),
            ("65535", Port::Number(65535)),
            ("www", Port::Service("www".into())),
            // Names that are in /etc/services, although RFC 6335 would not allow them.
            ("whois++", Port::Service("whois++".into())),
            ("3com-tsmux", Port::Service("3com-tsmux".into())),
        ] {
            assert_eq!(text.parse::<Port>().unwrap(), port, "{text:?}");
        }
    }

    #[test]
    fn the_error_for_a_malformed_port_says_how_to_correct_it() {
        let message = "".parse::<Port>().unwrap_err().to_string();
        assert!(message.contains("it's empty"), "{message}");
        let long = "9".repeat(10_000);
        let wrong = ["", " ", "-1", "+80", "65536", "8 8", "80/tcp", "-p", "a b", "a\0", "1.5"];
        for text in wrong.into_iter().chain([long.as_str()]) {
            let message = text.parse::<Port>().unwrap_err().to_string();
            assert!(message.contains("0 to 65535"), "{text:?}: {message}");
            assert!(message.len() < 300, "too long for a line: {message}");
        }
    }
}
