//! Compares the simulation with the kernel: runs the server and the client on the loopback interface of
//! a new network namespace and captures their segments. `kernel_over_link` compares more, but needs
//! `socat`.
//!
//! The test is skipped if the system doesn't let users create namespaces.

use std::collections::HashSet;
use std::env;
use std::io::Read;
use std::process::Command;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tests::{DEADLINE, Harness, Program};

use crate::parsed_frame::{Frame, segments, summary};
use crate::pcap_option::captured;

/// The environment variable that marks the run inside the namespace.
const INSIDE: &str = "DAY01_INSIDE_NAMESPACE";

/// The name of the test, for its run inside the namespace.
const NAME: &str = "kernel_on_loopback::the_kernel_sends_the_same_segments";

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
    // Build them outside: cargo may need the network.
    for program in [Program::TcpServer, Program::TcpClient, Program::Packets] {
        let path = program.path().unwrap_or_else(|error| harness.fail("a program", error));
        inside.env(program.variable(), path);
    }
    let output = inside.output().unwrap();
    harness.check(
        output.status.success(),
        "the test inside the namespace passes",
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()),
    );
}

/// Prints why the test is skipped (`cargo test -- --show-output`).
#[expect(clippy::print_stdout, reason = "it is a test that prints")]
fn skipped(reason: &str) {
    println!("skipped: no network namespace can be made here: {}", reason.trim());
}

/// Compares the simulated exchange with a real one, inside the namespace.
fn compare() {
    let up = Command::new("ip").args(["link", "set", "lo", "up"]).status().expect("ip");
    assert!(up.success(), "the loopback interface of the namespace can't be used");
    let harness = Harness::for_section("packets");

    let (simulated, _) = captured(&harness, "simulated.pcap", &["tcp", "hello\n", "--typed"]);
    let simulated: Vec<String> = summaries(simulated, 8888).collect();

    // Captures all protocols (packet(7)). The number is in network byte order.
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
            harness.fail("frames until the connection is closed", format!("{error}: {real:?}"))
        });
        // On the loopback interface each frame is captured twice: outgoing and incoming.
        if seen.insert(frame[..length].to_vec()) {
            let frame = Frame::parse(&frame[..length]);
            let frame = frame.unwrap_or_else(|error| harness.fail("a valid frame", &error));
            real.extend(summaries(vec![(Duration::ZERO, frame)], server.address().port()));
        }
    }
    let (expected, actual) = (without_piggybacked(&simulated), without_piggybacked(&real));
    harness.check(
        expected == actual,
        format!("{simulated:?}, or fewer if another segment includes an ACK"),
        format!("{real:?}"),
    );
}

fn summaries(frames: Vec<(Duration, Frame)>, server: u16) -> impl Iterator<Item = String> {
    segments(frames).into_iter().map(move |segment| summary(&segment, server))
}

/// The segments without the acknowledgements that the next segment of the same end may include on a
/// real system (the close then has three segments). The one of the handshake stays.
fn without_piggybacked(segments: &[String]) -> Vec<&str> {
    let mut kept: Vec<&str> = vec![];
    for (number, segment) in segments.iter().enumerate() {
        let next = segments.get(number + 1);
        let is_piggybacked = segment.ends_with(" ACK")
            && segment.len() == "C ACK".len()
            && next.is_some_and(|next| next[..1] == segment[..1]);
        if number < 3 || !is_piggybacked {
            kept.push(segment);
        }
    }
    kept
}
