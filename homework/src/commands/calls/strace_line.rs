//! Parses the lines of strace.
//!
//! With `-f -y -xx`, a line starts with a thread ID, descriptors have names (`3<socket:[4711]>`), and
//! strings are hexadecimal, so that they can't be mistaken for syntax.

use std::net::{IpAddr, SocketAddr};

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Call {
    pub name: String,
    /// The arguments, as strace prints them. Before the call returns, the last ones may be missing.
    pub arguments: Vec<String>,
    /// The result, once it has returned.
    pub answer: Option<Answer>,
}

impl Call {
    /// Returns an argument, or nothing if it's missing.
    pub fn argument(&self, index: usize) -> &str {
        self.arguments.get(index).map_or("", String::as_str)
    }

    /// Returns the descriptors in all arguments: their numbers and names.
    pub fn descriptors(&self) -> impl Iterator<Item = (u32, String)> {
        self.arguments.iter().flat_map(|argument| descriptors(argument))
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub number: i64,
    /// The whole text, such as `3<socket:[4711]>`.
    pub text: String,
    pub error: Option<String>,
}

/// The end of a line whose call is interrupted by another thread. A later line has the rest.
pub const UNFINISHED: &str = "<unfinished ...>";

/// Splits a line into the thread ID and the rest.
pub fn thread(line: &str) -> Option<(u32, &str)> {
    let (thread, rest) = line.trim_start().split_once(char::is_whitespace)?;
    Some((thread.parse().ok()?, rest.trim_start()))
}

/// Parses a call, or the start of one that hasn't returned.
pub fn call(text: &str) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let mut call = Call { name: name.to_owned(), ..Call::default() };
    let mut argument = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for (place, character) in rest.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                push(&mut call.arguments, &argument);
                call.answer = answer(&rest[place + 1..]);
                return Some(call);
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                push(&mut call.arguments, &argument);
                argument.clear();
                continue;
            }
            _ => {}
        }
        argument.push(character);
    }
    push(&mut call.arguments, argument.trim_end().trim_end_matches(UNFINISHED));
    Some(call)
}

fn push(arguments: &mut Vec<String>, argument: &str) {
    let argument = argument.trim();
    if !argument.is_empty() {
        arguments.push(argument.to_owned());
    }
}

/// Parses the result after the arguments. `?` isn't one: the call is restarted, or the thread exited.
fn answer(text: &str) -> Option<Answer> {
    let text = text.trim_start().strip_prefix('=')?.trim();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let number = &text[..end.unwrap_or(text.len())];
    let number = match number.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    let error = text.strip_prefix("-1 ").and_then(|rest| rest.split(' ').next());
    let error = error.filter(|_| number == -1).map(str::to_owned);
    Some(Answer { number, text: text.to_owned(), error })
}

/// Parses a descriptor: its number and name, such as `socket:[4711]`.
pub fn descriptor(text: &str) -> Option<(u32, String)> {
    let (number, rest) = text.split_once('<')?;
    let target = &rest[..rest.find('>')?];
    Some((number.parse().ok()?, String::from_utf8_lossy(&unescaped(target)).into_owned()))
}

/// Finds all descriptors in an argument, such as that of `poll`.
fn descriptors(text: &str) -> Vec<(u32, String)> {
    let starts = text.match_indices('<').map(|(place, _)| {
        let digits = text[..place].bytes().rev().take_while(u8::is_ascii_digit).count();
        place - digits
    });
    starts.filter_map(|start| descriptor(&text[start..])).collect()
}

/// Parses a string, or all strings after `iov_base=`. strace truncates long ones.
pub fn bytes(argument: &str) -> Vec<u8> {
    if let Some(rest) = argument.strip_prefix('"') {
        return unescaped(&rest[..rest.find('"').unwrap_or(rest.len())]);
    }
    let pieces = argument.split("iov_base=\"").skip(1);
    pieces.flat_map(|rest| unescaped(&rest[..rest.find('"').unwrap_or(rest.len())])).collect()
}

/// Returns the total buffer size of an argument: the sum of all `iov_len=`.
pub fn room(argument: &str) -> u64 {
    let lengths = argument.split("iov_len=").skip(1);
    let digits = lengths.filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    digits.filter_map(|digits| digits.parse::<u64>().ok()).sum()
}

