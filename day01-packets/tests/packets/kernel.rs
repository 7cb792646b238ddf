//! Beside the real thing: the same conversation between this workspace's server and client on
//! the kernel's own TCP, captured in a network namespace that the test makes for itself. More of
//! them, and more closely, are in `wire`, which needs `socat`.
//!
//! Nothing outside the namespace is seen or touched, and no privilege is needed where the
//! system lets a user have namespaces. Where it does not, the test says so and tests nothing.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::io::Read;
use std::process::Command;

use socket2::{Domain, Protocol, Socket, Type};
use tests::{DEADLINE, Harness, Program};

use crate::capture::read_capture;
use crate::frames::{Frame, flags};
use crate::{Scratch, printed};

/// Set for the run of this test inside the namespace.
const INSIDE: &str = "DAY01_INSIDE_NAMESPACE";

/// The name of the test, for its run inside the namespace.
const NAME: &str = "kernel::the_kernel_sends_the_same_segments";

#[test]
fn the_kernel_sends_the_same_segments() {
    if env::var_os(INSIDE).is_some() {
        compare();
        return;
    }
    let in_namespace = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", program]);
        command
    };
    match in_namespace("ip").args(["link", "set", "lo", "up"]).output() {
        Ok(probe) if probe.status.success() => {}
        Ok(probe) => return skipped(&String::from_utf8_lossy(&probe.stderr)),
        Err(error) => return skipped(&format!("unshare: {error}")),
    }
    let harness = Harness::for_section("packets");
    let test = env::current_exe().unwrap();
    let mut inside = in_namespace(test.to_str().expect("a path in UTF-8"));
    inside.args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1");
    // They are built here, because cargo may need the network, and inside there is none.
    for program in [Program::TcpServer, Program::TcpClient, Program::Packets] {
        let path = program.path().unwrap_or_else(|error| harness.fail("a program", error));
        inside.env(program.variable(), path);
    }
    let output = inside.output().unwrap();
    harness.check(
        output.status.success(),
        "the test inside the namespace passes",
        &String::from_utf8_lossy(&[output.stdout, output.stderr].concat()),
    );
}

/// Says why nothing was tested. `cargo test -- --show-output` shows it.
#[expect(clippy::print_stdout, reason = "it is a test that prints")]
fn skipped(reason: &str) {
    println!("skipped: no network namespace can be made here: {}", reason.trim());
}

/// Compares the simulated conversation with a real one. It runs inside the namespace.
fn compare() {
    let up = Command::new("ip").args(["link", "set", "lo", "up"]).status().expect("ip");
    assert!(up.success(), "the loopback interface of the namespace cannot be used");
    let harness = Harness::for_section("packets");

    let file = Scratch::new("simulated.pcap");
    printed(&harness, &["tcp", "hello\n", "--typed", "--pcap", file.path()]);
    let simulated = read_capture(&harness, &fs::read(file.path()).expect("a capture"));
    let simulated: Vec<String> =
        simulated.iter().filter_map(|(_, frame)| segment(&harness, frame, 8888)).collect();

    // All frames of all protocols (packet(7); the number is in the byte order of the network).
    const AF_PACKET: i32 = 17;
    const SOCK_RAW: i32 = 3;
    const ETH_P_ALL: u16 = 3;
    let all = Protocol::from(i32::from(ETH_P_ALL.to_be()));
    let capture = Socket::new(Domain::from(AF_PACKET), Type::from(SOCK_RAW), Some(all))
        .expect("a packet socket");
    capture.set_read_timeout(Some(DEADLINE)).expect("a deadline");

    let server = harness.tcp_server(&[]);
    let mut client = harness.tcp_client(server.address(), &["--quiet"]).with_input().start();
    client.write(b"hello\n");
    client.expect_output_so_far(b"hello\n");
    client.end_input();
    client.expect_exit(0);

    let mut seen = HashSet::new();
    let mut real: Vec<String> = vec![];
    let is_closed = |real: &[String]| {
        let fin = real.iter().rposition(|segment| segment.starts_with("S FIN"));
        fin.is_some_and(|fin| real[fin..].contains(&"C ACK".to_owned()))
    };
    while !is_closed(&real) {
        let mut frame = [0; 65_536];
        let length = (&capture).read(&mut frame).unwrap_or_else(|error| {
            harness.fail("frames until the connection is closed", &format!("{error}: {real:?}"))
        });
        // On the loopback interface each frame is seen twice: as it goes and as it comes.
        if seen.insert(frame[..length].to_vec()) {
            real.extend(segment(&harness, &frame[..length], server.address().port()));
        }
    }
    let (expected, came) = (with_riders(&simulated), with_riders(&real));
    harness.check(
        expected == came,
        &format!("{simulated:?}, or less when an ACK rides with another segment"),
        &format!("{real:?}"),
    );
}

/// Who sent a segment of TCP, its flags, and whether it has data.
fn segment(harness: &Harness, frame: &[u8], server: u16) -> Option<String> {
    // The kernel leaves the checksums on the loopback interface to the network card, which it
    // has not; what is compared here is the flags.
    match Frame::parse(frame) {
        Ok(Frame::Tcp(tcp, data)) => {
            let data = if data.is_empty() { "" } else { " data" };
            Some(flags(&tcp, server) + data)
        }
        Ok(Frame::Arp | Frame::Udp(..) | Frame::Icmp(..)) => None,
        Err(error) => harness.fail("a frame that can be read", &error),
    }
}

/// The segments without the acknowledgements that could have ridden with the next segment of
/// the same end, as a real system may let them: then a close has three segments, for example.
/// The handshake's third segment stays.
fn with_riders(segments: &[String]) -> Vec<&str> {
    let mut kept: Vec<&str> = vec![];
    for (number, segment) in segments.iter().enumerate() {
        let next = segments.get(number + 1);
        let rides = segment.ends_with(" ACK")
            && segment.len() == "C ACK".len()
            && next.is_some_and(|next| next[..1] == segment[..1]);
        if number < 3 || !rides {
            kept.push(segment);
        }
    }
    kept
}
