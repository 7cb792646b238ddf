//! The sockets as macOS and Windows list them, with the program `netstat` that each has.
//!
//! Linux has a program of that name as well, but many systems no longer install it.

#[cfg(not(target_os = "linux"))]
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
#[cfg(not(target_os = "linux"))]
use std::process::Command;

#[cfg(not(target_os = "linux"))]
use anyhow::{Result, anyhow, bail};
use net_utils::Protocol;

use super::socket::{STATES, Socket};

/// All sockets of this host: those of TCP and UDP, over IPv4 and IPv6.
///
/// # Errors
///
/// `netstat` cannot be run, or fails.
#[cfg(not(target_os = "linux"))]
pub fn sockets() -> Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    for arguments in COMMANDS {
        let output = Command::new("netstat").args(*arguments).output();
        let output = output.and_then(|output| match output.status.success() {
            true => Ok(output.stdout),
            false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
        });
        let output = output.map_err(|error| {
            anyhow!(
                "cannot list the sockets of this host: `netstat {}`: {error}; check that it can be \
                 run from this terminal",
                arguments.join(" ")
            )
        })?;
        sockets.append(&mut parse(&String::from_utf8_lossy(&output)));
    }
    if sockets.is_empty() {
        bail!("cannot list the sockets of this host: `netstat` shows none; run `netstat -an`");
    }
    Ok(sockets)
}

/// Numbers, not names (`-n`), of all sockets (`-a`); on macOS with addresses in full (`-l`, `-W`).
#[cfg(not(target_os = "linux"))]
const COMMANDS: &[&[&str]] =
    if cfg!(windows) { &[&["-an"]] } else { &[&["-anlW", "-p", "tcp"], &["-anlW", "-p", "udp"]] };

/// The sockets in what `netstat` printed. Lines of another kind, such as headings, are left out.
pub fn parse(text: &str) -> Vec<Socket> {
    text.lines().filter_map(socket).collect()
}

/// Reads a line of either system:
///
/// ```text
/// tcp4       0      0  127.0.0.1.8888         127.0.0.1.52036        ESTABLISHED
///   TCP    127.0.0.1:8888         127.0.0.1:52036        ESTABLISHED
/// ```
fn socket(line: &str) -> Option<Socket> {
    let mut fields = line.split_whitespace().peekable();
    let kind = fields.next()?.to_ascii_lowercase();
    let protocol = match kind.get(..3)? {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        _ => return None,
    };
    // macOS has both queues here, in bytes, and the version of IP behind the protocol.
    let mut queues = [0; 2];
    for queue in &mut queues {
        if let Some(length) = fields.peek().and_then(|field| field.parse().ok()) {
            *queue = length;
            fields.next();
        }
    }
    let v6 = kind.ends_with('6');
    let own = address(fields.next()?, v6)?;
    let other = Some(address(fields.next()?, v6)?).filter(|other| other.port() != 0);
    if protocol == Protocol::Udp {
        return Some(Socket::new(protocol, "-", own, other));
    }
    let state = in_our_words(fields.next()?);
    let state =
        if other.is_none() && !STATES.contains(&state.as_str()) { "LISTEN" } else { &state };
    let mut socket = Socket::new(protocol, state, own, other);
    if state != "LISTEN" {
        [socket.to_receive, socket.unacknowledged] = queues;
    }
    Some(socket)
}

/// Reads `127.0.0.1.8888` or `127.0.0.1:8888`, `*.8888` or `0.0.0.0:8888`, `::1.8888` or
/// `[::1]:8888`, `*.*` or `*:*`, and a link-local address with its interface, `fe80::1%lo0.8888`.
fn address(text: &str, v6: bool) -> Option<SocketAddr> {
    let (ip, port) = text.rsplit_once(if text.ends_with("*:*") { ':' } else { separator(text) })?;
    let port = if port == "*" { 0 } else { port.parse().ok()? };
    let ip = ip.trim_matches(['[', ']']);
    let ip = ip.split_once('%').map_or(ip, |(ip, _)| ip);
    let ip: IpAddr = match ip {
        "*" if v6 => Ipv6Addr::UNSPECIFIED.into(),
        "*" => Ipv4Addr::UNSPECIFIED.into(),
        ip => ip.parse().ok()?,
    };
    Some((ip, port).into())
}

/// What stands before the port: on macOS a dot.
fn separator(text: &str) -> char {
    let last = text.rfind(['.', ':']).map_or("", |at| &text[at..]);
    if last.starts_with('.') { '.' } else { ':' }
}

