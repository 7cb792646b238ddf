//! Compares the diagrams with the kernel: runs the same exchange between the programs of this workspace
//! in two network namespaces, connected by a slow link that captures all packets.
//!
//! The order, flags and numbers of the segments and the end in TIME-WAIT must be equal. The only
//! differences are those in the table in the notes. The tests need `socat` and a system that lets users
//! create namespaces; otherwise they are skipped.

use std::env;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use etherparse::TcpOptionElement;
use rstest::rstest;
use tests::{
    DEADLINE, EmulatedLink, Harness, Program, ProgramCommand, SentPacket, Signal, TestedProgram,
};

use crate::parsed_frame::{Frame, Segment, segments, stream};
use crate::pcap_reader::captured;
use crate::tcp_segments::{PORT, closing, is_over, lines, numbered};
use crate::{INSIDE, harness, inside, printed, type_hello};

/// The delay of the link, as in the simulation.
const CROSSING: Duration = Duration::from_millis(10);

fn slow_link() -> Option<EmulatedLink> {
    link(|_, _, _| &[CROSSING])
}

#[expect(clippy::print_stdout, reason = "it is a test that prints")]
fn link(
    fate: impl Fn(usize, u32, &[u8]) -> &'static [Duration] + Send + Sync + 'static,
) -> Option<EmulatedLink> {
    EmulatedLink::with(fate).inspect_err(|reason| println!("skipped: no link: {reason}")).ok()
}

fn serve(harness: &Harness, link: &EmulatedLink) -> TestedProgram {
    let server = harness.program(Program::TcpServer, &["--host", EmulatedLink::ADDRESSES[0]]);
    server.in_network(&link.hosts()[0]).start_server("listening on ")
}

fn client(harness: &Harness, link: &EmulatedLink, arguments: &[&str]) -> ProgramCommand {
    let arguments = [&["--quiet", "--host", EmulatedLink::ADDRESSES[0]], arguments].concat();
    harness.program(Program::TcpClient, &arguments).in_network(&link.hosts()[1])
}

/// The segments that the kernel has sent.
fn real(harness: &Harness, seen: &[SentPacket]) -> Vec<Segment> {
    let start = seen.first().map_or_else(Instant::now, |first| first.at);
    let packets = seen.iter().map(|seen| (seen.at - start, parse_packet(harness, &seen.packet)));
    segments(packets.filter_map(|(at, packet)| Some((at, packet?))))
}

/// Parses an IPv4 packet. A new interface also sends IPv6 packets.
fn parse_packet(harness: &Harness, packet: &[u8]) -> Option<Frame> {
    (packet.first()? >> 4 == 4).then(|| {
        Frame::parse_packet(packet).unwrap_or_else(|error| harness.fail("a whole packet", &error))
    })
}

/// Waits for the end of the connection, and returns all segments.
fn until_over(harness: &Harness, link: &EmulatedLink) -> Vec<Segment> {
    let seen = link.wait_until(|seen| is_over(&real(harness, seen)));
    let seen = seen.unwrap_or_else(|| {
        let actual = lines(&real(harness, &link.seen()));
        harness.fail("segments until the connection is over", format!("{actual:#?}"))
    });
    real(harness, &seen)
}

/// How often an exchange is tried.
const TRIES: usize = 5;

/// Returns an exchange whose segments are as expected, or else the last one. On a busy machine, a program may
/// act so late that its kernel first sends an ACK alone. Then the exchange is made again.
fn undisturbed(
    exchange: impl Fn() -> Option<(EmulatedLink, Vec<Segment>)>,
    is_expected: impl Fn(&[Segment]) -> bool,
) -> Option<(EmulatedLink, Vec<Segment>)> {
    for _ in 1..TRIES {
        let (link, actual) = exchange()?;
        if is_expected(&actual) {
            return Some((link, actual));
        }
    }
    exchange()
}

/// The remaining times of a host's connections in TIME-WAIT, from /proc/net/tcp: state 6, with the time
/// in hundredths of a second.
fn time_waits(link: &EmulatedLink, host: usize) -> Vec<Duration> {
    let output = link.hosts()[host].command("cat").arg("/proc/net/tcp").output().expect("cat");
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    let time = |row: &Vec<&str>| u64::from_str_radix(row[5].split_once(':')?.1, 16).ok();
    let waits = rows.filter(|row| row[3] == "06").filter_map(|row| time(&row));
    waits.map(|hundredths| Duration::from_millis(10 * hundredths)).collect()
}

