//! Tests of `--pcap FILE`: reads the capture file with another library.

use rstest::rstest;
use tests::Harness;

use crate::parsed_frame::{Frame, segments, stream, summary};
use crate::pcap_reader::captured;

#[rstest]
// The handshake, the message and the client's FIN with their acknowledgements, the reply and the
// server's FIN with theirs.
#[case::messages(&["tcp", "hello"], &[
    "C SYN", "S SYN ACK", "C ACK", "C ACK data", "C FIN ACK", "S ACK", "S ACK", "S ACK data",
    "S FIN ACK", "C ACK", "C ACK",
])]
// Here the close, with four segments, follows the reply.
#[case::typed(&["tcp", "hello", "--typed"], &[
    "C SYN", "S SYN ACK", "C ACK", "C ACK data", "S ACK", "S ACK data", "C ACK", "C FIN ACK",
    "S ACK", "S FIN ACK", "C ACK",
])]
#[case::refused(&["tcp", "hello", "--no-server"], &["C SYN", "S RST ACK"])]
#[case::unread(&["tcp", "hello", "--unread"], &[
    "C SYN", "S SYN ACK", "C ACK", "C ACK data", "C FIN ACK", "S ACK", "S ACK", "S RST ACK",
])]
fn a_capture_of_tcp_has_the_segments_of_the_lesson_in_their_order(
    #[case] arguments: &[&str],
    #[case] expected: &[&str],
) {
    let harness = Harness::for_section("handshake");
    let (frames, _) = captured(&harness, arguments);
    let is_right =
        matches!(frames[..], [(_, Frame::Arp), (_, Frame::Arp), (_, Frame::Tcp(..)), ..]);
    harness.check(is_right, "an ARP request and reply before the first segment", "something else");
    let actual = segments(frames);
    let actual: Vec<String> = actual.iter().map(|segment| summary(segment, 8888)).collect();
    harness.check(actual == expected, format!("{expected:?}"), format!("{actual:?}"));
}

#[rstest]
#[case::text(&[("hello", 1)])]
#[case::chinese(&[("你好", 1), ("再见", 1)])]
#[case::empty(&[("", 1), ("x", 1)])]
#[case::a_full_segment(&[("f", 1460)])]
#[case::one_byte_more(&[("m", 1461)])]
#[case::as_long_as_may_be(&[("l", 102_400)])]
fn a_capture_of_tcp_holds_the_messages(#[case] messages: &[(&str, usize)]) {
    let messages: Vec<String> = messages.iter().map(|(text, times)| text.repeat(*times)).collect();
    let harness = Harness::for_section("tcp");
    for loss in ["0", "40"] {
        let mut arguments = vec!["tcp", "--loss", loss];
        arguments.extend(messages.iter().map(String::as_str));
        let segments = segments(captured(&harness, &arguments).0);
        for port in [49152, 8888] {
            harness.check_bytes(messages.concat().as_bytes(), &stream(&segments, port));
        }
        let again = segments.iter().filter(|(_, tcp, _)| tcp.syn && !tcp.ack).count() > 1;
        harness.check(loss != "0" || !again, "one SYN when nothing is lost", "another SYN");
    }
}

#[rstest]
#[case::text(&[("hello", 1)])]
#[case::chinese(&[("你好", 1), ("再见", 1)])]
#[case::empty(&[("", 1)])]
#[case::as_long_as_may_be(&[("l", 1472)])]
fn a_capture_of_udp_has_the_datagrams_and_nothing_else(#[case] messages: &[(&str, usize)]) {
    let messages: Vec<String> = messages.iter().map(|(text, times)| text.repeat(*times)).collect();
    let harness = Harness::for_section("udp");
    let mut arguments = vec!["udp"];
    arguments.extend(messages.iter().map(String::as_str));
    let (frames, _) = captured(&harness, &arguments);
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
    let (frames, _) = captured(&harness, &["udp", "hello", "--no-server"]);
    let frames: Vec<Frame> = frames.into_iter().map(|(_, frame)| frame).collect();
    // Destination unreachable (3), because of the port (3): RFC 792.
    let is_right =
        matches!(frames[..], [Frame::Arp, Frame::Arp, Frame::Udp(..), Frame::Icmp(3, 3)]);
    let actual = format!("{} frames, other ones", frames.len());
    harness.check(is_right, "ARP twice, a datagram, ICMP port unreachable", actual);
}
