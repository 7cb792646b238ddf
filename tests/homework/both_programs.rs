//! Both programs in conversation, connected to each other.

use tests::{Harness, TestData, TestedProgram};

use crate::server;

/// Runs a client with 3 to 8 messages against the server, and checks that it shows the same lines.
#[track_caller]
fn converse(harness: &Harness, data: &mut TestData, server: &TestedProgram) {
    let messages: Vec<String> = (0..data.number(3..=8)).map(|_| data.short_message()).collect();
    let arguments: Vec<&str> = messages.iter().map(String::as_str).collect();
    let client = harness.tcp_client(server.address(), &arguments).start();
    client.expect_exit(0);
    client.expect_lines_of_output_to_end_with(&messages);
}

#[test]
fn the_client_gets_back_what_it_sends_to_the_server() {
    let harness = Harness::for_section("blocking");
    let mut data = TestData::new("the_client_gets_back_what_it_sends_to_the_server");
    let server = server(&harness).start_server("listening on ");
    converse(&harness, &mut data, &server);
}

#[test]
fn a_second_client_is_served_after_the_first() {
    let harness = Harness::for_section("blocking");
    let mut data = TestData::new("a_second_client_is_served_after_the_first");
    let server = server(&harness).start_server("listening on ");
    for _ in 0..2 {
        converse(&harness, &mut data, &server);
    }
}

#[test]
fn typed_lines_come_back_one_by_one() {
    let harness = Harness::for_section("blocking");
    let mut data = TestData::new("typed_lines_come_back_one_by_one");
    let server = server(&harness).start_server("listening on ");
    let mut client = harness.tcp_client(server.address(), &[]).with_input().start();
    let mut messages = Vec::new();
    for _ in 0..data.number(3..=8) {
        messages.push(data.short_message());
        client.write(format!("{}\n", messages[messages.len() - 1]).as_bytes());
        client.expect_lines_so_far(&messages);
    }
    // A client may end at an empty line or at the end of its input.
    client.write_and_end_input(b"\n");
    client.wait_for_exit();
    client.expect_lines_of_output_to_end_with(&messages);
}

#[test]
fn every_line_of_every_client_is_answered() {
    let harness = Harness::for_section("blocking");
    let mut data = TestData::new("every_line_of_every_client_is_answered");
    let server = server(&harness).start_server("listening on ");
    for _ in 0..data.number(6..=9) {
        let client = harness.connect(server.address());
        for _ in 0..data.number(3..=5) {
            let line = data.line();
            client.send(line.as_bytes());
            client.expect(line.as_bytes());
        }
        client.close();
    }
}

#[test]
fn only_replies_are_on_standard_output() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("only_replies_are_on_standard_output");
    let server = server(&harness).start_server("listening on ");
    let messages = [data.short_message(), data.short_message(), data.short_message()];
    let arguments = messages.each_ref().map(String::as_str);
    let client = harness.tcp_client(server.address(), &arguments).start();
    client.expect_exit(0);
    client.expect_lines_of_output(&messages);
}
