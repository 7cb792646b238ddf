//! `recv` and `send` as a program needs them: repeated after a signal, and until every byte is sent.

use std::io::{self, ErrorKind, Read, Write};

/// `recv`: waits for bytes and returns those that have arrived. Returns `None` when the other end
/// has closed its sending half; the system call returns 0 then.
///
/// ```
/// let mut buffer = [0; 4];
/// assert_eq!(common::recv(&b"hello"[..], &mut buffer).unwrap(), Some(&b"hell"[..]));
/// assert_eq!(common::recv(&b""[..], &mut buffer).unwrap(), None);
/// ```
pub fn recv(mut socket: impl Read, buffer: &mut [u8]) -> io::Result<Option<&[u8]>> {
    let received = retry_interrupted(|| socket.read(buffer))?;
    Ok(if received == 0 { None } else { Some(&buffer[..received]) })
}

/// `send`, called again until every byte is sent: one call may take only some of them.
pub fn send_all(mut socket: impl Write, bytes: &[u8]) -> io::Result<()> {
    socket.write_all(bytes)
}

/// Repeats a call that a signal has interrupted (`EINTR`).
pub fn retry_interrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The error of a `recv` or `send` that has waited as long as the socket's timeout. Outside
/// Windows, `TimedOut` means something else: the other host acknowledges nothing, and the
/// connection is lost (RFC 9293, section 3.8.3).
pub const SOCKET_TIMEOUT: ErrorKind =
    if cfg!(windows) { ErrorKind::TimedOut } else { ErrorKind::WouldBlock };
