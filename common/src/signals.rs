//! What a blocking call may end with though nothing has come: a signal, or its socket's time-out.

use std::io;

/// Makes a call of a socket again when a signal has woken it before anything came (POSIX: EINTR).
/// That is no failure, but Python and C alike would have to handle it at each call.
///
/// # Errors
///
/// Those of the call.
pub fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// What recv and send fail with when the time-out of their socket has passed: Windows calls it
/// "timed out", others "would block". On these "timed out" is the end of the connection: the
/// other host has acknowledged nothing for too long (RFC 9293, section 3.8.3).
pub const TIME_IS_UP: io::ErrorKind =
    if cfg!(windows) { io::ErrorKind::TimedOut } else { io::ErrorKind::WouldBlock };