/// Whether the client and the server are in TIME-WAIT.
fn in_time_wait(link: &EmulatedLink) -> [bool; 2] {
    [1, 0].map(|host| !time_waits(link, host).is_empty())
}

/// The same in a diagram, which has the client on the left.
fn time_wait_in(diagram: &str) -> [bool; 2] {
    let rows: Vec<_> = diagram.lines().filter_map(|row| row.split_once('|')).collect();
    let in_it = |side: &str| side.contains("[TIME-WAIT]");
    [rows.iter().any(|row| in_it(row.0)), rows.iter().any(|row| in_it(row.1))]
}

/// The client sends its FIN right after the messages.
fn with_messages(harness: &Harness, link: &EmulatedLink) {
    let server = serve(harness, link);
    client(harness, link, &["hello"]).run(0).expect_output(b"hello\n");
    until_over(harness, link);
    drop(server);
}

/// The client sends a line, and its FIN after the reply.
fn typed(harness: &Harness, link: &EmulatedLink) {
    let server = serve(harness, link);
    type_hello(client(harness, link, &[]));
    until_over(harness, link);
    drop(server);
}

fn refused(harness: &Harness, link: &EmulatedLink) {
    client(harness, link, &["hello"]).run(1).expect_error_line(&["Connection refused"]);
}

/// The server is killed before it has received the message, so its system closes the connection.
fn unread(harness: &Harness, link: &EmulatedLink) {
    let server = serve(harness, link);
    let client = client(harness, link, &[]).with_input().start();
    server.wait_for_line("4 accept   client ");
    server.signal(Signal::Stop);
    client.write(b"hello\n");
    let message_is_there = link.wait_until(|seen| {
        let all = numbered(&real(harness, seen));
        all.iter().any(|segment| segment.flags == "S ACK" && segment.ack == 7)
    });
    harness.check(message_is_there.is_some(), "an ACK of the message", "none");
    drop(server);
    client.expect_exit(1);
    client.expect_error_line(&["Connection reset by peer"]);
}

#[rstest]
#[case::with_messages(&["tcp", "hello\n"], with_messages, [true, false], 4)]
#[case::typed(&["tcp", "hello\n", "--typed"], typed, [true, false], 4)]
#[case::refused(&["tcp", "hello\n", "--no-server"], refused, [false, false], 0)]
#[case::unread(&["tcp", "hello\n", "--typed", "--unread"], unread, [false, false], 0)]
fn the_kernel_sends_the_segments_of_the_diagram(
    #[case] arguments: &[&str],
    #[case] talk: fn(&Harness, &EmulatedLink),
    #[case] waits: [bool; 2],
    #[case] close: usize,
) {
    let harness = Harness::for_section("packets");
    let (frames, diagram) = captured(&harness, arguments);
    let drawn = segments(frames);
    let exchange = || {
        let link = slow_link()?;
        talk(&harness, &link);
        let actual = until_over(&harness, &link);
        Some((link, actual))
    };
    let is_as_drawn = |actual: &[Segment]| lines(actual) == lines(&drawn);
    let Some((link, actual)) = undisturbed(exchange, is_as_drawn) else { return };

    let (here, there) = (lines(&drawn), lines(&actual));
    harness.check(here == there, format!("as drawn: {here:#?}"), format!("{there:#?}"));
    let both = [time_wait_in(&diagram), in_time_wait(&link)];
    harness.check(
        both == [waits; 2],
        format!("TIME-WAIT at client, server: {waits:?}"),
        format!("in the diagram, in the kernel: {both:?}"),
    );
    // A FIN may include the ACK.
    let (drawn, actual) = (closing(&drawn), closing(&actual));
    let is_right = drawn == close && (actual == close || actual + 1 == close);
    let expected = format!("a close of {close} segments, or one less in the kernel");
    harness.check(is_right, expected, format!("{drawn} in the diagram, {actual} in the kernel"));
}

