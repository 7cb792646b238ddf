//! More than a server can take: data that isn't read, more clients than allowed or than file
//! descriptors, and slow clients. None of it may keep a processor busy.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tests::{Harness, Program, TestedProgram, pattern, raise_file_limit};

use super::{expect_service, or_skip};

/// How long an idle server is observed.
const WATCHED: Duration = Duration::from_millis(200);

/// The processor time it may use meanwhile. A program that spins uses all of it.
const IDLE: Duration = Duration::from_millis(60);

/// Fails if a server with nothing to do uses the processor.
fn expect_idle(harness: &Harness, server: &TestedProgram) {
    let before = server.usage();
    // Waits for a datagram that doesn't come.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket to wait with");
    socket.set_read_timeout(Some(WATCHED)).expect("a timeout");
    _ = socket.recv(&mut [0]);
    let processor = server.usage().processor - before.processor;
    harness.check(
        processor < IDLE,
        format!("less than {IDLE:?} of processor time in {WATCHED:?}"),
        format!("{processor:?}: the server spins"),
    );
}

#[test]
#[ignore = "long: a second of watching"]
fn a_client_that_never_reads_costs_neither_memory_nor_processor_time() {
    let harness = Harness::for_section("blocking");
    let server = harness.tcp_server(&["--quiet", "--clients", "2"]);
    expect_service(&harness, &server);
    let before = server.usage();

    let mut deaf = TcpStream::connect(server.address()).expect("a connection");
    // If nothing was accepted for that long, the socket buffers are full.
    deaf.set_write_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    let piece = pattern(1 << 20);
    let mut sent = 0_usize;
    while sent < 1 << 30 {
        match deaf.write(&piece) {
            Ok(length) => sent += length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => harness.fail("the server to keep the connection", error.to_string()),
        }
    }
    harness.check(sent < 1 << 28, "the server stops receiving", format!("it took {sent} bytes"));
    expect_idle(&harness, &server);
    let memory = server.usage().memory;
    let actual = format!("{memory} bytes, and {} before", before.memory);
    harness.check(memory < before.memory + (2 << 20), "memory as before", &actual);
    expect_service(&harness, &server);
    drop(deaf);
    for _ in 0..2 {
        expect_service(&harness, &server);
    }
}

#[test]
#[ignore = "long: a second of watching"]
fn more_clients_than_file_descriptors_do_not_make_the_server_spin() {
    let harness = Harness::for_section("server-accept");
    let arguments = ["--port", "0", "--clients", "64", "--backlog", "64", "--quiet"];
    let launch = harness.program(Program::TcpServer, &arguments).file_limit(24);
    let server = launch.start_server("listening on ");
    for _ in 0..2 {
        let clients: Vec<_> = (0..40).map(|_| harness.connect(server.address())).collect();
        // The client with the last descriptor is served; the next accept fails.
        clients[0].expect_echo(b"first");
        server.wait_for_error_line_with(&["accept"]);
        expect_idle(&harness, &server);
        server.expect_running();
        clients[0].expect_echo(b"still served");
        drop(clients);
        // The waiting clients have left, and the next one is served.
        expect_service(&harness, &server);
    }
    let lines = server.stderr().lines().count();
    harness.check(lines <= 30, "a report that does not flood", format!("{lines} lines"));
}

#[test]
#[ignore = "long: waits for five seconds of single bytes"]
fn a_client_that_sends_a_byte_every_100_ms_is_served() {
    let harness = Harness::for_section("blocking");
    let server = harness.tcp_server(&["--quiet", "--idle-timeout", "2"]);
    let mut slow = TcpStream::connect(server.address()).expect("a connection");
    slow.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
    let before = server.usage();
    for byte in 0..50 {
        slow.write_all(&[byte]).expect("the server to keep the connection");
        let due = Instant::now() + Duration::from_millis(100);
        let mut actual = Vec::new();
        while Instant::now() < due {
            let mut buffer = [0; 10];
            if let Ok(length) = slow.read(&mut buffer) {
                actual.extend_from_slice(&buffer[..length]);
            }
        }
        harness.check_bytes(&[byte], &actual);
    }
    let processor = server.usage().processor - before.processor;
    harness.check(processor < IDLE, "hardly any processor time", format!("{processor:?} in 5 s"));
    drop(slow);
    expect_service(&harness, &server);
}

#[test]
#[ignore = "long: 4,096 threads"]
fn four_thousand_and_ninety_six_clients_are_served_and_one_more_waits() {
    let harness = Harness::for_section("server-accept");
    let Some(()) = or_skip(raise_file_limit(10_000)) else { return };
    let server = harness.tcp_server(&["--quiet", "--clients", "4096", "--backlog", "4096"]);
    let clients: Vec<_> = (0..4096).map(|_| harness.connect(server.address())).collect();
    for client in &clients {
        client.send(b"hello");
    }
    for client in &clients {
        client.expect(b"hello");
    }
    let one_more = harness.connect(server.address());
    one_more.send(b"one more");
    for client in &clients {
        client.expect_echo(b"again");
    }
    one_more.expect_nothing_yet();
    expect_idle(&harness, &server);
    let held = server.usage();
    harness.check(held.memory < 200 << 20, "less than 200 MiB", format!("{held:?}"));
    drop(clients);
    one_more.expect(b"one more");
    drop(one_more);
    expect_service(&harness, &server);
}

#[test]
fn clients_one_after_the_other_share_a_few_threads() {
    let harness = Harness::for_section("server-accept");
    let server = harness.tcp_server(&["--quiet", "--clients", "4096", "--backlog", "4096"]);
    for _ in 0..300 {
        expect_service(&harness, &server);
    }
    // One thread serves while the next waits. A few more start if a client arrives before the last
    // thread is free.
    let threads = server.usage().threads;
    harness.check(threads < 100, "far fewer threads than clients", format!("{threads} threads"));
}
