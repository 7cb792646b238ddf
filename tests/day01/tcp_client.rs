//! Tests of `day01-tcp-client`.
//!
//! Over 400 lines, because it's the complete list of requirements, and each test is independent.

use std::net::ToSocketAddrs;
use std::thread;

use rstest::rstest;
use tests::{
    Connection, Harness, Program, ProgramCommand, TestedProgram, loopback, message, pattern,
};

use crate::{REFUSED, all_bytes, has, has_ipv6, skipped};

/// A number of bytes that the kernel's buffers for a connection can't hold.
const LARGE: usize = 16 << 20;

/// Starts a client, and accepts its connection.
#[track_caller]
fn connected(harness: &Harness, arguments: &[&str]) -> (TestedProgram, Connection) {
    connected_with(harness, arguments, |client| client)
}

/// The same, with other standard streams.
#[track_caller]
fn connected_with(
    harness: &Harness,
    arguments: &[&str],
    streams: impl FnOnce(ProgramCommand) -> ProgramCommand,
) -> (TestedProgram, Connection) {
    let listener = harness.listen();
    let client = streams(harness.tcp_client(listener.address(), arguments)).start();
    let server = listener.accept();
    (client, server)
}

/// Receives everything a client sends, replies once, and closes the connection.
#[track_caller]
fn answer(server: Connection, message: &[u8], reply: &[u8]) {
    server.expect_to_end(message);
    server.send(reply);
}

// Messages on the command line.

#[test]
fn one_message() {
    let harness = Harness::new("client-send-recv", message!("mistake-not-in-turn"));
    let (client, server) = connected(&harness, &["hello"]);
    server.expect(b"hello\n");
    server.send(b"hello yourself\n");
    drop(server);
    client.expect_exit_and_output(0, b"hello yourself\n");
}

#[rstest]
#[case::one(&["hello"], "hello\n")]
#[case::two(&["hello", "world"], "hello\nworld\n")]
#[case::chinese(&["你好", "世界"], "你好\n世界\n")]
#[case::with_spaces(&["hello world", " "], "hello world\n \n")]
#[case::empty(&[""], "\n")]
#[case::like_an_option(&["--", "--host"], "--host\n")]
fn each_message_is_sent_as_a_line_and_then_the_sending_half_is_closed(
    #[case] messages: &[&str],
    #[case] expected: &str,
) {
    let harness = Harness::new("client-send-recv", message!("mistake-end-of-message"));
    let (client, server) = connected(&harness, messages);
    server.expect_to_end(expected.as_bytes());
    drop(server);
    client.expect_exit_and_output(0, b"");
}

#[test]
fn a_reply_after_the_half_close_is_shown() {
    let harness = Harness::new("close", message!("mistake-one-recv"));
    let (client, server) = connected(&harness, &["hello"]);
    server.expect_to_end(b"hello\n");
    server.send(b"one line\n");
    client.expect_output_so_far(b"one line\n");
    server.send(b"and another\n");
    drop(server);
    client.expect_exit_and_output(0, b"one line\nand another\n");
}

// Replies.

#[rstest]
#[case::nothing(Vec::new())]
#[case::one_byte(b"a".to_vec())]
#[case::chinese("你好\n".into())]
#[case::all_bytes(all_bytes())]
#[case::control_characters(b"\x1b[2J\x07\r\n".to_vec())]
#[case::bytes_that_are_no_text(vec![0xff, 0xfe, 0x80])]
#[case::one_mebibyte(pattern(1 << 20))]
fn a_reply_goes_into_a_pipe_byte_for_byte(#[case] reply: Vec<u8>) {
    let harness = Harness::new("bytes-and-text", message!("mistake-changed-bytes"));
    let (client, server) =
        connected_with(&harness, &["hello"], |client| client.keep(reply.len() + 1024));
    answer(server, b"hello\n", &reply);
    client.expect_exit_and_output(0, &reply);
}

#[test]
fn a_reply_in_two_pieces_is_shown_whole() {
    let harness = Harness::new("client-send-recv", message!("mistake-one-recv"));
    let (client, server) = connected(&harness, &["hello"]);
    server.expect(b"hello\n");
    server.send(b"first piece, ");
    client.expect_output_so_far(b"first piece, ");
    server.send(b"second piece\n");
    client.expect_output_so_far(b"first piece, second piece\n");
    drop(server);
    client.expect_exit_and_output(0, b"first piece, second piece\n");
}

#[test]
fn a_reply_without_a_newline_is_shown_at_once() {
    let harness = Harness::new("bytes-and-text", message!("mistake-waits-for-line"));
    let (client, server) = connected(&harness, &["hello"]);
    server.expect(b"hello\n");
    server.send(b"no newline");
    client.expect_output_so_far(b"no newline");
    drop(server);
    client.expect_exit_and_output(0, b"no newline");
}

