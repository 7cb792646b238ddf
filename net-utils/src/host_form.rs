//! What the text for a host may be, before anybody is asked for it.

/// What the text for a host was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Name,
    /// An IPv4 address as C programs read it, such as `127.1` for `127.0.0.1`.
    Ipv4,
    /// An IPv6 address, with a scope.
    Ipv6,
}

/// The longest part of a name between two dots, in octets (RFC 1035, section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// The longest name as it is written. On the wire it has 255 octets (RFC 1035, section 2.3.4):
/// one more at its start and one more at its end.
const LONGEST_NAME: usize = 253;

/// Tells what the text of a host is meant to be, or what is wrong with it.
pub(crate) fn form(name: &str) -> Result<Form, &'static str> {
    if name.is_empty() {
        return Err("it is empty; give a name such as localhost, or an address");
    }
    if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it has a space or a control character in it; leave that out");
    }
    if name.contains(['[', ']']) {
        return Err("it has brackets; write an IPv6 address without them, as in ::1");
    }
    if let Some((host, port)) = name.rsplit_once(':') {
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        if !host.contains(':') && digits {
            return Err("it has a port in it; give the host and the port apart");
        }
        // No name has a colon, but a link such as http://example.com has.
        return if name.contains('/') { Err(NO_LINK) } else { Ok(Form::Ipv6) };
    }
    if name.contains('/') {
        return Err(NO_LINK);
    }
    // Whatever else a script has for letters, the system may know a name in it. `_` is in no
    // host name by the rules (RFC 1123, section 2.1), but in many that work.
    if name.contains(|c: char| c.is_ascii_punctuation() && !matches!(c, '-' | '_' | '.')) {
        return Err("the name of a host has letters, digits, hyphens and dots; leave out the rest");
    }
    // One dot at the end is the root of all names.
    let labels = name.strip_suffix('.').unwrap_or(name);
    if labels.split('.').any(str::is_empty) {
        return Err("it has nothing before or between its dots; give a name such as example.com");
    }
    if labels.split('.').any(|label| label.chars().count() > LONGEST_LABEL) {
        return Err("it has more than 63 characters between two dots; give a shorter name");
    }
    if labels.chars().count() > LONGEST_NAME {
        return Err("it has more than 253 characters; give a shorter name");
    }
    // What ends in a number is no name: no top-level domain is one (RFC 3696, section 2).
    if labels.rsplit('.').next().is_some_and(is_number) {
        let octal = |label: &str| is_digits(label) && label.len() > 1 && label.starts_with('0');
        return if labels.split('.').any(octal) { Err(OCTAL) } else { Ok(Form::Ipv4) };
    }
    Ok(Form::Name)
}

fn is_digits(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
}

/// In digits, or hexadecimal as in C.
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    is_digits(label)
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

const NO_LINK: &str = "it has a / in it; give the host alone, as in example.com";
const OCTAL: &str = "some systems read a number that begins with 0 as octal (010 is 8); leave out \
                     the 0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_name_is_left_to_the_system() {
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(61));
        for text in ["a", "a.", "my_host", "1and1.example", "a-b", "你好", "example.0xyz", &longest]
        {
            assert_eq!(form(text), Ok(Form::Name), "{text}");
        }
        assert_eq!(longest.len(), LONGEST_NAME);
    }
}
