//! How long the queue of a listening socket may become: the argument of `listen`, as far as the
//! system grants it (Linux: net.core.somaxconn). The files of /proc do not have it; the kernel
//! tells it to who asks with a message over a socket of its own: sock_diag(7).

use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

// Numbers of linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h and net/tcp_states.h.
const AF_NETLINK: i32 = 16;
const NETLINK_SOCK_DIAG: i32 = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST_AND_DUMP: u16 = 0x301;
const NLMSG_DONE: u16 = 3;
const TCP: u8 = 6;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const LISTEN: u32 = 10;

/// The lengths of a message's head, of the question and of an answer behind it.
const HEAD: usize = 16;
const QUESTION: usize = 56;
const ANSWER: usize = 72;

/// The listening sockets of TCP by their addresses, each with the length of its queue. Nothing where
/// the kernel does not say, as in some containers.
pub fn queue_lengths() -> Vec<(SocketAddr, u32)> {
    let of_family = |family| ask(family).unwrap_or_default();
    [AF_INET, AF_INET6].into_iter().flat_map(of_family).collect()
}

fn ask(family: u8) -> io::Result<Vec<(SocketAddr, u32)>> {
    let kernel = Domain::from(AF_NETLINK);
    let mut socket = Socket::new(kernel, Type::DGRAM, Some(Protocol::from(NETLINK_SOCK_DIAG)))?;
    // It answers at once, or not at all.
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    socket.send(&question(family))?;
    let (mut found, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let length = socket.read(&mut buffer)?;
        if take(&buffer[..length], &mut found) {
            return Ok(found);
        }
    }
}

/// All listening sockets of TCP, please.
fn question(family: u8) -> Vec<u8> {
    let length = u32::try_from(HEAD + QUESTION).unwrap_or_default();
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message.extend(NLM_F_REQUEST_AND_DUMP.to_ne_bytes());
    message.resize(HEAD, 0);
    message.extend([family, TCP, 0, 0]);
    message.extend((1_u32 << LISTEN).to_ne_bytes());
    // Whatever its addresses.
    message.resize(HEAD + QUESTION, 0);
    message
}

/// Takes the answers out of what was received, and says whether it was the last of it.
fn take(mut rest: &[u8], found: &mut Vec<(SocketAddr, u32)>) -> bool {
    while let Some(length) = number(rest, 0) {
        let length = usize::try_from(length).unwrap_or_default().clamp(HEAD, rest.len().max(HEAD));
        let kind = rest.get(4..6).map(|kind| u16::from_ne_bytes([kind[0], kind[1]]));
        if kind != Some(SOCK_DIAG_BY_FAMILY) {
            // The end, or an error, which is the end as well.
            return kind.is_none_or(|kind| kind <= NLMSG_DONE);
        }
        found.extend(rest.get(HEAD..length).and_then(answer));
        // Each message begins at a multiple of four bytes.
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    false
}

/// A socket of an answer: family, state, timer, resends; its port, the other's, its address, the
/// other's, interface and cookie; expiry, waiting, length of the queue, user, inode.
fn answer(answer: &[u8]) -> Option<(SocketAddr, u32)> {
    let answer = answer.get(..ANSWER)?;
    let ip: IpAddr = match answer[0] {
        AF_INET => <[u8; 4]>::try_from(&answer[8..12]).ok()?.into(),
        _ => <[u8; 16]>::try_from(&answer[8..24]).ok()?.into(),
    };
    let port = u16::from_be_bytes([answer[4], answer[5]]);
    Some((SocketAddr::new(ip, port), number(answer, 60)?))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_queue_is_the_argument_of_listen() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let address: SocketAddr = address.parse().unwrap();
            let domain = Domain::for_address(address);
            let Ok(listener) = Socket::new(domain, Type::STREAM, None) else { continue };
            if listener.bind(&address.into()).is_err() {
                continue;
            }
            listener.listen(7).unwrap();
            let address = listener.local_addr().unwrap().as_socket().unwrap();
            let lengths = queue_lengths();
            let found = lengths.iter().find(|(other, _)| *other == address);
            // A kernel that does not tell tells nothing.
            assert!(lengths.is_empty() || found == Some(&(address, 7)), "{address}: {lengths:?}");
        }
    }

    #[test]
    fn an_answer_that_is_cut_is_no_answer() {
        let mut message = question(AF_INET);
        message.extend([0; ANSWER - QUESTION]);
        let mut found = Vec::new();
        for length in 0..message.len() {
            take(&message[..length], &mut found);
        }
        assert_eq!(found, []);
    }
}
