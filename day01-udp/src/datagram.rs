//! What both ends know of datagrams: how long they can be, and how one is received whole or
//! known to be cut.

use std::fmt::{self, Display};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use common::{bytes, uninterrupted};
use socket2::Socket;

/// The most bytes of a message in a datagram to any address, which is one of IPv6: there the length
/// field of a packet counts what comes after its header (RFC 8200, section 3), and ends at 65,535.
/// The header of UDP takes 8 of them (RFC 768).
pub const LONGEST_MESSAGE: usize = 65_527;

/// In IPv4 the length field counts the packet's own header, too, which takes 20 bytes (RFC 791).
const LONGEST_OVER_IPV4: usize = LONGEST_MESSAGE - 20;

/// Refuses a message that no datagram to this address can carry.
pub fn check_length(message: &[u8], to: SocketAddr) -> anyhow::Result<()> {
    // An address such as ::ffff:127.0.0.1 is one of IPv4.
    let (version, longest) = match to.ip().to_canonical() {
        IpAddr::V4(_) => ("4", LONGEST_OVER_IPV4),
        IpAddr::V6(_) => ("6", LONGEST_MESSAGE),
    };
    if message.len() > longest {
        anyhow::bail!(
            "cannot send a message of more than {longest} bytes in one datagram of IPv{version}: \
             the length fields of a packet end at 65535, headers included; send it in parts, or \
             with TCP"
        );
    }
    Ok(())
}

/// Lets the system send the longest, too: macOS takes none that is longer than this buffer, at first
/// 9,216 bytes. Elsewhere it does nothing.
pub fn allow_the_longest(socket: &Socket) -> io::Result<()> {
    if cfg!(target_os = "macos") {
        socket.set_send_buffer_size(LONGEST_DATAGRAM)?;
    }
    Ok(())
}

/// No datagram is longer than its own length field, of 16 bits, can say (RFC 768).
const LONGEST_DATAGRAM: usize = 65_535;

/// A datagram that was received into a buffer.
pub struct Datagram {
    /// How many bytes the sender sent.
    pub length: usize,
    /// How many of them the buffer took: all, unless the buffer is too short.
    pub taken: usize,
    /// Where it came from.
    pub sender: SocketAddr,
}

impl Display for Datagram {
    fn fmt(&self, line: &mut fmt::Formatter) -> fmt::Result {
        write!(line, "{}", bytes(self.taken))?;
        if self.taken < self.length {
            write!(line, ", cut from a datagram of {},", bytes(self.length))?;
        }
        write!(line, " from {}", self.sender)
    }
}

/// recvfrom: waits for a datagram and stores it in the buffer.
///
/// The system cuts a datagram that is longer than the buffer, and does not tell how long it was. So
/// that we can, a short buffer costs one more call, which looks at the datagram and leaves it there.
pub fn recv_from(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Datagram> {
    if buffer.len() >= LONGEST_DATAGRAM {
        let (length, sender) = uninterrupted(|| socket.recv_from(buffer))?;
        return Ok(Datagram { length, taken: length, sender });
    }
    let mut whole = vec![0; LONGEST_DATAGRAM];
    let (length, sender) = uninterrupted(|| socket.peek_from(&mut whole))?;
    match uninterrupted(|| socket.recv_from(buffer)) {
        Ok((taken, sender)) => Ok(Datagram { length, taken, sender }),
        // Windows fills the buffer as well, and calls it an error that there is more.
        Err(error) if cfg!(windows) && error.raw_os_error() == Some(WSAEMSGSIZE) => {
            Ok(Datagram { length, taken: buffer.len(), sender })
        }
        Err(error) => Err(error),
    }
}

/// The value in winsock2.h of the Windows SDK.
const WSAEMSGSIZE: i32 = 10_040;
