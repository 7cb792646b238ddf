//! How long a test waits.

use std::io;
use std::time::{Duration, Instant};

/// How long a test waits for anything: to connect, a line, all the bytes of a message, the end
/// of a program. A program that works needs a thousandth of it.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// How long nothing must come where nothing may come yet. That a right program stays quiet does
/// not depend on it; that a wrong one is caught does.
pub const QUIET: Duration = Duration::from_millis(100);

/// What is left until a deadline.
pub(crate) fn left(deadline: Instant) -> io::Result<Duration> {
    match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// Whether the time-out of a socket has passed; systems have two names for it.
pub(crate) fn is_time_out(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
