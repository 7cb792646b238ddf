//! The sockets as Linux lists them: a file for each protocol and version of IP, a line for each
//! socket.
//!
//! What stands in the lines is described in proc(5) and, in more detail, in the kernel's own
//! documentation: <https://docs.kernel.org/networking/proc_net_tcp.html>.

#[cfg(target_os = "linux")]
use std::fs;
#[cfg(target_os = "linux")]
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

#[cfg(target_os = "linux")]
use anyhow::{Result, bail};
use net_utils::Protocol;

#[cfg(target_os = "linux")]
use super::queue_length::queue_lengths;
use super::socket::{Socket, Timer};

/// All sockets of this host or, in a container, of this container: those of TCP and UDP, over IPv4
/// and IPv6.
///
/// # Errors
///
/// The files cannot be read.
#[cfg(target_os = "linux")]
pub fn sockets() -> Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    for (path, protocol) in FILES {
        match fs::read_to_string(path) {
            Ok(text) => sockets.append(&mut parse(&text, protocol)),
            // A system without IPv6 has no such file.
            Err(error) if error.kind() == ErrorKind::NotFound && path.ends_with('6') => {}
            Err(error) => bail!(
                "cannot list the sockets of this host: Linux has them in {path}: {error}; check \
                 with `ls /proc/net` that /proc is mounted"
            ),
        }
    }
    for (address, length) in queue_lengths() {
        let of_it = |socket: &&mut Socket| socket.queue.is_some() && socket.own == address;
        sockets.iter_mut().filter(of_it).for_each(|socket| socket.queue_length = Some(length));
    }
    Ok(sockets)
}

#[cfg(target_os = "linux")]
const FILES: [(&str, Protocol); 4] = [
    ("/proc/net/tcp", Protocol::Tcp),
    ("/proc/net/tcp6", Protocol::Tcp),
    ("/proc/net/udp", Protocol::Udp),
    ("/proc/net/udp6", Protocol::Udp),
];

/// The sockets in the text of one of the files. A line that does not look like one is left out:
/// the first of each file is a heading.
pub fn parse(text: &str, protocol: Protocol) -> Vec<Socket> {
    text.lines().filter_map(|line| socket(line, protocol)).collect()
}

/// Reads `sl own other st tx_queue:rx_queue tr:when retransmits uid timeout inode`. All but the
/// user and the inode, which are decimal, are hexadecimal.
fn socket(line: &str, protocol: Protocol) -> Option<Socket> {
    let mut fields = line.split_whitespace().skip(1);
    let own = address(fields.next()?)?;
    // All zeros where there is no other end.
    let other = Some(address(fields.next()?)?).filter(|other| other.port() != 0);
    let state = number(fields.next()?)?;
    let (sending, receiving) = fields.next()?.split_once(':')?;
    let (sending, receiving) = (number(sending)?, number(receiving)?);
    let (timer, when) = fields.next()?.split_once(':')?;
    let (timer, when) = (number(timer)?, hundredths(when));
    // The socket's number among files: 0 while, or since, no program has it open.
    let open = fields.nth(3)? != "0";

    if protocol == Protocol::Udp {
        let mut socket = Socket::new(protocol, "-", own, other);
        socket.to_receive = receiving;
        return Some(socket);
    }
    let state = state_of(state)?;
    let mut socket = Socket::new(protocol, state, own, other);
    match state {
        "LISTEN" => socket.queue = Some(receiving),
        // All that there is to acknowledge is the SYN.
        "SYN-SENT" => {}
        _ => {
            // When a program closes, the state is another one at once.
            socket.in_queue = !open && matches!(state, "ESTABLISHED" | "CLOSE-WAIT");
            // A FIN has a sequence number, like a byte, and is counted like one.
            socket.fin_to_receive =
                receiving > 0 && matches!(state, "CLOSE-WAIT" | "CLOSING" | "LAST-ACK");
            socket.to_receive = receiving - u32::from(socket.fin_to_receive);
            socket.fin_unacknowledged =
                sending > 0 && matches!(state, "FIN-WAIT-1" | "CLOSING" | "LAST-ACK");
            socket.unacknowledged = sending - u32::from(socket.fin_unacknowledged);
        }
    }
    socket.timer = match timer {
        1 => Some(Timer::SendAgain(when)),
        3 => Some(Timer::Gone(when)),
        4 => Some(Timer::AskForRoom(when)),
        // None, or keep-alive and the like.
        _ => None,
    };
    Some(socket)
}

