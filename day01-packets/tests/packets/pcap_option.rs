//! Tests of `--pcap FILE`: reads the capture file with another library.

use std::fs;
use std::time::Duration;

use rstest::rstest;
use tests::Harness;

use crate::parsed_frame::{Frame, segments, stream, summary};
use crate::{TemporaryFile, printed};

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
pub fn captured(
    harness: &Harness,
    name: &str,
    arguments: &[&str],
) -> (Vec<(Duration, Frame)>, String) {
    let file = TemporaryFile::new(name);
    let diagram = printed(harness, &[arguments, &["--pcap", file.path()]].concat());
    let bytes = fs::read(file.path());
    let bytes = bytes.unwrap_or_else(|error| harness.fail("a capture file", error.to_string()));
    let frames = read_capture(harness, &bytes);
    harness.check(frames.is_sorted_by_key(|(time, _)| *time), "times that grow", "a step back");
    let read = |(time, bytes): &(Duration, Vec<u8>)| {
        let frame = Frame::parse_checked(bytes);
        (*time, frame.unwrap_or_else(|error| harness.fail("a well-formed frame", &error)))
    };
    (frames.iter().map(read).collect(), diagram)
}

fn repeated((text, times): &(&str, usize)) -> String {
    text.repeat(*times)
}

#[rstest]
// The handshake, the message and the client's FIN with their acknowledgements, the reply and the
// server's FIN with theirs.
#[case::messages("messages", &["tcp", "hello"], &[
    "C SYN", "S SYN ACK", "C ACK", "C ACK data", "C FIN ACK", "S ACK", "S ACK", "S ACK data",
    "S FIN ACK", "C ACK", "C ACK",
])]
// Here the close, with four segments, follows the reply.
#[case::typed("typed", &["tcp", "hello", "--typed"], &[
    "C SYN", "S SYN ACK", "C ACK", "C ACK data", "S ACK", "S ACK data", "C ACK", "C FIN ACK",
    "S ACK", "S FIN ACK", "C ACK",
])]
#[case::refused("refused", &["tcp", "hello", "--no-server"], &["C SYN", "S RST ACK"])]
#[case::unread("unread", &["tcp", "hello", "--unread"], &[
    "C SYN", "S SYN ACK", "C ACK", "C ACK data", "C FIN ACK", "S ACK", "S ACK", "S RST ACK",
])]
fn a_capture_of_tcp_has_the_segments_of_the_lesson_in_their_order(
    #[case] name: &str,
    #[case] arguments: &[&str],
    #[case] expected: &[&str],
) {
    let harness = Harness::for_section("handshake");
    let (frames, _) = captured(&harness, &format!("order-{name}.pcap"), arguments);
    let is_right =
        matches!(frames[..], [(_, Frame::Arp), (_, Frame::Arp), (_, Frame::Tcp(..)), ..]);
    harness.check(is_right, "an ARP request and reply before the first segment", "something else");
    let actual = segments(frames);
    let actual: Vec<String> = actual.iter().map(|segment| summary(segment, 8888)).collect();
    harness.check(actual == expected, format!("{expected:?}"), format!("{actual:?}"));
}

#[rstest]
#[case::text("text", &[("hello", 1)])]
#[case::chinese("chinese", &[("你好", 1), ("再见", 1)])]
#[case::empty("empty", &[("", 1), ("x", 1)])]
#[case::a_full_segment("full", &[("f", 1460)])]
#[case::one_byte_more("more", &[("m", 1461)])]
#[case::as_long_as_may_be("longest", &[("l", 102_400)])]
fn a_capture_of_tcp_holds_the_messages(#[case] name: &str, #[case] messages: &[(&str, usize)]) {
    let messages: Vec<String> = messages.iter().map(repeated).collect();
    let harness = Harness::for_section("tcp");
    for loss in ["0", "40"] {
        let file = format!("tcp-{name}-{loss}.pcap");
        let mut arguments = vec!["tcp", "--loss", loss];
        arguments.extend(messages.iter().map(String::as_str));
        let segments = segments(captured(&harness, &file, &arguments).0);
        for port in [49152, 8888] {
            harness.check_bytes(messages.concat().as_bytes(), &stream(&segments, port));
        }
        let again = segments.iter().filter(|(_, tcp, _)| tcp.syn && !tcp.ack).count() > 1;
        harness.check(loss != "0" || !again, "one SYN when nothing is lost", "another SYN");
    }
}

#[rstest]
#[case::text("text", &[("hello", 1)])]
#[case::chinese("chinese", &[("你好", 1), ("再见", 1)])]
#[case::empty("empty", &[("", 1)])]
#[case::as_long_as_may_be("longest", &[("l", 1472)])]
fn a_capture_of_udp_has_the_datagrams_and_nothing_else(
    #[case] name: &str,
    #[case] messages: &[(&str, usize)],
) {
    let messages: Vec<String> = messages.iter().map(repeated).collect();
    let harness = Harness::for_section("udp");
    let mut arguments = vec!["udp"];
    arguments.extend(messages.iter().map(String::as_str));
    let (frames, _) = captured(&harness, &format!("udp-{name}.pcap"), &arguments);
    let mut datagrams = vec![];
    for (_, frame) in frames {
        match frame {
            Frame::Udp(udp, data) => datagrams.push((udp.source_port, data)),
            Frame::Tcp(..) => harness.fail("no TCP", "a segment of TCP"),
            Frame::Icmp(..) => harness.fail("no ICMP", "a packet of ICMP"),
            Frame::Arp => {}
        }
    }
    // The server sends each message back.
    let message = |message: &String| {
        let bytes = message.as_bytes().to_vec();
        [(49152, bytes.clone()), (8888, bytes)]
    };
    let expected: Vec<_> = messages.iter().flat_map(message).collect();
    harness.check(datagrams == expected, format!("{expected:?}"), format!("{datagrams:?}"));
}

#[test]
fn a_capture_of_udp_without_server_has_the_datagram_and_an_icmp_error() {
    let harness = Harness::for_section("udp");
    let (frames, _) = captured(&harness, "udp-no-server.pcap", &["udp", "hello", "--no-server"]);
    let frames: Vec<Frame> = frames.into_iter().map(|(_, frame)| frame).collect();
    // Destination unreachable (3), because of the port (3): RFC 792.
    let is_right =
        matches!(frames[..], [Frame::Arp, Frame::Arp, Frame::Udp(..), Frame::Icmp(3, 3)]);
    let actual = format!("{} frames, other ones", frames.len());
    harness.check(is_right, "ARP twice, a datagram, ICMP port unreachable", actual);
}
