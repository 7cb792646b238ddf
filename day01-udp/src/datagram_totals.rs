//! How many datagrams the server has received and sent.

use std::sync::atomic::{AtomicU64, Ordering};

use common::{counted, step};

static RECEIVED: AtomicU64 = AtomicU64::new(0);
static SENT: AtomicU64 = AtomicU64::new(0);

pub fn received_one() {
    RECEIVED.fetch_add(1, Ordering::Relaxed);
}

pub fn sent_one() {
    SENT.fetch_add(1, Ordering::Relaxed);
}

/// Step 5.
pub fn print() {
    let received = counted(RECEIVED.load(Ordering::Relaxed), "datagram");
    let sent = counted(SENT.load(Ordering::Relaxed), "datagram");
    step!(5, "close", "{received} received, {sent} sent");
}
