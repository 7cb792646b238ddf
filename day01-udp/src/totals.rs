//! What the server has received and sent, for its last line.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use common::{Steps, counted};

static RECEIVED: AtomicU64 = AtomicU64::new(0);
static SENT: AtomicU64 = AtomicU64::new(0);

/// A datagram was received.
pub fn received_one() {
    RECEIVED.fetch_add(1, Ordering::Relaxed);
}

/// A datagram was sent.
pub fn sent_one() {
    SENT.fetch_add(1, Ordering::Relaxed);
}

/// Makes Ctrl-C end the server with its last line.
pub fn print_on_ctrl_c(steps: Steps) -> Result<()> {
    common::end_on_ctrl_c(move || print(steps))
}

/// Step 5.
pub fn print(steps: Steps) {
    let received = counted(RECEIVED.load(Ordering::Relaxed), "datagram");
    let sent = counted(SENT.load(Ordering::Relaxed), "datagram");
    steps.step(5, "close", format_args!("{received} received, {sent} sent"));
}
