//! The client and the server of each protocol, talking to each other.

use rstest::rstest;
use tests::{Harness, message, pattern};

use crate::{all_bytes, has};

#[rstest]
fn tcp_server_and_client_talk(#[values("127.0.0.1", "localhost", "::1")] host: &str) {
    if !has(host) {
        return;
    }
    let harness = Harness::new("client-send-recv", message!("mistake-two-protocols"));
    let server = harness.tcp_server(&["--host", host]);
    let mut client = harness.tcp_client(server.address(), &[]).with_input().start();
    // Wait for the first reply before sending more, or one recv could return both messages.
    client.write(b"hello\n");
    client.expect_output_so_far(b"hello\n");
    client.write_and_end_input("你好\n".as_bytes());
    client.expect_exit_and_output(0, "hello\n你好\n".as_bytes());
}

// No input is a multiple of the buffer size, so that some recv doesn't fill the buffer. A client that
// sends everything before it receives may pass, because the kernel's buffers are larger than these
// inputs; the tests of the client alone always catch it.
#[rstest]
#[case::all_bytes("65536", all_bytes())]
#[case::one_byte_at_a_time("1", pattern(2000))]
#[case::large("65536", pattern((2 << 20) + 1))]
#[case::one_line("65536", vec![b'x'; (2 << 20) + 1])]
fn bytes_come_back_unchanged_through_both_programs(#[case] buffer: &str, #[case] input: Vec<u8>) {
    let harness = Harness::new("blocking", message!("mistake-both-block"));
    let server = harness.tcp_server(&["--buffer-size", buffer, "--quiet"]);
    let mut client = harness
        .tcp_client(server.address(), &["--buffer-size", buffer])
        .with_input()
        .keep(input.len())
        .start();
    client.write_and_end_input(&input);
    client.expect_exit_and_output(0, &input);
}

#[test]
fn one_client_after_another() {
    let harness = Harness::new("server-accept", message!("mistake-one-client"));
    let server = harness.tcp_server(&[]);
    for name in ["first", "second", "third"] {
        let client = harness.tcp_client(server.address(), &[name]).run(0);
        client.expect_output(format!("{name}\n").as_bytes());
    }
}

#[test]
fn a_second_client_waits_for_the_first() {
    let harness = Harness::new("server-listen", message!("mistake-one-client"));
    let server = harness.tcp_server(&[]);
    let mut first = harness.tcp_client(server.address(), &[]).with_input().start();
    first.write(b"first\n");
    first.expect_output_so_far(b"first\n");
    let second = harness.tcp_client(server.address(), &["second"]).start();
    second.wait_for_error_line_with(&["2 connect"]);
    first.write(b"first again\n");
    first.expect_output_so_far(b"first\nfirst again\n");
    second.expect_no_output_yet();
    first.end_input();
    first.expect_exit(0);
    second.expect_exit_and_output(0, b"second\n");
}

#[test]
fn a_fixed_reply_answers_each_client() {
    let harness = Harness::new("server-recv-send", message!("mistake-reply-option"));
    let server = harness.tcp_server(&["--reply", "收到\n"]);
    for _ in 0..2 {
        let client = harness.tcp_client(server.address(), &["hello"]).run(0);
        client.expect_output("收到\n".as_bytes());
    }
}

#[cfg(unix)]
#[test]
fn a_client_reports_that_the_server_was_stopped() {
    let harness = Harness::new("server-close", message!("mistake-server-gone"));
    let server = harness.tcp_server(&[]);
    let client = harness.tcp_client(server.address(), &["--quiet"]).with_input().start();
    client.write(b"hello\n");
    client.expect_output_so_far(b"hello\n");
    server.signal(tests::Signal::Interrupt);
    server.expect_exit(0);
    // Enough for several sends: the first one may succeed before the reset arrives.
    client.write(&pattern(1 << 20));
    client.expect_exit(1);
    client.expect_error_line(&[]);
}

#[rstest]
fn udp_server_and_client_talk(#[values("127.0.0.1", "localhost", "::1")] host: &str) {
    if !has(host) {
        return;
    }
    let harness = Harness::new("udp-programs", message!("mistake-two-protocols"));
    let server = harness.udp_server(&["--host", host]);
    let client = harness.udp_client(server.address(), &["hello", "", "你好"]).run(0);
    client.expect_output("hello\n\n你好\n".as_bytes());
}

#[test]
fn one_udp_socket_serves_two_clients() {
    let harness = Harness::new("udp-programs", message!("mistake-one-client"));
    let server = harness.udp_server(&[]);
    let mut clients =
        [(); 2].map(|()| harness.udp_client(server.address(), &[]).with_input().start());
    for line in ["one\n", "two\n"] {
        for client in &clients {
            client.write(line.as_bytes());
            client.wait_for_line(line.trim_end());
        }
    }
    for client in &mut clients {
        client.end_input();
        client.expect_exit_and_output(0, b"one\ntwo\n");
    }
}
