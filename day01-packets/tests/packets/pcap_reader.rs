//! Reads the files that `--pcap` writes.

use std::fs;
use std::time::Duration;

use tests::Harness;

use crate::parsed_frame::Frame;
use crate::{printed, temporary_file};

/// The times and frames of a capture file of the libpcap format, which begins with a header of
/// 24 bytes; each frame has one of 16. <https://www.tcpdump.org/manpages/pcap-savefile.5.html>
pub fn read_capture(harness: &Harness, file: &[u8]) -> Vec<(Duration, Vec<u8>)> {
    let number = |at: usize| {
        let bytes = file.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_ne_bytes).unwrap_or_else(|| harness.fail("a whole header", "its start"))
    };
    // In the byte order of this machine; Ethernet is number 1.
    harness.check(number(0) == 0xa1b2_c3d4, "the magic number of a capture", "another number");
    harness.check(number(20) == 1, "a capture of Ethernet", "one of something else");
    let mut frames = vec![];
    let mut at = 24;
    while at < file.len() {
        let time = Duration::new(number(at).into(), 1000 * number(at + 4));
        let length = number(at + 8) as usize;
        harness.check(number(at + 12) as usize == length, "whole frames", "cut frames");
        let Some(frame) = file.get(at + 16..at + 16 + length) else {
            harness.fail("a whole frame", "the end of the file")
        };
        frames.push((time, frame.to_vec()));
        at += 16 + length;
    }
    frames
}

/// Runs the program with `--pcap`, and reads the frames of its capture. Also returns the diagram.
pub fn captured(harness: &Harness, arguments: &[&str]) -> (Vec<(Duration, Frame)>, String) {
    let (_folder, path) = temporary_file();
    let diagram = printed(harness, &[arguments, &["--pcap", &path]].concat());
    let bytes = fs::read(path);
    let bytes = bytes.unwrap_or_else(|error| harness.fail("a capture file", error.to_string()));
    let frames = read_capture(harness, &bytes);
    harness.check(frames.is_sorted_by_key(|(time, _)| *time), "times that grow", "a step back");
    let read = |(time, bytes): &(Duration, Vec<u8>)| {
        let frame = Frame::parse(bytes, true);
        (*time, frame.unwrap_or_else(|error| harness.fail("a well-formed frame", &error)))
    };
    (frames.iter().map(read).collect(), diagram)
}
