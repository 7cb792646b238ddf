//! How far the conversation has got: what was sent and received, and who is waited for now. Both
//! threads of the client note it here.

use std::fmt::{self, Display};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Steps, TIME_IS_UP, counted, uninterrupted};
use socket2::Socket;

use crate::arguments::Arguments;

/// The shortest time-out that is set.
const SHORTEST: Duration = Duration::from_millis(1);

/// A handle of what is known about the conversation.
#[derive(Clone)]
pub struct Progress(Arc<Known>);

struct Known {
    steps: Steps,
    timeout: Duration,
    sent: AtomicU64,
    received: AtomicU64,
    start: Instant,
    /// When a byte was last sent or received, or input last came: in ms since the start.
    moved: AtomicU64,
    /// Whether recv has a time-out already.
    limited: AtomicBool,
    awaits_input: AtomicBool,
}

impl Progress {
    /// Of a connection on which nothing has been sent yet.
    pub fn new(arguments: &Arguments) -> Self {
        Progress(Arc::new(Known {
            steps: arguments.steps(),
            timeout: arguments.timeout,
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            start: Instant::now(),
            moved: AtomicU64::new(0),
            limited: AtomicBool::new(false),
            awaits_input: AtomicBool::new(false),
        }))
    }

    /// One send took so many bytes.
    pub fn add_sent(&self, bytes: usize) {
        self.0.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        self.note_move();
    }

    /// How many bytes were sent until now.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// How many bytes were received until now.
    pub fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    /// Whether nothing goes out because there is nothing to send yet.
    pub fn awaits_input(&self) -> bool {
        self.0.awaits_input.load(Ordering::Relaxed)
    }

    /// Reads a piece of the input, which may be a long time in coming.
    pub fn while_input_is_awaited<T>(&self, read: impl FnOnce() -> T) -> T {
        self.0.awaits_input.store(true, Ordering::Relaxed);
        let piece = read();
        self.note_move();
        self.0.awaits_input.store(false, Ordering::Relaxed);
        piece
    }

    /// Makes a recv, again and again until something comes, and counts it. When neither end has
    /// moved for the time of `--timeout`, and it is the server's turn, that is said once.
    pub fn patiently(
        &self,
        socket: &Socket,
        mut recv: impl FnMut() -> io::Result<usize>,
    ) -> io::Result<usize> {
        let Known { timeout, steps, .. } = *self.0;
        if !self.0.limited.swap(true, Ordering::Relaxed) {
            socket.set_read_timeout(Some(timeout))?;
        }
        let mut said = false;
        loop {
            match uninterrupted(&mut recv) {
                Err(error) if error.kind() == TIME_IS_UP => {}
                Ok(received) => {
                    self.0.received.fetch_add(received as u64, Ordering::Relaxed);
                    self.note_move();
                    return Ok(received);
                }
                failed => return failed,
            }
            // A send, or the end of a wait for input, may have come in between.
            let left = timeout.saturating_sub(self.idle());
            if left.is_zero() && !said && !self.awaits_input() {
                said = true;
                steps.note(format_args!(
                    "the server has neither taken nor sent a byte for {} s: it may be busy with \
                     another client; Ctrl-C ends the waiting",
                    timeout.as_secs_f64()
                ));
            }
            // The system counts in microseconds, and takes 0 as "wait for ever".
            let wait = if left.is_zero() { timeout } else { left.max(SHORTEST) };
            socket.set_read_timeout(Some(wait))?;
        }
    }

    fn idle(&self) -> Duration {
        let moved = Duration::from_millis(self.0.moved.load(Ordering::Relaxed));
        self.0.start.elapsed().saturating_sub(moved)
    }

    fn note_move(&self) {
        let now = self.0.start.elapsed().as_millis();
        self.0.moved.store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Display for Progress {
    fn fmt(&self, line: &mut fmt::Formatter) -> fmt::Result {
        let (sent, received) = (counted(self.sent(), "byte"), counted(self.received(), "byte"));
        write!(line, "{sent} sent, {received} received")
    }
}
