//! Tests of `day01-udp`: the server and the client.

use std::net::IpAddr;

use rstest::rstest;
use tests::{Harness, LARGEST_DATAGRAM, LARGEST_OVER_IPV6, Program, loopback, message, pattern};

use crate::{all_bytes, has};

// The server.

#[rstest]
#[case::empty("127.0.0.1", 0)]
#[case::one_byte("127.0.0.1", 1)]
#[case::the_most_an_ethernet_frame_takes("127.0.0.1", 1472)]
#[case::one_more_than_a_frame_takes("127.0.0.1", 1473)]
#[case::the_largest("127.0.0.1", LARGEST_DATAGRAM)]
#[case::the_largest_over_ipv6("::1", LARGEST_OVER_IPV6)]
fn the_server_echoes_a_datagram_of_every_edge_size(#[case] host: &str, #[case] size: usize) {
    if !has(host) {
        return;
    }
    let harness = Harness::new("udp-programs", message!("mistake-changed-bytes"));
    let server = harness.udp_server(&["--host", host]);
    let client = harness.udp_socket_at((host.parse::<IpAddr>().unwrap(), 0).into());
    client.expect_echo(&pattern(size), server.address());
}

#[rstest]
#[case::text(b"hello".to_vec())]
#[case::chinese("你好".into())]
#[case::all_bytes(all_bytes())]
fn the_server_echoes_every_byte(#[case] message: Vec<u8>) {
    let harness = Harness::new("bytes-and-text", message!("mistake-changed-bytes"));
    let server = harness.udp_server(&[]);
    let client = harness.udp_socket();
    client.expect_echo(&message, server.address());
}

#[test]
fn the_server_keeps_datagrams_apart() {
    let harness = Harness::new("udp", message!("mistake-datagrams-apart"));
    let server = harness.udp_server(&[]);
    let client = harness.udp_socket();
    let messages: [&[u8]; 5] = [b"one", b"", b"two", b"three\nlines\nin one", b"."];
    for message in messages {
        client.send(message, server.address());
    }
    for message in messages {
        client.expect_from(message, server.address());
    }
}

#[test]
fn the_server_continues_after_an_empty_datagram() {
    let harness = Harness::new("udp", message!("mistake-datagrams-apart"));
    let server = harness.udp_server(&[]);
    let client = harness.udp_socket();
    for message in [&b""[..], b"", b"still there?"] {
        client.expect_echo(message, server.address());
    }
}

#[test]
fn the_server_answers_each_client_in_turn() {
    let harness = Harness::new("udp-programs", message!("mistake-one-client"));
    let server = harness.udp_server(&[]);
    let clients = [(); 2].map(|()| harness.udp_socket());
    for number in 0..5 {
        for (client, name) in clients.iter().zip(["one", "other"]) {
            let message = format!("{name} {number}");
            client.expect_echo(message.as_bytes(), server.address());
        }
    }
}

#[test]
fn the_server_reports_both_lengths_of_a_cut_datagram() {
    let harness = Harness::new("udp", message!("mistake-datagram-cut"));
    let server = harness.udp_server(&["--buffer-size", "100"]);
    let client = harness.udp_socket();
    client.send(&[b'a'; 1234], server.address());
    server.wait_for_line_with(&["1234", "100"]);
    // A datagram that just fits isn't cut.
    let client = harness.udp_socket();
    client.send(&[b'b'; 100], server.address());
    client.expect_from(&[b'b'; 100], server.address());
}

#[test]
fn the_server_answers_with_its_reply_text() {
    let harness = Harness::new("udp-programs", message!("mistake-reply-option"));
    let server = harness.udp_server(&["--reply", "收到"]);
    let client = harness.udp_socket();
    for message in ["hello", ""] {
        client.send(message.as_bytes(), server.address());
        client.expect_from("收到".as_bytes(), server.address());
    }
}

#[test]
fn the_server_continues_after_a_client_has_left() {
    let harness = Harness::new("udp-programs", message!("mistake-client-stops-server"));
    let server = harness.udp_server(&[]);
    for _ in 0..3 {
        // This socket is closed before the reply arrives.
        harness.udp_socket().send(b"bye", server.address());
    }
    let client = harness.udp_socket();
    for _ in 0..2 {
        client.expect_echo(b"hello", server.address());
    }
    server.expect_running();
}

