//! Edge cases of UDP: the shortest and longest datagrams, floods, and replies from other addresses.

use rstest::rstest;
use tests::{Harness, LARGEST_DATAGRAM};

#[rstest]
#[case::empty(0)]
#[case::one_byte(1)]
#[case::the_most_an_ethernet_frame_takes(1472)]
#[case::one_more_than_a_frame_takes(1473)]
#[case::the_largest(LARGEST_DATAGRAM)]
fn a_datagram_of_every_edge_size_goes_through_both_ends(#[case] size: usize) {
    let harness = Harness::for_section("udp");
    let server = harness.udp_server(&[]);
    let message = "x".repeat(size);
    let mut client = harness.udp_client(server.address(), &[]).with_input().start();
    client.write_and_end_input(format!("{message}\n").as_bytes());
    client.expect_exit_and_output(0, format!("{message}\n").as_bytes());
}

#[test]
fn replies_from_another_address_or_port_are_ignored() {
    let harness = Harness::for_section("udp-programs");
    let server = harness.udp_socket();
    let mut strangers = vec![harness.udp_socket(), harness.udp_socket()];
    if cfg!(target_os = "linux") {
        // The server's port at another loopback address. Only Linux and Windows have one.
        strangers.push(harness.udp_socket_at(([127, 0, 0, 94], server.address().port()).into()));
    }
    let client = harness.udp_client(server.address(), &["hello", "again"]).start();
    for message in [&b"hello"[..], b"again"] {
        let from = server.expect(message);
        for number in 0..10 {
            for stranger in &strangers {
                stranger.send(format!("spoofed {number}").as_bytes(), from);
            }
        }
        server.send(message, from);
    }
    client.expect_exit_and_output(0, b"hello\nagain\n");
}

#[test]
fn late_and_duplicate_replies_do_not_count_for_later_messages() {
    let harness = Harness::for_section("udp");
    let server = harness.udp_socket();
    let arguments = ["--timeout", "0.5", "--quiet"];
    let mut client = harness.udp_client(server.address(), &arguments).with_input().start();
    client.write(b"one\n");
    let from = server.expect(b"one");
    client.wait_for_error_line_with(&["no reply", "one"]);
    server.send(b"late reply to one", from);
    client.write(b"two\n");
    server.expect(b"two");
    server.send(b"reply to two", from);
    server.send(b"second copy", from);
    client.wait_for_output_with("reply to two\n");
    client.write(b"three\n");
    server.expect(b"three");
    // No other reply is left that could be taken for this one.
    client.wait_for_error_line_with(&["no reply", "three"]);
    client.end_input();
    client.expect_exit_and_output(1, b"late reply to one\nreply to two\nsecond copy\n");
}

/// Floods the server until the kernel has dropped `lost` datagrams. Then every datagram is
/// accounted for.
#[cfg(target_os = "linux")]
fn flooded(lost: u64) {
    use std::net::UdpSocket;

    use tests::{Program, Signal};

    let harness = Harness::for_section("udp");
    // Its steps are captured, because the last one has its own count.
    let server = harness.program(Program::Udp, &["server", "--port", "0"]).keep(1 << 28);
    let server = server.start_server("bound to ");
    let client = harness.udp_socket();
    client.send(b"before", server.address());
    client.expect(b"before");
    let before = server.usage();

    let flood = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let mut sent = 1;
    while dropped(&harness, server.address().port()) < lost {
        for _ in 0..1000 {
            flood.send_to(&[b'x'; 1400], server.address()).expect("loopback takes a datagram");
        }
        sent += 1000;
        harness.check(sent < 10_000_000, "a flood faster than the server", "it read all of it");
    }
    // The server is alive. While its queue is full, this datagram may be dropped, too.
    sent += expect_answer(&harness, &server);
    let after = server.usage();
    let actual = format!("{after:?}, before the flood {before:?}");
    harness.check(after.memory < before.memory + (1 << 20), "memory as before", &actual);

    let lost = dropped(&harness, server.address().port());
    server.signal(Signal::Interrupt);
    server.expect_exit(0);
    server.expect_no_errors();
    let received = format!("{} datagrams received", sent - lost);
    server.wait_for_line_with(&["5 close", &received]);
}

/// Sends until there is a reply. Returns the number of datagrams sent.
#[cfg(target_os = "linux")]
fn expect_answer(harness: &Harness, server: &tests::TestedProgram) -> u64 {
    use std::net::UdpSocket;
    use std::time::Duration;

    let client = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    client.set_read_timeout(Some(Duration::from_millis(500))).expect("a timeout");
    for sent in 1..=10 {
        client.send_to(b"still there?", server.address()).expect("loopback takes a datagram");
        let mut buffer = [0; 100];
        if let Ok(length) = client.recv(&mut buffer) {
            harness.check_bytes(b"still there?", &buffer[..length]);
            // No datagram is in transit: each was answered or dropped.
            return sent;
        }
    }
    harness.fail("an answer after the flood", "none in 5 s");
}

/// Returns how many datagrams the kernel has dropped for the socket at this port: the last column
/// of its line in /proc/net/udp, see proc_net(5).
#[cfg(target_os = "linux")]
fn dropped(harness: &Harness, port: u16) -> u64 {
    let address = format!("0100007F:{port:04X}");
    let mut sockets = String::new();
    // The file is read in parts, and can miss a socket while others are opened and closed.
    for _ in 0..100 {
        sockets = std::fs::read_to_string("/proc/net/udp").expect("Linux lists its sockets");
        let mut lines = sockets.lines().map(str::split_whitespace);
        let line = lines.find(|fields| fields.clone().nth(1) == Some(&address));
        if let Some(dropped) = line.and_then(|fields| fields.last()?.parse().ok()) {
            return dropped;
        }
    }
    harness.fail("the server's socket in /proc/net/udp", &sockets)
}

#[cfg(target_os = "linux")]
#[test]
fn a_flood_is_survived_and_each_lost_datagram_accounted_for() {
    flooded(100);
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "long: a hundred thousand lost datagrams"]
fn a_long_flood_is_survived_and_each_lost_datagram_accounted_for() {
    flooded(100_000);
}
