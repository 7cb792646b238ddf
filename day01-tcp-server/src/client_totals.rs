//! What was received and sent: per client, and in all.

use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use common::{counted, step};

static CLIENTS: AtomicU64 = AtomicU64::new(0);
static RECEIVED: AtomicU64 = AtomicU64::new(0);
static SENT: AtomicU64 = AtomicU64::new(0);

/// A client, and what it has sent and received. Displays as its address.
pub struct Client {
    address: SocketAddr,
    recvs: u64,
    received: u64,
    sent: u64,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        CLIENTS.fetch_add(1, Ordering::Relaxed);
        Client { address, recvs: 0, received: 0, sent: 0 }
    }

    pub fn received(&mut self, bytes: usize) {
        self.recvs += 1;
        self.received += bytes as u64;
        RECEIVED.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
        SENT.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub fn totals(&self) -> String {
        let recvs = counted(self.recvs, "recv");
        let (received, sent) = (counted(self.received, "byte"), counted(self.sent, "byte"));
        format!("{self}: {recvs}, {received} received, {sent} sent")
    }
}

impl Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// Step 6, for the listening socket.
pub fn print() {
    let [clients, received, sent] =
        [&CLIENTS, &RECEIVED, &SENT].map(|total| total.load(Ordering::Relaxed));
    let clients = counted(clients, "client");
    let (received, sent) = (counted(received, "byte"), counted(sent, "byte"));
    step!(6, "close", "listening socket; in all {clients}, {received} received, {sent} sent");
}
