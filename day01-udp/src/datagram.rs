//! Datagrams: how long they can be, and how to receive one and notice that it was cut.

use std::fmt::{self, Display};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use common::{bytes, retry_interrupted};
use socket2::Socket;

/// The longest message of a datagram, in bytes. Over IPv6, the length field of a packet ends at
/// 65,535 and counts only what follows the packet's header (RFC 8200, section 3); UDP's header takes
/// 8 bytes (RFC 768).
pub const LONGEST_MESSAGE: usize = 65_527;

/// Over IPv4 the length field counts the packet's own header too, which takes 20 bytes (RFC 791).
const LONGEST_OVER_IPV4: usize = LONGEST_MESSAGE - 20;

/// Fails if the message is too long for a datagram to this address.
pub fn check_length(message: &[u8], to: SocketAddr) -> anyhow::Result<()> {
    // ::ffff:127.0.0.1 is an address of IPv4.
    let (version, longest) = match to.ip().to_canonical() {
        IpAddr::V4(_) => ("4", LONGEST_OVER_IPV4),
        IpAddr::V6(_) => ("6", LONGEST_MESSAGE),
    };
    if message.len() > longest {
        anyhow::bail!(
            "can't send a message of more than {longest} bytes in one datagram of IPv{version}: \
             the length fields of a packet end at 65535, headers included; send it in parts, or \
             with TCP"
        );
    }
    Ok(())
}

/// Lets the system send the longest datagram: macOS sends none that is longer than this buffer, which
/// has 9,216 bytes by default. Elsewhere this is a no-op.
pub fn allow_longest(socket: &Socket) -> io::Result<()> {
    if cfg!(target_os = "macos") {
        socket.set_send_buffer_size(LONGEST_DATAGRAM)?;
    }
    Ok(())
}

/// The length field of a datagram has 16 bits (RFC 768).
const LONGEST_DATAGRAM: usize = 65_535;

/// A datagram that was received. Displays as its length and sender.
pub struct Datagram<'a> {
    pub message: &'a [u8],
    /// The number of bytes that were sent.
    length: usize,
    pub sender: SocketAddr,
}

impl Display for Datagram<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", bytes(self.message.len()))?;
        if self.message.len() < self.length {
            write!(f, ", cut from a datagram of {},", bytes(self.length))?;
        }
        write!(f, " from {}", self.sender)
    }
}

/// `recvfrom`: waits for a datagram.
///
/// The system cuts a datagram that is longer than the buffer, and doesn't say how long it was. So with
/// a short buffer, this first looks at the datagram with a longer one (`MSG_PEEK`).
pub fn recv_from<'a>(socket: &UdpSocket, buffer: &'a mut [u8]) -> io::Result<Datagram<'a>> {
    if buffer.len() >= LONGEST_DATAGRAM {
        let (length, sender) = retry_interrupted(|| socket.recv_from(buffer))?;
        return Ok(Datagram { message: &buffer[..length], length, sender });
    }
    let mut whole = vec![0; LONGEST_DATAGRAM];
    let (length, sender) = retry_interrupted(|| socket.peek_from(&mut whole))?;
    match retry_interrupted(|| socket.recv_from(buffer)) {
        Ok((received, sender)) => Ok(Datagram { message: &buffer[..received], length, sender }),
        // Windows fills the buffer and returns an error.
        Err(error) if cfg!(windows) && error.raw_os_error() == Some(WSAEMSGSIZE) => {
            Ok(Datagram { message: buffer, length, sender })
        }
        Err(error) => Err(error),
    }
}

/// From winsock2.h of the Windows SDK.
const WSAEMSGSIZE: i32 = 10_040;
