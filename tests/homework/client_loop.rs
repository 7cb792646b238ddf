//! Task `client-loop`: the client sends one message after another, and shows each reply.

use tests::{Connection, Harness};

/// Acts as the server: waits for each line and replies to it. Returns the replies.
#[track_caller]
fn answer(harness: &Harness, server: &Connection, lines: &[String]) -> Vec<String> {
    let replies: Vec<String> =
        (1..=lines.len()).map(|number| harness.seeded_line(&format!("reply {number}"))).collect();
    for (line, reply) in lines.iter().zip(&replies) {
        server.expect(line.as_bytes());
        server.send(reply.as_bytes());
    }
    replies
}

fn three_lines(harness: &Harness) -> Vec<String> {
    ["one", "two", "three"].iter().map(|text| harness.seeded_line(text)).collect()
}

#[test]
fn the_second_message_of_the_command_line_is_sent() {
    let harness = Harness::for_section("client-send-recv");
    let listener = harness.listen();
    let lines = &three_lines(&harness)[..2];
    let messages: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let _client = harness.tcp_client(listener.address(), &messages).start();
    let server = listener.accept();
    answer(&harness, &server, lines);
}

#[test]
fn all_messages_of_the_command_line_are_sent_and_all_replies_shown() {
    let harness = Harness::for_section("client-send-recv");
    let listener = harness.listen();
    let lines = three_lines(&harness);
    let messages: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let client = harness.tcp_client(listener.address(), &messages).start();
    let server = listener.accept();
    let mut replies = answer(&harness, &server, &lines[..2]);
    server.expect(lines[2].as_bytes());
    // The last reply is late: a client that doesn't wait for it has exited by then.
    client.give_time_to_end_too_early();
    let last = harness.seeded_line("reply 3");
    _ = server.try_send(last.as_bytes());
    replies.push(last);
    server.answer_until_end();
    drop(server);
    client.expect_exit(0);
    client.expect_lines_of_output(&replies);
}

#[test]
fn every_line_from_a_pipe_is_sent() {
    let harness = Harness::for_section("client-send-recv");
    let listener = harness.listen();
    let mut client = harness.tcp_client(listener.address(), &[]).with_input().start();
    let server = listener.accept();
    let mut replies = Vec::new();
    for line in three_lines(&harness) {
        client.write(line.as_bytes());
        replies.extend(answer(&harness, &server, &[line]));
    }
    // A client may end at an empty line or at the end of the pipe.
    client.write(b"\n");
    client.end_input();
    server.answer_until_end();
    drop(server);
    client.expect_exit(0);
    client.expect_lines_of_output_to_end_with(&replies);
}

#[cfg(target_os = "linux")]
#[test]
fn every_typed_line_is_sent() {
    let harness = Harness::for_section("client-send-recv");
    let listener = harness.listen();
    let client = harness.tcp_client(listener.address(), &[]).in_terminal().start();
    let server = listener.accept();
    let mut replies = Vec::new();
    for line in three_lines(&harness) {
        client.write(line.as_bytes());
        replies.extend(answer(&harness, &server, &[line]));
    }
    // A client may end at an empty line or at Ctrl-D.
    client.write(b"\n\x04");
    server.answer_until_end();
    drop(server);
    client.expect_exit(0);
    client.expect_lines_of_output_to_end_with(&replies);
}