#[test]
fn a_character_split_between_two_pieces_arrives_whole() {
    let harness = Harness::new("bytes-and-text", message!("mistake-split-character"));
    let (client, server) = connected(&harness, &["hello"]);
    server.expect(b"hello\n");
    let (before, after) = "- 你好\n".as_bytes().split_at(4);
    server.send(before);
    // Into a pipe, the client may write the incomplete character at once or with the rest.
    client.expect_output_so_far(b"- ");
    server.send(after);
    drop(server);
    client.expect_exit_and_output(0, "- 你好\n".as_bytes());
}

#[rstest]
#[case::one_byte("1")]
#[case::a_few("7")]
fn every_buffer_size_shows_every_byte(#[case] size: &str) {
    let harness = Harness::new("client-send-recv", message!("mistake-one-recv"));
    let arguments = ["--buffer-size", size, "hello"];
    let (client, server) = connected(&harness, &arguments);
    answer(server, b"hello\n", &all_bytes());
    client.expect_exit_and_output(0, &all_bytes());
}

// Standard input.

#[rstest]
#[case::nothing(Vec::new())]
#[case::a_line(b"hello\n".to_vec())]
#[case::without_a_newline(b"hello".to_vec())]
#[case::empty_lines(b"\n\nhello\n\n".to_vec())]
#[case::all_bytes(all_bytes())]
#[case::one_mebibyte(pattern(1 << 20))]
fn standard_input_is_sent_unchanged(#[case] input: Vec<u8>) {
    let harness = Harness::new("bytes-and-text", message!("mistake-changed-bytes"));
    let (mut client, server) = connected_with(&harness, &[], ProgramCommand::with_input);
    client.write_and_end_input(&input);
    answer(server, &input, b"got it\n");
    client.expect_exit_and_output(0, b"got it\n");
}

#[test]
fn a_line_is_sent_before_the_input_ends() {
    let harness = Harness::new("client-send-recv", message!("mistake-not-in-turn"));
    let (mut client, server) = connected_with(&harness, &[], ProgramCommand::with_input);
    for line in ["first\n", "second\n"] {
        client.write(line.as_bytes());
        server.expect(line.as_bytes());
        server.send(line.as_bytes());
    }
    client.expect_output_so_far(b"first\nsecond\n");
    client.end_input();
    server.expect_to_end(b"");
    drop(server);
    client.expect_exit(0);
}

#[test]
fn a_line_larger_than_every_buffer_comes_back_unchanged() {
    let harness = Harness::new("blocking", message!("mistake-both-block"));
    let line = vec![b'x'; LARGE];
    let (mut client, server) =
        connected_with(&harness, &[], |client| client.with_input().keep(LARGE));
    client.write_and_end_input(&line);
    // The client must show part of the echo while most of the line hasn't been sent.
    server.expect(&line[..1 << 20]);
    server.send(&line[..1 << 20]);
    client.expect_output_so_far(&line[..1 << 19]);
    let echoed = thread::scope(|scope| {
        let echo = scope.spawn(move || server.echo());
        client.expect_exit(0);
        echo.join().expect("the echo does not panic")
    });
    harness.check(
        echoed.is_ok(),
        message!("expected-receiver", bytes = tests::show(&line)),
        format!("{echoed:?}"),
    );
    client.expect_output(&line);
}

#[test]
fn receives_while_a_server_sends_before_it_reads() {
    let harness = Harness::new("blocking", message!("mistake-both-block"));
    let (input, reply) = (pattern(LARGE), pattern(2 * LARGE));
    let (mut client, server) =
        connected_with(&harness, &[], |client| client.with_input().keep(2 * LARGE));
    client.write_and_end_input(&input);
    server.send(&reply[..1 << 20]);
    client.expect_output_so_far(&reply[..1 << 19]);
    server.send(&reply[1 << 20..]);
    server.expect_to_end(&input);
    drop(server);
    client.expect_exit_and_output(0, &reply);
}

// Servers that close.

#[test]
fn a_server_that_closes_first_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new("close", message!("mistake-server-gone"));
    let (client, server) = connected_with(&harness, &["--quiet"], ProgramCommand::with_input);
    client.write(b"first\n");
    server.expect(b"first\n");
    server.send(b"enough\n");
    client.expect_output_so_far(b"enough\n");
    drop(server);
    client.write(&pattern(LARGE));
    client.expect_exit(1);
    client.expect_error_line(&[]);
    client.expect_output(b"enough\n");
}

#[test]
fn a_closed_connection_ends_a_client_that_waits_for_input() {
    let harness = Harness::new("blocking", message!("mistake-server-gone"));
    let (client, server) = connected_with(&harness, &["--quiet"], ProgramCommand::with_input);
    drop(server);
    // The input stays open, but is empty.
    client.expect_exit(1);
    client.expect_error_line(&[]);
}

