//! Task `client-loop`: the client sends one message after another, and shows each reply.
//!
//! A reply is one line that fits into 1,000 bytes and comes in one segment, so that a client may call recv
//! once for each.

use std::net::SocketAddr;

use tests::{Connection, Harness, TestData, TestedProgram};

/// Acts as the server for one message: waits for the line and replies to it. Returns the reply.
#[track_caller]
fn answer(data: &mut TestData, server: &Connection, message: &str) -> String {
    let reply = data.reply();
    server.expect(format!("{message}\n").as_bytes());
    server.send(reply.as_bytes());
    reply
}

/// Writes messages to the input of a client, each after the reply to the one before it is shown.
#[track_caller]
fn converse(data: &mut TestData, client: &TestedProgram, server: &Connection) -> Vec<String> {
    let mut replies = Vec::new();
    for _ in 0..data.number(5..=12) {
        let message = data.message();
        client.write(format!("{message}\n").as_bytes());
        replies.push(answer(data, server, &message));
        client.expect_lines_so_far(&replies);
    }
    replies
}

#[test]
fn the_second_message_of_the_command_line_is_sent() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("the_second_message_of_the_command_line_is_sent");
    let listener = harness.listen();
    let messages = [data.message(), data.message()];
    let arguments = messages.each_ref().map(String::as_str);
    let _client = harness.tcp_client(listener.address(), &arguments).start();
    let server = listener.accept();
    for message in &messages {
        answer(&mut data, &server, message);
    }
}

#[test]
fn all_messages_of_the_command_line_are_sent_and_all_replies_shown() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("all_messages_of_the_command_line_are_sent_and_all_replies_shown");
    let listener = harness.listen();
    let messages: Vec<String> = (0..data.number(5..=12)).map(|_| data.message()).collect();
    let arguments: Vec<&str> = messages.iter().map(String::as_str).collect();
    // With an input that doesn't end, although the client has no reason to read it.
    let client = harness.tcp_client(listener.address(), &arguments).with_input().start();
    let server = listener.accept();
    let replies: Vec<String> =
        messages.iter().map(|message| answer(&mut data, &server, message)).collect();
    server.expect_closed();
    server.close();
    client.expect_exit(0);
    client.expect_each_line_of_output_once(&replies);
}

#[test]
fn a_late_reply_is_shown() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("a_late_reply_is_shown");
    let listener = harness.listen();
    let messages = [data.message(), data.message()];
    let arguments = messages.each_ref().map(String::as_str);
    let client = harness.tcp_client(listener.address(), &arguments).start();
    let server = listener.accept();
    let first = answer(&mut data, &server, &messages[0]);
    server.expect(format!("{}\n", messages[1]).as_bytes());
    // A client that doesn't wait for the last reply has exited by then.
    client.give_time_to_end_too_early();
    let last = data.reply();
    server.send_late(last.as_bytes());
    server.expect_closed();
    server.close();
    client.expect_exit(0);
    client.expect_each_line_of_output_once(&[first, last]);
}

#[test]
fn every_line_from_a_pipe_is_sent_and_its_reply_shown() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("every_line_from_a_pipe_is_sent_and_its_reply_shown");
    let listener = harness.listen();
    let mut client = harness.tcp_client(listener.address(), &[]).with_input().start();
    let server = listener.accept();
    let replies = converse(&mut data, &client, &server);
    // A client may end at an empty line or at the end of the pipe.
    client.write_and_end_input(b"\n");
    server.answer_until_end();
    server.close();
    client.wait_for_exit();
    client.expect_each_line_of_output_once(&replies);
}

#[test]
fn every_typed_line_is_sent_and_its_reply_shown() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("every_typed_line_is_sent_and_its_reply_shown");
    let listener = harness.listen();
    let Some(client) = client_in_terminal(&harness, listener.address()) else { return };
    let server = listener.accept();
    let replies = converse(&mut data, &client, &server);
    // A client may end at an empty line or at Ctrl-D.
    client.write(b"\n\x04");
    server.answer_until_end();
    server.close();
    client.wait_for_exit();
    client.expect_each_line_of_output_once(&replies);
}

#[test]
fn a_typed_empty_line_ends_the_client() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("a_typed_empty_line_ends_the_client");
    let listener = harness.listen();
    let Some(client) = client_in_terminal(&harness, listener.address()) else { return };
    let server = listener.accept();
    converse(&mut data, &client, &server);
    client.write(b"\n");
    server.expect_closed();
    server.close();
    client.expect_exit(0);
}

/// Starts the client in a terminal, which the tests have only on Linux.
#[track_caller]
fn client_in_terminal(harness: &Harness, server: SocketAddr) -> Option<TestedProgram> {
    let client = harness.tcp_client(server, &[]);
    #[cfg(target_os = "linux")]
    return Some(client.in_terminal().start());
    #[cfg(not(target_os = "linux"))]
    {
        drop(client);
        tests::skipped("there is no terminal for the client on this system");
        None
    }
}

#[test]
fn the_end_of_its_input_ends_the_client() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("the_end_of_its_input_ends_the_client");
    let listener = harness.listen();
    let mut client = harness.tcp_client(listener.address(), &[]).with_input().start();
    let server = listener.accept();
    converse(&mut data, &client, &server);
    client.end_input();
    server.expect_closed();
    server.close();
    // A client may treat this end as an error, as Python's `input` does.
    client.wait_for_exit();
}

#[test]
fn a_last_line_without_a_newline_is_sent() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("a_last_line_without_a_newline_is_sent");
    let listener = harness.listen();
    let mut client = harness.tcp_client(listener.address(), &[]).with_input().start();
    let server = listener.accept();
    let mut replies = converse(&mut data, &client, &server);
    let message = data.message();
    client.write_and_end_input(message.as_bytes());
    // Some clients add the newline, others send what they read.
    server.expect(message.as_bytes());
    replies.push(data.reply());
    server.send(replies[replies.len() - 1].as_bytes());
    client.expect_lines_so_far(&replies);
    server.answer_until_end();
    server.close();
    client.wait_for_exit();
}

#[test]
fn a_line_after_a_pause_is_sent() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("a_line_after_a_pause_is_sent");
    let listener = harness.listen();
    let client = harness.tcp_client(listener.address(), &[]).with_input().start();
    let server = listener.accept();
    let replies = converse(&mut data, &client, &server);
    server.pause();
    let message = data.message();
    client.write(format!("{message}\n").as_bytes());
    let last = answer(&mut data, &server, &message);
    client.expect_lines_so_far(&[replies, vec![last]].concat());
}