/// Parses an address: `{sa_family=AF_INET, sin_port=htons(8888), sin_addr=inet_addr("127.0.0.1")}`.
pub fn address(argument: &str) -> Option<SocketAddr> {
    let (_, port) = argument.split_once("_port=htons(")?;
    let port = port[..port.find(')')?].parse().ok()?;
    let (_, address) = argument.split_once("_addr=").or(argument.split_once("inet_pton("))?;
    let (_, address) = address.split_once('"')?;
    let address = String::from_utf8(unescaped(&address[..address.find('"')?])).ok()?;
    Some(SocketAddr::new(address.parse::<IpAddr>().ok()?, port))
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut pieces = text.split("\\x");
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.extend(digits);
        bytes.extend(piece.get(2..).unwrap_or_default().as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_arguments_and_a_result() {
        let line = r#"recvfrom(4<\x73\x6f\x63>, "\x68\x69\x2c\x29\x22", 65536, 0, NULL, NULL) = 5"#;
        let call = call(line).unwrap();
        assert_eq!((call.name.as_str(), call.arguments.len()), ("recvfrom", 6));
        assert_eq!(descriptor(&call.arguments[0]), Some((4, "soc".to_owned())));
        assert_eq!(bytes(&call.arguments[1]), b"hi,)\"");
        assert_eq!(call.answer.unwrap().number, 5);
    }

    #[test]
    fn addresses_of_both_families_are_parsed() {
        let call = call(concat!(
            r#"accept4(3<\x73>, {sa_family=AF_INET, sin_port=htons(54480), "#,
            r#"sin_addr=inet_addr("\x31\x32\x37\x2e\x30\x2e\x30\x2e\x31")}, [128 => 16], "#,
            r#"SOCK_CLOEXEC) = 4<\x74>"#
        ))
        .unwrap();
        assert_eq!(address(&call.arguments[1]), "127.0.0.1:54480".parse().ok());
        let answer = call.answer.unwrap();
        assert_eq!(descriptor(&answer.text), Some((4, "t".to_owned())));
        let six = r#"{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "\x3a\x3a\x31", &sin6_addr), sin6_scope_id=0}"#;
        assert_eq!(address(six), "[::1]:80".parse().ok());
    }

    #[test]
    fn results_have_several_forms() {
        let poll = "[{fd=3<\\x73>, events=POLLIN}, {fd=4<\\x74>, events=POLLIN}]";
        assert_eq!(descriptors(poll), [(3, "s".to_owned()), (4, "t".to_owned())]);
        let refused = "connect(3<\\x73>, {}, 16) = -1 ECONNREFUSED (Connection refused)";
        // A call that is restarted or ends with its thread has no result.
        let restarted =
            "accept(3<\\x73>, 0x7, [16]) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)";
        for (line, name, number, error) in [
            // With -yy, and without -xx.
            ("close(4<TCP:[127.0.0.1:8888->127.0.0.1:41390]>) = 0", "close", Some(0), None),
            (
                &format!("poll({poll}, 2, -1) = 1 ([{{fd=3, revents=POLLIN}}])"),
                "poll",
                Some(1),
                None,
            ),
            ("fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)", "fcntl", Some(0x802), None),
            (refused, "connect", Some(-1), Some("ECONNREFUSED")),
            (restarted, "accept", None, None),
            ("recvfrom(4<\\x73>,  <unfinished ...>) = ?", "recvfrom", None, None),
        ] {
            let call = call(line).unwrap();
            let result = call.answer.as_ref();
            assert_eq!((&*call.name, result.map(|result| result.number)), (name, number), "{line}");
            assert_eq!(result.and_then(|result| result.error.as_deref()), error, "{line}");
        }
        let long = "4<TCP:[127.0.0.1:8888->127.0.0.1:41390]>";
        assert_eq!(descriptor(long).unwrap().0, 4);
    }

    #[test]
    fn a_message_in_pieces_is_put_together() {
        let call = call(concat!(
            r#"recvmsg(4<\x73>, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="\x68", iov_len=1}, "#,
            r#"{iov_base="\x69"..., iov_len=1024}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 2"#
        ))
        .unwrap();
        assert_eq!((bytes(&call.arguments[1]), room(&call.arguments[1])), (b"hi".to_vec(), 1025));
    }
}