#[rstest]
fn the_kernel_sends_100_kib_with_the_same_numbers_at_both_ends(harness: Harness) {
    // The client adds the newline.
    let message = "0123456789abcde\n".repeat(6400);
    // The data segments that the client sends before the server's first one.
    let flight = |segments: &[Segment]| {
        let before = segments.iter().skip(3).take_while(|(_, tcp, _)| tcp.source_port != PORT);
        before.filter(|(_, _, data)| !data.is_empty()).count()
    };
    let exchange = || {
        let link = slow_link()?;
        let server = serve(&harness, &link);
        let client = client(&harness, &link, &[message.trim_end()]).keep(message.len()).run(0);
        client.expect_output(message.as_bytes());
        let actual = until_over(&harness, &link);
        let at_client_alone = in_time_wait(&link) == [true, false];
        harness.check(at_client_alone, "TIME-WAIT at the client alone", "elsewhere");
        drop(server);
        Some((link, actual))
    };
    let Some((_link, actual)) = undisturbed(exchange, |actual| flight(actual) == 10) else {
        return;
    };

    let (frames, diagram) = captured(&harness, &["tcp", &message]);
    let drawn = segments(frames);
    harness.check(time_wait_in(&diagram) == [true, false], "[TIME-WAIT] at the client", &diagram);
    for segments in [&drawn, &actual] {
        for port in [segments[0].1.source_port, PORT] {
            harness.check_bytes(message.as_bytes(), &stream(segments, port));
        }
        let all = numbered(segments);
        let ends = |flags: &str| {
            let fin = all.iter().find(|segment| segment.flags == flags);
            fin.map(|fin| fin.seq + fin.data as u32)
        };
        let length = message.len() as u32;
        let fins = [ends("C FIN ACK"), ends("S FIN ACK")];
        let is_right = fins == [Some(length + 1); 2];
        harness.check(is_right, "both FINs behind the last byte", format!("{fins:?}"));
        let last = all.last().map(|last| (last.flags.as_str(), last.seq, last.ack));
        let expected = Some(("C ACK", length + 2, length + 2));
        harness.check(last == expected, format!("{expected:?}"), format!("{last:?}"));
    }
    // The first flight differs as the table in the notes says.
    let flights = [flight(&drawn), flight(&actual)];
    harness.check(flights == [4, 10], "first 4 segments here, 10 there", format!("{flights:?}"));
    let fullest = |segments: &[Segment]| segments.iter().map(|(_, _, data)| data.len()).max();
    let full = [fullest(&drawn), fullest(&actual)];
    harness.check(full == [Some(1460), Some(1448)], "1,460 bytes, 1,448", format!("{full:?}"));
}

#[rstest]
fn the_kernel_differs_as_in_the_table_of_the_notes(harness: Harness) {
    // Lose the client's first data.
    let is_data = |packet: &[u8]| {
        matches!(Frame::parse_packet(packet), Ok(Frame::Tcp(tcp, data))
            if tcp.destination_port == PORT && !data.is_empty())
    };
    let is_first = AtomicBool::new(true);
    let fate = move |_: usize, _: u32, packet: &[u8]| -> &'static [Duration] {
        if is_data(packet) && is_first.swap(false, Ordering::Relaxed) { &[] } else { &[CROSSING] }
    };
    let Some(link) = link(fate) else { return };
    typed(&harness, &link);
    let waits = time_waits(&link, 1);
    let actual = until_over(&harness, &link);

    let arguments = ["tcp", "hello\n", "--typed", "--loss", "20", "--seed", "36"];
    let (frames, diagram) = captured(&harness, &arguments);
    let drawn = segments(frames);

    let again = |segments: &[Segment]| {
        let is_data = |data: &[u8], to| !data.is_empty() && to == PORT;
        let data = segments.iter().filter(|(_, tcp, data)| is_data(data, tcp.destination_port));
        let times: Vec<Duration> = data.map(|(at, _, _)| *at).collect();
        times[1] - times[0]
    };
    let drawn_again = again(&drawn);
    let expected = Duration::from_secs(1);
    harness.check(drawn_again == expected, "again after 1 s", format!("{drawn_again:?}"));
    let again = again(&actual);
    harness.check(again < expected, "sooner again in the kernel", format!("{again:?}"));

    harness.check(diagram.contains("10 seconds here"), "10 s of TIME-WAIT", &diagram);
    let minute = Duration::from_secs(50)..=Duration::from_secs(60);
    let one = waits.len() == 1 && minute.contains(&waits[0]);
    harness.check(one, "one of 60 s", format!("{waits:?}"));

    let window = |segments: &[Segment]| segments[0].1.window_size;
    harness.check(window(&drawn) == 5840, "a window of 5,840", window(&drawn).to_string());
    harness.check(window(&actual) == 64_240, "a window of 64,240", window(&actual).to_string());
    let stamps = |segments: &[Segment]| {
        let options = segments[0].1.options_iterator().filter_map(Result::ok);
        options.filter(|option| matches!(option, TcpOptionElement::Timestamp(..))).count()
    };
    let stamps = [stamps(&drawn), stamps(&actual)];
    harness.check(stamps == [0, 1], "a timestamp in the kernel's SYN alone", format!("{stamps:?}"));
}

