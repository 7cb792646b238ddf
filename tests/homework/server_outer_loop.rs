//! Task `server-outer-loop`: `accept` in a loop, for one client after another. Each client sends one
//! line, so that a server without the inner loop passes too. A server that sends too much to every client,
//! the first one included, has a mistake in its inner loop.

use std::net::SocketAddr;

use tests::{Connection, Harness, TestData, TestedProgram};

use crate::server;

/// One client after another.
struct Clients<'a> {
    harness: &'a Harness,
    server: SocketAddr,
    /// Whether the first client got its line back and nothing else.
    strict: Option<bool>,
}

impl<'a> Clients<'a> {
    fn new(harness: &'a Harness, server: &TestedProgram) -> Self {
        Self { harness, server: server.address(), strict: None }
    }

    /// Connects a client, and serves it with this line.
    #[track_caller]
    fn next(&mut self, line: &str) {
        let client = self.harness.connect(self.server);
        client.send(line.as_bytes());
        self.end(&client, line);
    }

    /// Expects the line back, and nothing else, from a server that sent no more to the first client.
    #[track_caller]
    fn end(&mut self, client: &Connection, line: &str) {
        client.expect(line.as_bytes());
        let more = client.end_sending_and_receive_rest();
        if *self.strict.get_or_insert(more.is_empty()) {
            client.check_nothing_more(&more);
        }
    }
}

#[test]
fn a_second_client_is_served() {
    let harness = Harness::for_section("server-accept");
    let mut data = TestData::new("a_second_client_is_served");
    let server = server(&harness).start_server("listening on ");
    // A server may start a thread before accept, but not in a loop that waits for nothing.
    server.expect_few_threads();
    let mut clients = Clients::new(&harness, &server);
    for _ in 0..2 {
        clients.next(&(data.message() + "\n"));
    }
}

#[test]
fn one_client_after_another_is_served() {
    let harness = Harness::for_section("server-accept");
    let mut data = TestData::new("one_client_after_another_is_served");
    let server = server(&harness).start_server("listening on ");
    let mut clients = Clients::new(&harness, &server);
    for _ in 0..data.number(13..=20) {
        clients.next(&data.line());
    }
}

#[test]
fn a_client_that_waits_in_the_queue_is_served_next() {
    let harness = Harness::for_section("server-listen");
    let mut data = TestData::new("a_client_that_waits_in_the_queue_is_served_next");
    let server = server(&harness).start_server("listening on ");
    let mut clients = Clients::new(&harness, &server);
    let first = harness.connect(server.address());
    let second = harness.connect(server.address());
    let [line, first_line] = [data.line(), data.line()];
    second.send(line.as_bytes());
    first.send(first_line.as_bytes());
    clients.end(&first, &first_line);
    first.close();
    clients.end(&second, &line);
}

#[test]
fn clients_that_wait_in_the_queue_are_all_served() {
    let harness = Harness::for_section("server-listen");
    let mut data = TestData::new("clients_that_wait_in_the_queue_are_all_served");
    let server = server(&harness).start_server("listening on ");
    let mut clients = Clients::new(&harness, &server);
    let waiting = [(); 3].map(|()| (harness.connect(server.address()), data.line()));
    for (client, line) in &waiting {
        client.send(line.as_bytes());
    }
    for (client, line) in waiting {
        clients.end(&client, &line);
    }
}

#[test]
fn a_client_that_sends_nothing_does_not_stop_the_server() {
    let harness = Harness::for_section("server-recv-send");
    let mut data = TestData::new("a_client_that_sends_nothing_does_not_stop_the_server");
    let server = server(&harness).start_server("listening on ");
    let silent = harness.connect(server.address());
    silent.end_sending();
    silent.expect_closed();
    Clients::new(&harness, &server).next(&data.line());
}

#[test]
fn no_client_gets_what_another_sent() {
    let harness = Harness::for_section("server-recv-send");
    let mut data = TestData::new("no_client_gets_what_another_sent");
    let server = server(&harness).start_server("listening on ");
    let mut clients = Clients::new(&harness, &server);
    clients.next(&data.line());
    for _ in 0..3 {
        // Leaves in the middle of a line. It receives what comes, because closing with unread bytes would
        // reset the connection.
        let leaves = harness.connect(server.address());
        let length = data.number(100..=900);
        leaves.send(data.text(length).as_bytes());
        leaves.end_sending_and_receive_rest();
        leaves.close();
        // The next line is shorter, so that the rest of a buffer shows.
        clients.next(&format!("{}\n", data.number(10..=99)));
    }
}

#[test]
fn nothing_is_left_of_clients_that_are_gone() {
    let harness = Harness::for_section("close");
    let mut data = TestData::new("nothing_is_left_of_clients_that_are_gone");
    let server = server(&harness).start_server("listening on ");
    let mut clients = Clients::new(&harness, &server);
    // The first ones may make a runtime start its threads.
    for _ in 0..3 {
        clients.next(&data.line());
    }
    server.expect_nothing_left(|count| (0..count).for_each(|_| clients.next(&data.line())));
}
