//! Deadlines of the tests.

use std::io;
use std::time::{Duration, Instant};

/// Deadline for every blocking operation in a test. A working program needs a thousandth of it.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// How long a test waits to see that nothing happens. A right program passes however long it is; a
/// wrong one is caught only if it acts in this time.
pub const QUIET: Duration = Duration::from_millis(100);

/// How long a client pauses in the middle of a conversation. A server without a timeout waits for ever.
pub const PAUSE: Duration = Duration::from_secs(3);

/// Returns the time left until a deadline.
pub(crate) fn left(deadline: Instant) -> io::Result<Duration> {
    match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// Returns whether a socket's timeout has passed. Its error differs between operating systems.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
