//! The connection to the server: a socket that counts its bytes, and prints a note when the server
//! has been idle for too long. Both threads of the client use it.

use std::fmt::{self, Display};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{SOCKET_TIMEOUT, counted, print_note};
use socket2::Socket;

/// The shortest timeout of a socket: 0 would mean none.
const SHORTEST: Duration = Duration::from_millis(1);

/// A connection. It's closed when the last clone is dropped. Displays as its totals.
#[derive(Clone)]
pub struct Connection(Arc<State>);

struct State {
    socket: Socket,
    server: SocketAddr,
    timeout: Duration,
    sent: AtomicU64,
    received: AtomicU64,
    start: Instant,
    /// When a byte was last sent or received, or input last arrived: in ms since `start`.
    last_activity: AtomicU64,
    waits_for_input: AtomicBool,
}

impl Connection {
    /// `timeout` is how long the server may be idle before a note says so.
    pub fn new((socket, server): (Socket, SocketAddr), timeout: Duration) -> io::Result<Self> {
        socket.set_read_timeout(Some(timeout))?;
        Ok(Connection(Arc::new(State {
            socket,
            server,
            timeout,
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            start: Instant::now(),
            last_activity: AtomicU64::new(0),
            waits_for_input: AtomicBool::new(false),
        })))
    }

    pub fn server(&self) -> SocketAddr {
        self.0.server
    }

    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    pub fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    #[allow(dead_code, reason = "the starter code does not use it")]
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.socket.shutdown(how)
    }

    /// The error that the system has noted for the socket, if any (`SO_ERROR`).
    #[allow(dead_code, reason = "the starter code does not use it")]
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.0.socket.take_error()
    }

    /// Whether nothing is sent because there's no input yet.
    pub fn waits_for_input(&self) -> bool {
        self.0.waits_for_input.load(Ordering::Relaxed)
    }

    /// Runs `read`, which may wait for input. Meanwhile the server isn't the one that's idle.
    pub fn wait_for_input<T>(&self, read: impl FnOnce() -> T) -> T {
        self.0.waits_for_input.store(true, Ordering::Relaxed);
        let input = read();
        self.note_activity();
        self.0.waits_for_input.store(false, Ordering::Relaxed);
        input
    }

    fn idle(&self) -> Duration {
        let last = Duration::from_millis(self.0.last_activity.load(Ordering::Relaxed));
        self.0.start.elapsed().saturating_sub(last)
    }

    fn note_activity(&self) {
        let now = self.0.start.elapsed().as_millis();
        self.0.last_activity.store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// `recv`, repeated until something arrives.
impl Read for &Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let State { socket, timeout, .. } = &*self.0;
        let mut noted = false;
        loop {
            let received = (&mut &*socket).read(buffer);
            if !received.as_ref().is_err_and(|error| error.kind() == SOCKET_TIMEOUT) {
                if let Ok(length) = received {
                    self.0.received.fetch_add(length as u64, Ordering::Relaxed);
                    self.note_activity();
                }
                return received;
            }
            // Meanwhile the other thread may have sent something, or read input.
            let left = timeout.saturating_sub(self.idle());
            if left.is_zero() && !noted && !self.waits_for_input() {
                noted = true;
                print_note(format_args!(
                    "the server has neither received nor sent a byte for {} s: it may be busy with \
                     another client; press Ctrl-C to stop waiting",
                    timeout.as_secs_f64()
                ));
            }
            let wait = if left.is_zero() { *timeout } else { left.max(SHORTEST) };
            socket.set_read_timeout(Some(wait))?;
        }
    }
}

impl Write for &Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.socket.send(bytes)?;
        self.0.sent.fetch_add(sent as u64, Ordering::Relaxed);
        self.note_activity();
        Ok(sent)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (sent, received) = (counted(self.sent(), "byte"), counted(self.received(), "byte"));
        write!(f, "{sent} sent, {received} received")
    }
}