#[test]
fn a_reset_in_mid_message_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new("close", message!("mistake-reset"));
    let (client, server) = connected_with(&harness, &["--quiet"], ProgramCommand::with_input);
    client.write(&pattern(LARGE));
    server.send(b"half a rep");
    client.expect_output_so_far(b"half a rep");
    server.reset();
    client.expect_exit(1);
    client.expect_error_line(&[]);
    client.expect_output(b"half a rep");
}

#[test]
fn a_reset_in_mid_reply_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new("close", message!("mistake-reset"));
    let (client, server) = connected(&harness, &["--quiet", "hello"]);
    // Everything is sent by now, so only the reset shows that the reply is incomplete.
    server.send(b"half a rep");
    client.expect_output_so_far(b"half a rep");
    server.reset();
    client.expect_exit(1);
    client.expect_error_line(&[]);
    client.expect_output(b"half a rep");
}

#[test]
fn a_server_that_half_closes_first_still_gets_the_rest() {
    let harness = Harness::new("close", message!("mistake-half-close"));
    let (mut client, server) = connected_with(&harness, &[], ProgramCommand::with_input);
    client.write(b"before\n");
    server.expect(b"before\n");
    let rest = pattern(1 << 20);
    server.end_sending();
    client.write_and_end_input(&rest);
    server.expect_to_end(&rest);
    drop(server);
    client.expect_exit(0);
}

// Servers that can't be reached.

#[test]
fn a_refused_connection_is_one_error_line_and_exit_status_1() {
    let harness =
        Harness::new("client-connect", message!("mistake-unreported-error", call = "connect"));
    let address = harness.listen_at((loopback::address(91), 0).into()).address();
    let client = harness.tcp_client(address, &["--quiet", "hello"]).run(1);
    client.expect_error_line_in_words(&[&address.to_string()], &REFUSED);
    client.expect_output(b"");
}

#[rstest]
#[case::host(&["--host", "nosuch.invalid"], "nosuch.invalid")]
#[case::malformed_host(&["--host", "a..b"], "a..b")]
#[case::service(&["--port", "nosuchservice"], "nosuchservice")]
#[case::port_0(&["--port", "0"], "port 0")]
fn an_unknown_name_is_one_error_line_and_exit_status_1(
    #[case] arguments: &[&str],
    #[case] name: &str,
) {
    let harness =
        Harness::new("host-address", message!("mistake-unreported-error", call = "getaddrinfo"));
    let client = harness
        .program(Program::TcpClient, &[arguments, &["--quiet", "hello"]].concat())
        .env("RES_OPTIONS", "timeout:1 attempts:1")
        .run(1);
    client.expect_error_line(&[name]);
    client.expect_output(b"");
}