#[test]
fn the_steps_of_the_server_are_named() {
    let harness = Harness::new("udp-programs", message!("mistake-steps"));
    let server = harness.udp_server(&[]);
    server.wait_for_line_with(&["socket"]);
    server.wait_for_line_with(&["bind"]);
    let client = harness.udp_socket();
    let address = client.address().to_string();
    client.send("hello, 你好 \x1b[2J".as_bytes(), server.address());
    server.wait_for_line_with(&["recvfrom", &address, "18 ", "hello, 你好"]);
    server.wait_for_line_with(&["sendto", &address]);
    let output = String::from_utf8_lossy(&server.stdout()).into_owned();
    harness.check(!output.contains('\x1b'), message!("expected-no-control-characters"), &output);
    // UDP has no accept.
    server.expect_no_output_with("accept");
}

#[test]
fn the_quiet_server_prints_only_its_address() {
    let harness = Harness::new("udp-programs", message!("mistake-quiet"));
    let server = harness.udp_server(&["--quiet"]);
    let client = harness.udp_socket();
    for _ in 0..2 {
        client.expect_echo(b"hello", server.address());
    }
    server.expect_output(format!("bound to {}\n", server.bound_address()).as_bytes());
    server.expect_no_errors();
}

#[test]
fn closed_standard_output_does_not_stop_the_server() {
    let harness = Harness::new("udp-programs", message!("mistake-println"));
    let server = harness
        .program(Program::Udp, &["server", "--port", "0"])
        .close_output_after("bound to ")
        .start_server("bound to ");
    server.wait_for_closed_output();
    let client = harness.udp_socket();
    for _ in 0..3 {
        client.expect_echo(b"hello", server.address());
    }
    server.expect_no_errors();
}

#[cfg(unix)]
#[rstest]
#[case::ctrl_c(tests::Signal::Interrupt)]
#[case::kill(tests::Signal::Terminate)]
fn a_signal_ends_the_server_with_exit_0(#[case] signal: tests::Signal) {
    let harness = Harness::new("udp-programs", message!("mistake-signal"));
    let server = harness.udp_server(&[]);
    let client = harness.udp_socket();
    // Two datagrams, so that the server is in its loop when the signal arrives.
    for _ in 0..2 {
        client.expect_echo(b"hello", server.address());
    }
    server.signal(signal);
    server.expect_exit(0);
    server.expect_no_errors();
}

// The client.

#[test]
fn the_client_sends_each_argument_as_a_datagram() {
    let harness = Harness::new("udp-programs", message!("mistake-datagrams-apart"));
    let server = harness.udp_socket();
    let client = harness.udp_client(server.address(), &["one", "", "你好", "two words"]).start();
    for (message, reply) in [("one", "1"), ("", "2"), ("你好", "3"), ("two words", "4")] {
        server.answer(message.as_bytes(), reply.as_bytes());
    }
    client.expect_exit_and_output(0, b"1\n2\n3\n4\n");
}

#[test]
fn the_client_sends_each_line_of_its_input_as_a_datagram() {
    let harness = Harness::new("udp-programs", message!("mistake-datagrams-apart"));
    let server = harness.udp_socket();
    let mut client = harness.udp_client(server.address(), &[]).with_input().start();
    client.write_and_end_input("one\n\n你好\nwithout a newline".as_bytes());
    for message in ["one", "", "你好", "without a newline"] {
        server.answer(message.as_bytes(), message.as_bytes());
    }
    client.expect_exit_and_output(0, "one\n\n你好\nwithout a newline\n".as_bytes());
}

#[rstest]
#[case::ipv4("127.0.0.1", LARGEST_DATAGRAM)]
#[case::ipv6("::1", LARGEST_OVER_IPV6)]
fn the_client_sends_the_largest_datagram(#[case] host: &str, #[case] size: usize) {
    if !has(host) {
        return;
    }
    let harness = Harness::new("udp", message!("mistake-datagram-size"));
    let server = harness.udp_socket_at((host.parse::<IpAddr>().unwrap(), 0).into());
    let message = "x".repeat(size);
    // From standard input: on Windows a command line has at most 32,767 characters.
    let mut client = harness.udp_client(server.address(), &[]).with_input().start();
    client.write_and_end_input(message.as_bytes());
    server.answer(message.as_bytes(), message.as_bytes());
    client.expect_exit_and_output(0, format!("{message}\n").as_bytes());
}

