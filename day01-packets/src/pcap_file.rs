//! Writes the frames to a capture file for Wireshark and tcpdump: `--pcap FILE`.

use std::fs::File;
use std::io::Write;

use anyhow::Context;
use smoltcp::phy::{PcapLinkType, PcapSink};

use crate::exchange::{EventKind, Exchange};

/// Writes all frames, the lost ones too, as a capture on the sending host would. The times start
/// at 0, which other programs show as 1970.
pub fn write(exchange: &Exchange, mut file: File) -> anyhow::Result<()> {
    // smoltcp's writer panics on an error, so let it write to memory.
    let mut capture = Vec::new();
    capture.global_header(PcapLinkType::Ethernet);
    for event in &exchange.events {
        if let EventKind::Frame { frame, .. } = &event.kind {
            capture.packet(event.at, frame);
        }
    }
    file.write_all(&capture).context("can't write the capture file")
}
