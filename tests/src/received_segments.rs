//! What has passed between two programs of a test, and in how many segments: sock_diag(7) tells what each end
//! of their connection has received.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;

use nix::libc;
use procfs_core::net::TcpState;
use socket2::{Domain, Protocol, Socket, Type};

use crate::catalogue::Message;
use crate::deadline::QUIET;
use crate::message;
use crate::process_snapshot::{Snapshot, TcpSocket};
use crate::program_outcome::ProgramOutcome;

/// Returns what two programs have sent each other so far, if they have exactly one connection to each other.
pub(crate) fn passed_between(programs: &[Arc<ProgramOutcome>]) -> Option<Message> {
    let roots: Vec<u32> = programs.iter().map(|program| program.process.id()).collect();
    let snapshot = Snapshot::without_threads(&roots)?;
    let owner = |socket| {
        let root = snapshot.root_of(socket)?;
        programs.iter().find(|program| program.process.id() == root)
    };
    let mut ends = Vec::new();
    // The first program was started first: the server, which hears from the client first.
    for program in programs {
        for socket in &snapshot.sockets {
            if let Some(peer) = snapshot.peer(socket)
                && let (Some(receiver), Some(sender)) = (owner(socket), owner(peer))
                && Arc::ptr_eq(program, receiver)
                && !Arc::ptr_eq(sender, receiver)
            {
                ends.push(arrived(socket, sender.who())?);
            }
        }
    }
    let [first, second] = <[Message; 2]>::try_from(ends).ok()?;
    Some(message!("both-arrived", first, second))
}

/// Returns what has arrived at this end of a connection.
fn arrived(socket: &TcpSocket, who: Message) -> Option<Message> {
    // The kernel counts the end of file as a byte.
    let end = u32::from(socket.state == TcpState::CloseWait);
    let (bytes, segments) = received(socket)?;
    let bytes = bytes.saturating_sub(end.into());
    Some(match socket.unread.saturating_sub(end) {
        _ if bytes == 0 => message!("nothing-arrived", who),
        0 => message!("arrived", who, bytes, segments),
        unread => message!("arrived-unread", who, bytes, segments, unread),
    })
}

// From <linux/netlink.h>, <linux/sock_diag.h>, <linux/inet_diag.h> and <linux/tcp.h>.
const NLM_F_REQUEST: u16 = 1;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const INET_DIAG_INFO: u16 = 2;
const NO_COOKIE: [u8; 8] = [0xff; 8];
/// The lengths of `struct nlmsghdr`, and of it with `struct inet_diag_req_v2` and `struct inet_diag_msg`.
const HEADER: usize = 16;
const REQUEST: u32 = 72;
const REPLY: usize = 88;
/// Offsets in `struct inet_diag_msg` and `struct tcp_info`.
const INODE: usize = 68;
const BYTES_RECEIVED: usize = 128;
const DATA_SEGMENTS_IN: usize = 152;

/// Returns how many bytes an IPv4 socket has received, and in how many segments. The end of file counts as a
/// byte. No safe interface to getsockopt has TCP_INFO, so this asks for the same structure in a message.
fn received(socket: &TcpSocket) -> Option<(u64, u32)> {
    let (SocketAddr::V4(local), SocketAddr::V4(remote)) = (socket.local, socket.remote) else {
        return None;
    };
    let request = [
        &REQUEST.to_ne_bytes()[..],
        &SOCK_DIAG_BY_FAMILY.to_ne_bytes(),
        &NLM_F_REQUEST.to_ne_bytes(),
        &[0; 8],
        &[libc::AF_INET as u8, libc::IPPROTO_TCP as u8, 1 << (INET_DIAG_INFO - 1), 0],
        &u32::MAX.to_ne_bytes(), // in any state
        &local.port().to_be_bytes(),
        &remote.port().to_be_bytes(),
        &local.ip().octets(),
        &[0; 12],
        &remote.ip().octets(),
        &[0; 12],
        &[0; 4], // on any interface
        &NO_COOKIE,
    ]
    .concat();
    let netlink = Socket::new(
        Domain::from(libc::AF_NETLINK),
        Type::DGRAM,
        Some(Protocol::from(libc::NETLINK_SOCK_DIAG)),
    )
    .ok()?;
    netlink.set_read_timeout(Some(QUIET)).ok()?;
    (&netlink).write_all(&request).ok()?;
    let mut reply = vec![0; 8192];
    let length = (&netlink).read(&mut reply).ok()?;
    reply.truncate(length);
    let is_it = u16_at(&reply, 4)? == SOCK_DIAG_BY_FAMILY
        && u64::from(u32_at(&reply, HEADER + INODE)?) == socket.inode;
    let mut attributes = reply.get(REPLY..).filter(|_| is_it)?;
    while u16_at(attributes, 2)? != INET_DIAG_INFO {
        let length = usize::from(u16_at(attributes, 0)?).max(4);
        attributes = attributes.get(length.next_multiple_of(4)..)?;
    }
    let info = attributes.get(4..)?;
    Some((u64_at(info, BYTES_RECEIVED)?, u32_at(info, DATA_SEGMENTS_IN)?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_ne_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_ne_bytes)
}
