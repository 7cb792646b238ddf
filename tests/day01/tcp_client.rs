//! Tests of `day01-tcp-client`.

mod connecting;
#[cfg(target_os = "linux")]
mod terminal;

use std::thread;

use rstest::rstest;
use tests::{Connection, Harness, ProgramCommand, TestedProgram, message, pattern};

use crate::all_bytes;

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
    client.expect_failure(&[], b"enough\n");
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
    client.expect_failure(&[], b"half a rep");
}

#[test]
fn a_reset_in_mid_reply_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new("close", message!("mistake-reset"));
    let (client, server) = connected(&harness, &["--quiet", "hello"]);
    // Everything is sent by now, so only the reset shows that the reply is incomplete.
    server.send(b"half a rep");
    client.expect_output_so_far(b"half a rep");
    server.reset();
    client.expect_failure(&[], b"half a rep");
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