#[rstest]
#[case::ipv4("127.0.0.1", LARGEST_DATAGRAM)]
#[case::ipv4_written_as_ipv6("::ffff:127.0.0.1", LARGEST_DATAGRAM)]
#[case::ipv6("::1", LARGEST_OVER_IPV6)]
fn the_client_refuses_a_datagram_that_is_too_large(#[case] host: &str, #[case] most: usize) {
    let harness = Harness::new("udp", message!("mistake-datagram-size"));
    let arguments = ["client", "--host", host, "--port", "9", "--quiet"];
    let mut client = harness.program(Program::Udp, &arguments).with_input().start();
    client.write_and_end_input("x".repeat(most + 1).as_bytes());
    client.expect_failure(&[&most.to_string()], b"");
}

#[test]
fn the_client_reports_both_lengths_of_a_cut_reply() {
    let harness = Harness::new("udp", message!("mistake-datagram-cut"));
    let server = harness.udp_socket();
    let client = harness.udp_client(server.address(), &["--buffer-size", "100", "hello"]).start();
    let from = server.expect(b"hello");
    server.send(&[b'a'; 1234], from);
    client.wait_for_error_line_with(&["1234", "100"]);
    client.wait_for_exit();
    client.expect_output(format!("{}\n", "a".repeat(100)).as_bytes());
}

#[test]
fn the_client_ignores_datagrams_from_other_addresses() {
    let harness = Harness::new("udp-programs", message!("mistake-stranger"));
    let (server, stranger) = (harness.udp_socket(), harness.udp_socket());
    let client = harness.udp_client(server.address(), &["hello"]).start();
    let from = server.expect(b"hello");
    // On loopback, this one arrives first.
    stranger.send(b"from another port", from);
    server.send(b"from the server", from);
    client.expect_exit_and_output(0, b"from the server\n");
}

#[test]
fn a_missing_reply_is_reported_and_the_rest_is_sent() {
    let harness = Harness::new("udp", message!("mistake-datagram-lost"));
    let server = harness.udp_socket();
    let arguments = ["--timeout", "0.5", "--quiet", "lost", "answered"];
    let client = harness.udp_client(server.address(), &arguments).start();
    server.expect(b"lost");
    server.answer(b"answered", b"here");
    client.expect_failure(&[&server.address().to_string()], b"here\n");
}

#[test]
fn an_unused_port_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new("udp", message!("mistake-datagram-lost"));
    let address = harness.udp_socket_at((loopback::address(93), 0).into()).address();
    let arguments = ["--timeout", "0.2", "--quiet", "hello"];
    let client = harness.udp_client(address, &arguments).start();
    client.expect_failure(&[&address.to_string()], b"");
}

#[test]
fn the_steps_of_the_client_are_on_standard_error() {
    let harness = Harness::new("udp-programs", message!("mistake-steps"));
    let server = harness.udp_socket();
    let client = harness.udp_client(server.address(), &["hello"]).start();
    server.answer(b"hello", b"hi");
    client.expect_exit_and_output(0, b"hi\n");
    let address = server.address().to_string();
    for texts in [&["socket"][..], &["sendto", &address, "5 "], &["recvfrom", &address, "2 "]] {
        client.wait_for_error_line_with(texts);
    }
}

#[test]
fn the_quiet_client_prints_only_the_replies() {
    let harness = Harness::new("udp-programs", message!("mistake-quiet"));
    let server = harness.udp_socket();
    let client = harness.udp_client(server.address(), &["--quiet", "hello"]).start();
    server.answer(b"hello", b"hi");
    client.expect_exit_and_output(0, b"hi\n");
    client.expect_no_errors();
}

#[cfg(target_os = "linux")]
#[test]
fn broadcast_reaches_a_socket_bound_to_any_address() {
    let harness = Harness::new("special-addresses", message!("mistake-broadcast"));
    let server = harness.udp_socket_at(([0, 0, 0, 0], 0).into());
    // The broadcast address of the loopback network.
    let to = ([127, 255, 255, 255], server.address().port()).into();
    let client = harness.udp_client(to, &["--broadcast", "--timeout", "0.3", "hello"]).start();
    server.answer(b"hello", b"hi");
    client.expect_exit_and_output(0, b"hi\n");
}

#[cfg(target_os = "linux")]
#[test]
fn broadcast_without_the_option_names_the_option() {
    let harness = Harness::new("special-addresses", message!("mistake-refused-broadcast"));
    let server = harness.udp_socket_at(([0, 0, 0, 0], 0).into());
    let to = ([127, 255, 255, 255], server.address().port()).into();
    let client = harness.udp_client(to, &["--quiet", "hello"]).start();
    client.expect_failure(&["--broadcast"], b"");
}