#[rstest]
#[case::service("discard", 9)]
#[case::number("1", 1)]
fn a_port_is_a_number_or_a_service(#[case] port: &str, #[case] number: u16) {
    let harness = Harness::new("services", message!("mistake-service-name"));
    // No program listens on this port, so the error contains it.
    let host = loopback::address(92).to_string();
    let arguments = ["--host", &host, "--port", port, "--quiet", "hello"];
    let client = harness.program(Program::TcpClient, &arguments).run(1);
    client.expect_error_line(&[&format!("{host}:{number}")]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_host_that_does_not_answer_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new(
        "client-connect",
        message!("mistake-timeout-option", option = "--timeout", call = "connect"),
    );
    // Fill the listen queue, so that connect gets no answer. On Linux, the queue holds one connection
    // more than the backlog.
    let (server, first) = harness.connected_server(&["--backlog", "1"]);
    for _ in 0..2 {
        first.expect_echo(b"first");
    }
    let _queue = [(); 2].map(|()| harness.connect(server.address()));

    let arguments = ["--timeout", "0.2", "--quiet", "hello"];
    let client = harness.tcp_client(server.address(), &arguments).run(1);
    client.expect_error_line(&[&server.address().to_string()]);
}

// Hosts.

#[rstest]
#[case::by_number("127.0.0.1", "127.0.0.1")]
#[case::by_name("localhost", "127.0.0.1")]
#[case::ipv6("::1", "::1")]
fn connects_to_the_given_host(#[case] host: &str, #[case] ip: &str) {
    if !has(host) {
        return;
    }
    let harness = Harness::new("client-connect", message!("mistake-host-option"));
    let listener = harness.listen_at((ip.parse::<std::net::IpAddr>().unwrap(), 0).into());
    let port = listener.address().port().to_string();
    let arguments = ["--host", host, "--port", &port, "hello"];
    let client = harness.program(Program::TcpClient, &arguments).start();
    let server = listener.accept();
    server.expect_to_end(b"hello\n");
    drop(server);
    client.expect_exit(0);
}

#[test]
fn tries_each_address_of_the_host_in_turn() {
    if !has("localhost") || !has_ipv6() {
        return;
    }
    let mut addresses = ("localhost", 0).to_socket_addrs().into_iter().flatten();
    if !addresses.any(|address| address.is_ipv6()) {
        skipped("localhost has no IPv6 address here");
        return;
    }
    let harness = Harness::new("client-connect", message!("mistake-first-address"));
    // The server listens on IPv6 only, so 127.0.0.1, which is tried first, refuses.
    let listener = harness.listen_at((std::net::Ipv6Addr::LOCALHOST, 0).into());
    let port = listener.address().port().to_string();
    let arguments = ["--host", "localhost", "--port", &port, "hello"];
    let client = harness.program(Program::TcpClient, &arguments).start();
    let server = listener.accept();
    server.expect_to_end(b"hello\n");
    drop(server);
    client.expect_exit(0);
}

// Output.

#[test]
fn the_four_steps_are_on_standard_error() {
    let harness = Harness::new("client-socket", message!("mistake-steps"));
    let (client, server) = connected(&harness, &["hello"]);
    server.expect_to_end(b"hello\n");
    server.send(b"hi\n");
    let address = server.local_address().to_string();
    drop(server);
    client.expect_exit_and_output(0, b"hi\n");
    for texts in
        [&["1 socket"][..], &["2 connect", &address], &["3 send"], &["3 recv"], &["4 close"]]
    {
        client.wait_for_error_line_with(texts);
    }
}

#[test]
fn quiet_prints_only_the_reply() {
    let harness = Harness::new("client-send-recv", message!("mistake-quiet"));
    let (client, server) = connected(&harness, &["--quiet", "hello"]);
    answer(server, b"hello\n", b"hi\n");
    client.expect_exit_and_output(0, b"hi\n");
    client.expect_no_errors();
}

#[test]
fn closed_standard_output_ends_it_without_a_panic() {
    let harness = Harness::new("client-send-recv", message!("mistake-println"));
    let (client, server) = connected_with(&harness, &["--quiet", "hello"], |client| {
        client.close_output_after("line 0")
    });
    server.expect_to_end(b"hello\n");
    server.send(b"line 0\n");
    client.wait_for_closed_output();
    // The client may exit as soon as its output is closed.
    _ = server.try_send(&pattern(1 << 20));
    drop(server);
    client.expect_exit_either(0, 1);
    let stderr = client.stderr();
    harness.check(
        stderr.lines().count() <= 1,
        message!("expected-at-most-lines", count = 1),
        stderr,
    );
}

#[cfg(target_os = "linux")]
mod terminal {
    use super::*;

    #[rstest]
    #[case::an_empty_line(b"\n")]
    #[case::ctrl_d(b"\x04")]
    fn shows_each_reply_and_ends_with(#[case] end: &[u8]) {
        let harness = Harness::new("client-send-recv", message!("mistake-not-in-turn"));
        let (client, server) = connected_with(&harness, &[], ProgramCommand::in_terminal);
        for number in 1..=3 {
            client.write(format!("message {number}\n").as_bytes());
            server.expect(format!("message {number}\n").as_bytes());
            server.send(format!("reply {number}\n").as_bytes());
            client.wait_for_output_with(&format!("reply {number}"));
        }
        client.write(end);
        server.expect_to_end(b"");
        drop(server);
        client.expect_exit(0);
    }

    #[test]
    fn a_reply_cannot_control_it() {
        let harness = Harness::new("bytes-and-text", message!("mistake-unescaped"));
        let (client, server) = connected_with(&harness, &["hello"], ProgramCommand::in_terminal);
        answer(server, b"hello\n", b"a\x1b[2J\x07\x9b\xc2\x9b\tb\nend\n");
        client.expect_exit(0);
        client.wait_for_output_with("end");
        let screen = String::from_utf8_lossy(&client.stdout()).into_owned();
        // The terminal adds a carriage return to each line.
        let acts = screen.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        harness.check(!acts, message!("expected-no-control-characters"), &screen);
        client.wait_for_output_with("\tb\r\n");
    }

    #[test]
    fn a_split_character_is_shown_whole() {
        let harness = Harness::new("bytes-and-text", message!("mistake-split-character"));
        // With --quiet, because a step could be printed between the two pieces.
        let (client, server) =
            connected_with(&harness, &["--quiet", "hello"], ProgramCommand::in_terminal);
        server.expect(b"hello\n");
        let (before, after) = "before 你好 after\n".as_bytes().split_at(9);
        server.send(before);
        client.wait_for_output_with("before ");
        server.send(after);
        client.wait_for_output_with("before 你好 after");
        drop(server);
        client.expect_exit(0);
    }
}
