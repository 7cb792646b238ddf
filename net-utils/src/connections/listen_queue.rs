//! The length of a listening socket's queue on Linux: the argument of `listen`, limited by
//! `net.core.somaxconn`. `/proc/net` doesn't have it; the kernel gives it in reply to a netlink
//! message (sock_diag(7)). The crates for that message take longer to build than everything else here.

use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

// From linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h and net/tcp_states.h.
const AF_NETLINK: i32 = 16;
const NETLINK_SOCK_DIAG: i32 = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST_AND_DUMP: u16 = 0x301;
const TCP: u8 = 6;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const LISTEN_ALONE: u32 = 1 << 10;

/// The sizes of `nlmsghdr`, `inet_diag_req_v2` and `inet_diag_msg`.
const HEADER: usize = 16;
const REQUEST: usize = 56;
const REPLY: usize = 72;

/// The queue length of each listening TCP socket. Empty where the kernel doesn't reply, as in some
/// containers.
pub fn queue_lengths() -> HashMap<SocketAddr, u32> {
    [AF_INET, AF_INET6].into_iter().flat_map(|family| request(family).unwrap_or_default()).collect()
}

fn request(family: u8) -> io::Result<Vec<(SocketAddr, u32)>> {
    let netlink = Some(Protocol::from(NETLINK_SOCK_DIAG));
    let mut kernel = Socket::new(Domain::from(AF_NETLINK), Type::DGRAM, netlink)?;
    // The kernel replies at once, or never.
    kernel.set_read_timeout(Some(Duration::from_secs(1)))?;

    let mut message = vec![0; HEADER + REQUEST];
    message[..4].copy_from_slice(&((HEADER + REQUEST) as u32).to_ne_bytes());
    message[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message[6..8].copy_from_slice(&NLM_F_REQUEST_AND_DUMP.to_ne_bytes());
    message[HEADER..HEADER + 2].copy_from_slice(&[family, TCP]);
    message[HEADER + 4..HEADER + 8].copy_from_slice(&LISTEN_ALONE.to_ne_bytes());
    kernel.send(&message)?;

    let (mut lengths, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let received = kernel.read(&mut buffer)?;
        let mut rest = &buffer[..received];
        while let Some(reply) = rest.get(HEADER..HEADER + REPLY) {
            // Anything else ends the dump, or is an error.
            if rest[4..6] != SOCK_DIAG_BY_FAMILY.to_ne_bytes() {
                break;
            }
            lengths.push(read_reply(reply));
            // Each message starts at a multiple of four bytes.
            let size = (number(rest, 0) as usize).max(HEADER).next_multiple_of(4);
            rest = rest.get(size..).unwrap_or_default();
        }
        if !rest.is_empty() {
            return Ok(lengths);
        }
    }
}

/// Reads the local address and the queue length from an `inet_diag_msg`.
fn read_reply(reply: &[u8]) -> (SocketAddr, u32) {
    let address: [u8; 16] = reply[8..24].try_into().unwrap_or_default();
    let ip: IpAddr = match reply[0] {
        AF_INET => <[u8; 4]>::try_from(&address[..4]).unwrap_or_default().into(),
        _ => address.into(),
    };
    let port = u16::from_be_bytes([reply[4], reply[5]]);
    // For a listening socket, the length of its queue replaces the unsent bytes.
    (SocketAddr::new(ip, port), number(reply, 60))
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap_or_default())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_queue_is_the_argument_of_listen() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let address: SocketAddr = address.parse().unwrap();
            let listener = Socket::new(Domain::for_address(address), Type::STREAM, None);
            // A system may lack IPv6.
            let Ok(listener) = listener else { continue };
            if listener.bind(&address.into()).is_err() {
                continue;
            }
            listener.listen(7).unwrap();
            let address = listener.local_addr().unwrap().as_socket().unwrap();
            let lengths = queue_lengths();
            let is_right = lengths.is_empty() || lengths.get(&address) == Some(&7);
            assert!(is_right, "{address}: {lengths:?}");
        }
    }
}
