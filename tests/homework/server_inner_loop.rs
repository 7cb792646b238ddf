//! Task `server-inner-loop`: `recv` and `send` in a loop, until the client closes its sending half.
//!
//! Long lines are ASCII, because a server that decodes what it receives may split a character at the end
//! of its buffer. That is extra credit.

use tests::{Connection, Harness, TestData};

use crate::server;

/// Sends lines, each after the reply to the one before it.
#[track_caller]
fn exchange(client: &Connection, lines: impl IntoIterator<Item = String>) {
    for line in lines {
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
}

#[test]
fn a_second_line_is_answered() {
    let harness = Harness::for_section("server-recv-send");
    let mut data = TestData::new("a_second_line_is_answered");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    exchange(&client, [data.message() + "\n", data.message() + "\n"]);
}

#[test]
fn every_line_is_answered() {
    let harness = Harness::for_section("server-recv-send");
    let mut data = TestData::new("every_line_is_answered");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    let count = data.number(13..=40);
    exchange(&client, (0..count).map(|_| data.line()));
    client.end_sending_and_expect_nothing();
}

#[test]
fn short_and_long_lines_come_back_unchanged() {
    let harness = Harness::for_section("bytes-and-text");
    let mut data = TestData::new("short_and_long_lines_come_back_unchanged");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    // Around the sizes of many programs' buffers. What doesn't fit arrives in several calls of recv.
    let mut lengths = vec![1, 7, 10_000];
    for size in [256, 512, 1024, 2048, 4096, 8192] {
        lengths.extend([size - 1, size, size + 1, data.number(size..=size + size / 5)]);
    }
    for length in lengths {
        let long = data.text(length - 1) + "\n";
        exchange(&client, [long, data.line()]);
    }
    client.end_sending_and_expect_nothing();
}

#[test]
fn several_lines_at_once_are_all_answered() {
    let harness = Harness::for_section("bytes-and-text");
    let mut data = TestData::new("several_lines_at_once_are_all_answered");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    for _ in 0..3 {
        let count = data.number(2..=9);
        exchange(&client, [(0..count).map(|_| data.line()).collect()]);
    }
    client.end_sending_and_expect_nothing();
}

#[test]
fn a_line_in_several_pieces_comes_back() {
    let harness = Harness::for_section("bytes-and-text");
    let mut data = TestData::new("a_line_in_several_pieces_comes_back");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    for _ in 0..3 {
        let length = data.number(20..=60);
        let line = data.text(length) + "\n";
        let (start, rest) = line.split_at(data.number(1..=length));
        client.send(start.as_bytes());
        // Some servers reply to each piece, others to the whole line.
        client.give_time_to_reply();
        client.send(rest.as_bytes());
        client.expect(line.as_bytes());
    }
    client.end_sending_and_expect_nothing();
}

#[test]
fn the_connection_is_closed_after_the_client_has_closed_it() {
    let harness = Harness::for_section("close");
    let mut data = TestData::new("the_connection_is_closed_after_the_client_has_closed_it");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    exchange(&client, [data.line(), data.line()]);
    client.end_sending();
    client.expect_closed();
}

#[test]
fn all_replies_come_before_the_connection_is_closed() {
    let harness = Harness::for_section("close");
    let mut data = TestData::new("all_replies_come_before_the_connection_is_closed");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    let (count, length) = (data.number(5..=20), data.number(5..=60));
    let mut lines: String = (0..count).map(|_| data.line()).collect();
    // The last line has no newline.
    lines += &data.text(length);
    client.send(lines.as_bytes());
    client.end_sending_and_expect(lines.as_bytes());
}

#[test]
fn a_line_after_a_pause_is_answered() {
    let harness = Harness::for_section("server-recv-send");
    let mut data = TestData::new("a_line_after_a_pause_is_answered");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    exchange(&client, [data.line()]);
    client.pause();
    exchange(&client, [data.line()]);
}
