//! Question 2: `accept` in a loop, for one client after the other. Each client here sends one
//! line, so that a server without the inner loop can pass.

use tests::{Connection, Stage};

use crate::server;

/// One line there and back.
#[track_caller]
fn exchange(stage: &Stage, client: &Connection, text: &str) {
    let line = stage.words(text);
    client.send(line.as_bytes());
    client.expect(line.as_bytes());
}

#[test]
fn a_second_client_is_served() {
    let stage = Stage::of("server-accept");
    let server = server(&stage).start_server("listening on ");
    for name in ["first", "second"] {
        let client = stage.connect(server.address());
        exchange(&stage, &client, name);
        client.close();
    }
}

#[test]
fn client_after_client_is_served() {
    let stage = Stage::of("server-accept");
    let server = server(&stage).start_server("listening on ");
    for number in 1..=10 {
        let client = stage.connect(server.address());
        exchange(&stage, &client, &format!("client {number}"));
        client.close();
    }
}

#[test]
fn a_client_that_waits_in_the_queue_is_served_next() {
    let stage = Stage::of("server-listen");
    let server = server(&stage).start_server("listening on ");
    let first = stage.connect(server.address());
    let second = stage.connect(server.address());
    let line = stage.words("second");
    second.send(line.as_bytes());
    exchange(&stage, &first, "first");
    first.close();
    second.expect(line.as_bytes());
}

#[test]
fn a_client_that_says_nothing_does_not_end_it() {
    let stage = Stage::of("server-recv-send");
    let server = server(&stage).start_server("listening on ");
    let silent = stage.connect(server.address());
    silent.end_sending();
    silent.expect_closed();
    let next = stage.connect(server.address());
    exchange(&stage, &next, "next");
}
