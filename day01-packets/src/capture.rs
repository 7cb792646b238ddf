//! The frames as a capture file, for Wireshark and tcpdump.

use std::fs::File;
use std::io::Write;

use anyhow::Context;
use smoltcp::phy::{PcapLinkType, PcapSink};

use crate::events::{Exchange, What};

/// Writes every frame that was put on the link, the lost ones too: what a capture on the
/// sending host would have seen. The times start at 0, which readers show as 1970.
///
/// # Errors
///
/// The file cannot be written: the disk is full, for example.
pub fn write(exchange: &Exchange, mut file: File) -> anyhow::Result<()> {
    // The writer panics when it cannot write, and memory can always be written.
    let mut capture = Vec::new();
    capture.global_header(PcapLinkType::Ethernet);
    for event in &exchange.events {
        if let What::Frame { frame, .. } = &event.what {
            capture.packet(event.at, frame);
        }
    }
    file.write_all(&capture).context("cannot write the capture file")
}
