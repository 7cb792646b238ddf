//! The frames as a capture file, for Wireshark and tcpdump.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use smoltcp::phy::{PcapLinkType, PcapSink};

use crate::events::{Exchange, What};

/// Creates the capture file, so that a name that cannot be used is known before anything is
/// printed.
///
/// # Errors
///
/// The file exists and `force` is not set, or it cannot be created.
pub fn create(path: &Path, force: bool) -> anyhow::Result<File> {
    let file = if force { File::create(path) } else { File::create_new(path) };
    match file {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => anyhow::bail!(
            "the capture was not written: {path:?} exists; \
             give another name, or --force to replace it"
        ),
        Err(error) => anyhow::bail!(
            "cannot create the capture file {path:?}: {error}; \
             give the name of a file that you may write"
        ),
        Ok(file) => Ok(file),
    }
}

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