#[test]
fn the_kernel_sends_the_datagrams_of_the_diagram() {
    let harness = Harness::for_section("udp");
    let Some(link) = slow_link() else { return };
    let server = harness.program(Program::Udp, &["server", "--host", EmulatedLink::ADDRESSES[0]]);
    let server = server.in_network(&link.hosts()[0]).start_server("bound to ");
    udp_client(&harness, &link, &["hello"]).run(0).expect_output(b"hello\n");
    let expected = ["C datagram 5", "S datagram 5"];
    compare_datagrams(&harness, &link, &["udp", "hello"], &expected);
    drop(server);
}

fn udp_client(harness: &Harness, link: &EmulatedLink, arguments: &[&str]) -> ProgramCommand {
    let options = ["client", "--quiet", "--host", EmulatedLink::ADDRESSES[0]];
    let arguments = [&options, arguments].concat();
    harness.program(Program::Udp, &arguments).in_network(&link.hosts()[1])
}

#[track_caller]
fn compare_datagrams(harness: &Harness, link: &EmulatedLink, arguments: &[&str], all: &[&str]) {
    let datagram = |frame: Frame| match frame {
        Frame::Udp(udp, data) if udp.source_port == PORT => {
            Some(format!("S datagram {}", data.len()))
        }
        Frame::Udp(_, data) => Some(format!("C datagram {}", data.len())),
        Frame::Icmp(kind, code) => Some(format!("ICMP {kind} {code}")),
        Frame::Arp | Frame::Tcp(..) => None,
    };
    let seen = link.seen();
    let actual = seen.iter().filter_map(|seen| parse_packet(harness, &seen.packet));
    let actual: Vec<String> = actual.filter_map(datagram).collect();
    let drawn = captured(harness, arguments).0.into_iter();
    let drawn: Vec<String> = drawn.filter_map(|(_, frame)| datagram(frame)).collect();
    let (is_right, both) = (drawn == all && actual == all, [drawn, actual]);
    harness.check(is_right, format!("{all:?}"), format!("in the diagram, in the kernel: {both:?}"));
}

/// The output of the run on the client's host.
const REFUSED: &str = "Err(ConnectionRefused)";

#[test]
fn only_a_connected_socket_reports_a_closed_port() {
    if env::var_os(INSIDE).is_some() {
        return send_to_closed_port();
    }
    let harness = Harness::for_section("udp");
    let Some(link) = slow_link() else { return };
    let expected = ["C datagram 5", "ICMP 3 3"];
    let alone = udp_client(&harness, &link, &["--timeout", "0.5", "hello"]).run(1);
    alone.expect_error_line(&["no reply", "within 0.5 s"]);
    compare_datagrams(&harness, &link, &["udp", "hello", "--no-server"], &expected);

    let name = "kernel_over_link::only_a_connected_socket_reports_a_closed_port";
    let output = inside(&link.hosts()[1], name).output();
    let output = String::from_utf8_lossy(&output.expect("a run inside").stdout).into_owned();
    harness.check(output.contains(REFUSED), REFUSED, &output);
    for (arguments, row) in [(&[][..], "recvfrom timed out"), (&["--connect"], "3 recv refused")] {
        let diagram = printed(&harness, &[&["udp", "hello", "--no-server"], arguments].concat());
        harness.check(diagram.contains(row), row, &diagram);
    }
}

/// Sends a datagram from a connected socket to a port without a program.
#[expect(clippy::print_stdout, reason = "the test outside reads it")]
fn send_to_closed_port() {
    let socket = UdpSocket::bind((EmulatedLink::ADDRESSES[1], 0)).expect("a socket");
    socket.set_read_timeout(Some(DEADLINE)).expect("a deadline");
    socket.connect((EmulatedLink::ADDRESSES[0], PORT)).expect("an address");
    socket.send(b"hello").expect("a datagram that leaves");
    println!("{:?}", socket.recv(&mut [0; 8]).map_err(|error| error.kind()));
}
