//! Checks the syntax of a host name or address before it is looked up.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostSyntax {
    Name,
    /// An IPv4 address as inet_aton(3) reads it, such as `127.1` for `127.0.0.1`.
    Ipv4,
    /// An IPv6 address, perhaps with a scope.
    Ipv6,
}

/// The maximum length of a name between two dots, in octets (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

/// The maximum length of a written name. Its encoding is two octets longer: 255 (RFC 1035,
/// section 2.3.4).
const MAX_NAME: usize = 253;

/// Determines the syntax of a host. The error says what is wrong, and how to correct it.
pub(crate) fn host_syntax(name: &str) -> Result<HostSyntax, &'static str> {
    if name.is_empty() {
        return Err("it's empty; give a name such as localhost, or an address");
    }
    if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it contains a space or a control character; remove it");
    }
    if name.contains(['[', ']']) {
        return Err("it has brackets; write an IPv6 address without them, as in ::1");
    }
    if let Some((host, port)) = name.rsplit_once(':') {
        if !host.contains(':') && !port.is_empty() && is_digits(port) {
            return Err("it contains a port; give the host and the port separately");
        }
        // A URL has a colon too.
        return if name.contains('/') { Err(URL) } else { Ok(HostSyntax::Ipv6) };
    }
    if name.contains('/') {
        return Err(URL);
    }
    // The hosts file may have a name in any script. `_` isn't valid in a host name (RFC 1123,
    // section 2.1), but many names have it and work.
    if name.contains(|c: char| c.is_ascii_punctuation() && !matches!(c, '-' | '_' | '.')) {
        return Err("a host name consists of letters, digits, hyphens and dots; remove the rest");
    }
    // A dot at the end is valid: it stands for the DNS root.
    let labels = name.strip_suffix('.').unwrap_or(name);
    if labels.split('.').any(str::is_empty) {
        return Err(
            "nothing is before its first dot or between two dots; give a name such as example.com",
        );
    }
    if labels.split('.').any(|label| label.chars().count() > MAX_LABEL) {
        return Err("it has more than 63 characters between two dots; give a shorter name");
    }
    if labels.chars().count() > MAX_NAME {
        return Err("it has more than 253 characters; give a shorter name");
    }
    // No top-level domain is a number (RFC 3696, section 2).
    if labels.rsplit('.').next().is_some_and(is_number) {
        let octal = |label: &str| is_digits(label) && label.len() > 1 && label.starts_with('0');
        return if labels.split('.').any(octal) { Err(OCTAL) } else { Ok(HostSyntax::Ipv4) };
    }
    Ok(HostSyntax::Name)
}

fn is_digits(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
}

/// Decimal, or hexadecimal as in C.
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    is_digits(label)
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

const URL: &str = "it contains a /; give the host alone, as in example.com";
const OCTAL: &str = "some systems read a number with a leading 0 as octal (010 is 8); remove the 0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusual_names_are_left_to_the_system() {
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(61));
        for text in ["a", "a.", "my_host", "1and1.example", "a-b", "你好", "example.0xyz", &longest]
        {
            assert_eq!(host_syntax(text), Ok(HostSyntax::Name), "{text}");
        }
        assert_eq!(longest.len(), MAX_NAME);
    }
}
