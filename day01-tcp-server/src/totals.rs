//! What was received and sent: from one client, for its last line, and from all of them together,
//! for the server's.

use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use common::{Steps, counted};

static CLIENTS: AtomicU64 = AtomicU64::new(0);
static RECEIVED: AtomicU64 = AtomicU64::new(0);
static SENT: AtomicU64 = AtomicU64::new(0);

/// A client: its address, and what it has done.
pub struct Client {
    address: SocketAddr,
    recvs: u64,
    received: u64,
    sent: u64,
}

impl Client {
    /// A client that has just connected.
    pub fn new(address: SocketAddr) -> Self {
        CLIENTS.fetch_add(1, Ordering::Relaxed);
        Client { address, recvs: 0, received: 0, sent: 0 }
    }

    /// One recv gave so many bytes.
    pub fn received(&mut self, bytes: usize) {
        self.recvs += 1;
        self.received += bytes as u64;
        RECEIVED.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// One send took so many bytes.
    pub fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
        SENT.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// All that it has done, for its last line.
    pub fn totals(&self) -> impl Display {
        let (recvs, received, sent) = (
            counted(self.recvs, "recv"),
            counted(self.received, "byte"),
            counted(self.sent, "byte"),
        );
        format!("{self}: {recvs}, {received} received, {sent} sent")
    }
}

/// Shown by its address.
impl Display for Client {
    fn fmt(&self, line: &mut fmt::Formatter) -> fmt::Result {
        self.address.fmt(line)
    }
}

/// Makes Ctrl-C end the server with its last line. From then on, so before anybody can connect.
pub fn print_on_ctrl_c(steps: Steps) -> Result<()> {
    common::end_on_ctrl_c(move || print(steps))
}

/// Step 6, for the listening socket.
pub fn print(steps: Steps) {
    let total =
        |number: &AtomicU64, noun| counted(number.load(Ordering::Relaxed), noun).to_string();
    let (clients, received, sent) =
        (total(&CLIENTS, "client"), total(&RECEIVED, "byte"), total(&SENT, "byte"));
    steps.step(
        6,
        "close",
        format_args!("listening socket; in all {clients}, {received} received, {sent} sent"),
    );
}