/// The states by their numbers in Linux (include/net/tcp_states.h).
fn state_of(number: u32) -> Option<&'static str> {
    Some(match number {
        1 => "ESTABLISHED",
        2 => "SYN-SENT",
        // 12 is the same, of a kind of its own inside the kernel.
        3 | 12 => "SYN-RECEIVED",
        4 => "FIN-WAIT-1",
        5 => "FIN-WAIT-2",
        6 => "TIME-WAIT",
        7 => "CLOSED",
        8 => "CLOSE-WAIT",
        9 => "LAST-ACK",
        10 => "LISTEN",
        11 => "CLOSING",
        _ => return None,
    })
}

/// Reads `0100007F:22B8`: an address as the kernel has it in memory, 32 bits a number, and a port.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for digits in ip.as_bytes().chunks(8) {
        let digits = str::from_utf8(digits).ok().filter(|digits| digits.len() == 8)?;
        // The first byte of the address is the first in memory, whatever the processor makes of it.
        bytes.extend(number(digits)?.to_ne_bytes());
    }
    let ip: IpAddr = match bytes.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into(),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into(),
        _ => return None,
    };
    Some((ip, port).into())
}

fn number(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok()
}

/// A time in hundredths of a second (USER_HZ). One that is over for a moment is shown as a huge
/// one, or as less than none.
fn hundredths(digits: &str) -> Duration {
    let hundredths = number(digits).and_then(|time| i32::try_from(time).ok()).unwrap_or(0);
    Duration::from_millis(10) * hundredths.unsigned_abs()
}

