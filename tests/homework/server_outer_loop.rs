//! Task `server-outer-loop`: `accept` in a loop, for one client after another. Each client sends one
//! line, so that a server without the inner loop passes too.

use tests::{Connection, Harness};

use crate::server;

/// Sends a line and expects it back.
#[track_caller]
fn exchange(harness: &Harness, client: &Connection, text: &str) {
    let line = harness.seeded_line(text);
    client.send(line.as_bytes());
    client.expect(line.as_bytes());
}

#[test]
fn a_second_client_is_served() {
    let harness = Harness::for_section("server-accept");
    let server = server(&harness).start_server("listening on ");
    for name in ["first", "second"] {
        let client = harness.connect(server.address());
        exchange(&harness, &client, name);
        client.close();
    }
}

#[test]
fn one_client_after_another_is_served() {
    let harness = Harness::for_section("server-accept");
    let server = server(&harness).start_server("listening on ");
    for number in 1..=10 {
        let client = harness.connect(server.address());
        exchange(&harness, &client, &format!("client {number}"));
        client.close();
    }
}

#[test]
fn a_client_that_waits_in_the_queue_is_served_next() {
    let harness = Harness::for_section("server-listen");
    let server = server(&harness).start_server("listening on ");
    let first = harness.connect(server.address());
    let second = harness.connect(server.address());
    let line = harness.seeded_line("second");
    second.send(line.as_bytes());
    exchange(&harness, &first, "first");
    first.close();
    second.expect(line.as_bytes());
}

#[test]
fn a_client_that_sends_nothing_does_not_stop_the_server() {
    let harness = Harness::for_section("server-recv-send");
    let server = server(&harness).start_server("listening on ");
    let silent = harness.connect(server.address());
    silent.end_sending();
    silent.expect_closed();
    let next = harness.connect(server.address());
    exchange(&harness, &next, "next");
}
