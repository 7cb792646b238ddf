//! Compares the simulation with the kernel: runs the server and the client on the loopback interface of
//! a new network namespace and captures their segments. `kernel_over_link` compares more, but needs
//! `socat`.
//!
//! The test is skipped if the system doesn't let users create namespaces.

use std::collections::HashSet;
use std::env;
use std::io::Read;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tests::{DEADLINE, Harness, NetworkNamespace, Program};

use crate::parsed_frame::{Frame, segments};
use crate::pcap_reader::captured;
use crate::tcp_segments::{is_over, lines};
use crate::{INSIDE, inside, type_hello};

/// The name of the test, for its run inside the namespace.
const NAME: &str = "kernel_on_loopback::the_kernel_sends_the_same_segments";

#[test]
fn the_kernel_sends_the_same_segments() {
    if env::var_os(INSIDE).is_some() {
        return compare();
    }
    let network = match NetworkNamespace::new() {
        Ok(network) => network,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let harness = Harness::for_section("packets");
    let mut inside = inside(&network, NAME);
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

/// Compares the simulated exchange with a real one, inside the namespace.
fn compare() {
    let harness = Harness::for_section("packets");
    let simulated = segments(captured(&harness, &["tcp", "hello\n", "--typed"]).0);

    // Captures all protocols (packet(7)). The number is in network byte order.
    const AF_PACKET: i32 = 17;
    const SOCK_RAW: i32 = 3;
    const ETH_P_ALL: u16 = 3;
    let all = Protocol::from(i32::from(ETH_P_ALL.to_be()));
    let capture = Socket::new(Domain::from(AF_PACKET), Type::from(SOCK_RAW), Some(all))
        .expect("a packet socket");
    capture.set_read_timeout(Some(DEADLINE)).expect("a deadline");

    // On the port of the simulation, which is free in a new namespace.
    let server = harness.program(Program::TcpServer, &[]).start_server("listening on ");
    type_hello(harness.tcp_client(server.address(), &["--quiet"]));

    let (mut seen, mut real) = (HashSet::new(), Vec::new());
    while !is_over(&real) {
        let mut frame = [0; 65_536];
        let length = (&capture).read(&mut frame).unwrap_or_else(|error| {
            let actual = format!("{error}: {:?}", lines(&real));
            harness.fail("frames until the connection is closed", actual)
        });
        // On the loopback interface each frame is captured twice: outgoing and incoming.
        if seen.insert(frame[..length].to_vec()) {
            let frame = Frame::parse(&frame[..length], false);
            let frame = frame.unwrap_or_else(|error| harness.fail("a valid frame", &error));
            real.extend(segments([(Duration::ZERO, frame)]));
        }
    }
    let (expected, actual) = (lines(&simulated), lines(&real));
    harness.check(expected == actual, format!("{expected:#?}"), format!("{actual:#?}"));
}