// The addresses in these lines are those of a processor that has the last byte first.
#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    /// What is shown of a line that begins with its number, the addresses and the state.
    fn shown(protocol: Protocol, line: &str) -> Vec<String> {
        parse(line, protocol).iter().map(Socket::to_string).collect()
    }

    #[test]
    fn a_line_of_tcp_is_read() {
        for (line, expected) in [
            (
                "   2: 0100007F:ECB7 00000000:0000 0A 00000000:00000001 00:00000000 00000000     \
                 0        0 2264712 2 0000000027abd908 100 0 0 10 0",
                "tcp LISTEN       127.0.0.1:60599, 1 in the queue",
            ),
            (
                " 129: 0100007F:ECB7 0100007F:BAE6 01 00000000:00000002 00:00000000 00000000     \
                 0        0 0 1 00000000ca2f5939 20 4 30 10 -1",
                "tcp ESTABLISHED  127.0.0.1:60599 to 127.0.0.1:47846, in the queue, \
                 2 bytes to receive",
            ),
            (
                "  99: 0100007F:BAE6 0100007F:ECB7 01 00000000:00000000 00:00000000 00000000     \
                 0        0 2264713 2 0000000079ea2901 20 0 0 11 -1",
                "tcp ESTABLISHED  127.0.0.1:47846 to 127.0.0.1:60599",
            ),
            (
                " 238: 0100007F:ECB7 0100007F:BAF4 06 00000000:00000000 03:00001770 00000000     \
                 0        0 0 3 00000000717cc882",
                "tcp TIME-WAIT    127.0.0.1:60599 to 127.0.0.1:47860, 60 s left",
            ),
            // A FIN that nobody acknowledges.
            (
                "1: 0100007F:A1AE 0100007F:22B8 04 00000001:00000000 01:0000000B 00000001 0 0 0",
                "tcp FIN-WAIT-1   127.0.0.1:41390 to 127.0.0.1:8888, FIN not acknowledged, \
                 sent again in 0.1 s",
            ),
            // Its recv has not given 0 yet, and here it has.
            (
                "1: 0100007F:22B8 0100007F:A1AE 08 00000000:00000001 00:00000000 00000000 0 0 77",
                "tcp CLOSE-WAIT   127.0.0.1:8888 to 127.0.0.1:41390, FIN to receive",
            ),
            (
                "1: 0100007F:22B8 0100007F:A1AE 08 00000000:00000000 00:00000000 00000000 0 0 77",
                "tcp CLOSE-WAIT   127.0.0.1:8888 to 127.0.0.1:41390",
            ),
            // The other end does not receive.
            (
                "1: 0100007F:22B8 0100007F:A1AE 01 00001000:00000000 04:00000014 00000000 0 0 77",
                "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:41390, 4096 bytes not acknowledged, \
                 asks for room in 0.2 s",
            ),
            // A SYN that nobody answers, and one whose answer nobody acknowledges.
            (
                "1: 0100007F:A1AE 0100007F:22B8 02 00000001:00000000 01:00000062 00000000 0 0 77",
                "tcp SYN-SENT     127.0.0.1:41390 to 127.0.0.1:8888, sent again in 1.0 s",
            ),
            (
                "1: 0100007F:22B8 0100007F:A1AE 03 00000000:00000000 01:00000062 00000000 0 0 0",
                "tcp SYN-RECEIVED 127.0.0.1:8888 to 127.0.0.1:41390, sent again in 1.0 s",
            ),
            (
                "0: 00000000000000000000000001000000:22B8 00000000000000000000000001000000:A1AE \
                 01 00000000:00000000 00:00000000 00000000 0 0 78",
                "tcp ESTABLISHED  [::1]:8888 to [::1]:41390",
            ),
            (
                "0: 0000000000000000FFFF00000100007F:22B8 0000000000000000FFFF00000100007F:A1AE \
                 01 00000000:00000000 00:00000000 00000000 0 0 78",
                "tcp ESTABLISHED  [::ffff:127.0.0.1]:8888 to [::ffff:127.0.0.1]:41390",
            ),
        ] {
            assert_eq!(shown(Protocol::Tcp, line), [expected]);
        }
    }

    #[test]
    fn a_line_of_udp_is_read() {
        for (line, expected) in [
            (
                " 2116: 0100007F:22B8 00000000:0000 07 00000000:00000000 00:00000000 00000000     \
                 0        0 2264714 2 00000000ba98f938 0",
                "udp -            127.0.0.1:8888",
            ),
            (
                " 2116: 0100007F:22B8 00000000:0000 07 00000000:00000340 00:00000000 00000000     \
                 0        0 2264714 2 00000000ba98f938 0",
                "udp -            127.0.0.1:8888, 832 bytes of memory to receive",
            ),
            // Connected.
            (
                "1: 0100007F:A1AE 0100007F:22B8 01 00000000:00000000 00:00000000 00000000 0 0 79",
                "udp -            127.0.0.1:41390 to 127.0.0.1:8888",
            ),
        ] {
            assert_eq!(shown(Protocol::Udp, line), [expected]);
        }
    }

    #[test]
    fn what_is_no_socket_is_left_out() {
        for line in [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
            "",
            // Cut, a port too few, a short address, no number, a state that there is not.
            "1: 0100007F:ECB7 00000000:0000 0A 00000000:0000",
            "1: 0100007F 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0 0 77",
            "1: 0100:22B8 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0 0 77",
            "1: 01é007F:22B8 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0 0 77",
            "1: 0100007F:0001 00000000:0000 FF 00000000:00000001 00:00000000 00000000 0 0 77",
        ] {
            assert_eq!(shown(Protocol::Tcp, line), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_time_that_is_over_is_none() {
        assert_eq!(hundredths("0000000B"), Duration::from_millis(110));
        assert_eq!(hundredths("FFFFFFFE"), Duration::ZERO);
        assert_eq!(hundredths("FFFFFFFFFFFFFFFE"), Duration::ZERO);
    }
}
