//! What both ends know of datagrams: how long they can be, and how one is received whole or
//! known to be cut.

use std::fmt::{self, Display};
use std::io;
use std::net::{SocketAddr, UdpSocket};

use lesson::{bytes, uninterrupted};

/// The most bytes of a message in one datagram: the length field of an IPv4 packet ends at
/// 65,535 (RFC 791), its header takes 20 of them, and the header of UDP takes 8 (RFC 768).
pub const LONGEST_MESSAGE: usize = 65_507;

/// Refuses a message that no datagram can carry.
pub fn check_length(message: &[u8]) -> anyhow::Result<()> {
    if message.len() > LONGEST_MESSAGE {
        anyhow::bail!(
            "cannot send a message of more than {LONGEST_MESSAGE} bytes in one datagram: a packet \
             has 65535 bytes at most, headers included; send it in parts, or with TCP"
        );
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
/// The system cuts a datagram that is longer than the buffer, and does not tell. So that we
/// can, a short buffer costs one more call, which looks at the datagram and leaves it there.
pub fn recv_from(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Datagram> {
    if buffer.len() >= LONGEST_DATAGRAM {
        let (length, sender) = uninterrupted(|| socket.recv_from(buffer))?;
        return Ok(Datagram { length, taken: length, sender });
    }
    let mut whole = vec![0; LONGEST_DATAGRAM];
    let (length, _) = uninterrupted(|| socket.peek_from(&mut whole))?;
    let (taken, sender) = uninterrupted(|| socket.recv_from(buffer))?;
    Ok(Datagram { length, taken, sender })
}
