//! The conversation of a person at a terminal: a prompt, a line, its reply, and again.

use std::io::{self, BufRead};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use net_utils::program::Steps;

use crate::{Connection, Failure};

/// How long a person waits for the reply before the next prompt comes all the same.
const WAIT_FOR_REPLY: Duration = Duration::from_secs(1);

/// How long the prompt waits for more of a reply that has not ended its line.
const WAIT_FOR_MORE: Duration = Duration::from_millis(100);

/// Sends what a person types, line by line, until an empty line or Ctrl-D. The reply to one
/// line is shown before the prompt for the next: `replies` tells of each piece of it that was
/// shown, and whether it ended a line.
pub fn send_lines(
    connection: &Connection,
    replies: &Receiver<bool>,
    steps: Steps,
) -> Result<(), Failure> {
    let mut input = io::stdin().lock();
    loop {
        // A reply that came late was for an earlier line.
        while replies.try_recv().is_ok() {}
        if !steps.quiet {
            connection.prompt();
        }
        let mut line = Vec::new();
        connection.awaits_input.store(true, Ordering::Relaxed);
        let read = input.read_until(b'\n', &mut line);
        connection.awaits_input.store(false, Ordering::Relaxed);
        read.map_err(Failure::Input)?;
        if line.ends_with(b"\n") {
            // Enter moved the cursor; Ctrl-D did not.
            connection.line_open.store(false, Ordering::Relaxed);
        }
        if matches!(&line[..], b"" | b"\n" | b"\r\n") {
            return Ok(());
        }
        connection.send_all(&line).map_err(Failure::Connection)?;

        let mut wait = WAIT_FOR_REPLY;
        loop {
            match replies.recv_timeout(wait) {
                Ok(true) => break,
                // A part of a line: the rest may be on its way.
                Ok(false) => wait = WAIT_FOR_MORE,
                Err(RecvTimeoutError::Timeout) if wait == WAIT_FOR_MORE => {
                    connection.end_line();
                    break;
                }
                Err(RecvTimeoutError::Timeout) => {
                    steps.note("no reply yet; it is shown when it comes");
                    break;
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Failure::ClosedFirst),
            }
        }
    }
}
