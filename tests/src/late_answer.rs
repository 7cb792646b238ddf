//! Whether a program sleeps while a client waits for its answer.

use std::time::{Duration, Instant};

use crate::deadline::{DEADLINE, is_timeout};
use crate::program_watch::ProgramWatch;
use crate::tcp_connection::Connection;

/// How often the programs are looked at.
const INTERVAL: Duration = Duration::from_millis(20);

impl Connection {
    /// Waits until there is an answer to receive, and leaves it there. Returns for how long the programs
    /// were seen in one and the same sleep meanwhile: no thread ran, and one waited for a time to pass.
    ///
    /// That's a fact about the program, however slow the machine is. One that checks for input every 10 ms
    /// doesn't sleep long.
    pub fn longest_sleep_before_answer(&self) -> Duration {
        let deadline = Instant::now() + DEADLINE;
        let mut watch = ProgramWatch::new(&self.transcript);
        let mut longest = Duration::ZERO;
        while Instant::now() < deadline
            && self.peek(&mut [0], INTERVAL).is_err_and(|error| is_timeout(&error))
        {
            longest = longest.max(watch.asleep_for().unwrap_or_default());
        }
        longest
    }
}