/// A state as the notes write it. A Windows in German translates them; a word that we do not know
/// stays as it is.
fn in_our_words(state: &str) -> String {
    let state = state.to_uppercase().replace('_', "-");
    let ours = match state.as_str() {
        "LISTENING" => "LISTEN",
        "SYN-RCVD" => "SYN-RECEIVED",
        "SYN-GESENDET" => "SYN-SENT",
        "HERGESTELLT" => "ESTABLISHED",
        "FIN-WAIT1" | "FIN-WARTEN-1" => "FIN-WAIT-1",
        "FIN-WAIT2" | "FIN-WARTEN-2" => "FIN-WAIT-2",
        "SCHLIESSEN-WARTEN" => "CLOSE-WAIT",
        "WARTEND" => "TIME-WAIT",
        other => other,
    };
    common::one_line(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        parse(text).iter().map(Socket::to_string).collect()
    }

    #[test]
    fn macos_is_read() {
        let text = "\
Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.8888         *.*                    LISTEN
tcp46      0      0  *.8889                 *.*                    LISTEN
tcp4       6      0  127.0.0.1.8888         127.0.0.1.52036        ESTABLISHED
tcp4       0      3  127.0.0.1.52036        127.0.0.1.8888         FIN_WAIT_1
tcp4       0      0  127.0.0.1.52035        127.0.0.1.8888         TIME_WAIT
tcp6       0      0  ::1.8888               ::1.52037              CLOSE_WAIT
tcp6       0      0  fe80::1%lo0.8888       fe80::1%lo0.52038      SYN_RCVD
udp4       0      0  *.8888                 *.*
udp6       0      0  *.5353                 *.*
";
        let expected = [
            "tcp LISTEN       127.0.0.1:8888",
            "tcp LISTEN       [::]:8889",
            "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:52036, 6 bytes to receive",
            "tcp FIN-WAIT-1   127.0.0.1:52036 to 127.0.0.1:8888, 3 bytes not acknowledged",
            "tcp TIME-WAIT    127.0.0.1:52035 to 127.0.0.1:8888",
            "tcp CLOSE-WAIT   [::1]:8888 to [::1]:52037",
            "tcp SYN-RECEIVED [fe80::1]:8888 to [fe80::1]:52038",
            "udp -            0.0.0.0:8888",
            "udp -            [::]:5353",
        ];
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn windows_is_read() {
        let text = "
Active Connections

  Proto  Local Address          Foreign Address        State
  TCP    127.0.0.1:8888         0.0.0.0:0              LISTENING
  TCP    127.0.0.1:8888         127.0.0.1:52036        ESTABLISHED
  TCP    127.0.0.1:52036        127.0.0.1:8888         FIN_WAIT_2
  TCP    127.0.0.1:52035        127.0.0.1:8888         TIME_WAIT
  TCP    [::1]:8888             [::]:0                 LISTENING
  TCP    [fe80::1%4]:8888       [fe80::1%4]:52038      SYN_RECEIVED
  UDP    127.0.0.1:8888         *:*
  UDP    [::1]:8888             *:*
";
        let expected = [
            "tcp LISTEN       127.0.0.1:8888",
            "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:52036",
            "tcp FIN-WAIT-2   127.0.0.1:52036 to 127.0.0.1:8888",
            "tcp TIME-WAIT    127.0.0.1:52035 to 127.0.0.1:8888",
            "tcp LISTEN       [::1]:8888",
            "tcp SYN-RECEIVED [fe80::1]:8888 to [fe80::1]:52038",
            "udp -            127.0.0.1:8888",
            "udp -            [::1]:8888",
        ];
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn windows_is_read_in_other_languages() {
        let german = "
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status
  TCP    127.0.0.1:8888         0.0.0.0:0              ABH\u{fffd}REN
  TCP    127.0.0.1:8888         127.0.0.1:52036        HERGESTELLT
  TCP    127.0.0.1:52035        127.0.0.1:8888         WARTEND
  TCP    127.0.0.1:52034        127.0.0.1:8888         LETZTES_ETWAS
";
        let expected = [
            "tcp LISTEN       127.0.0.1:8888",
            "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:52036",
            "tcp TIME-WAIT    127.0.0.1:52035 to 127.0.0.1:8888",
            "tcp LETZTES-ETWAS 127.0.0.1:52034 to 127.0.0.1:8888",
        ];
        assert_eq!(lines(german), expected);
        let chinese = "
活动连接

  协议  本地地址          外部地址        状态
  TCP    127.0.0.1:8888         0.0.0.0:0              LISTENING
";
        assert_eq!(lines(chinese), ["tcp LISTEN       127.0.0.1:8888"]);
    }
}
