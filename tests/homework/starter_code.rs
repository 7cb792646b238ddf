//! What the starter code already does. It earns no points, but nothing else works without it.

use tests::{Harness, Program, TestData, message};

use crate::server;

#[test]
fn the_server_prints_where_it_listens() {
    let harness = Harness::for_section("server-listen");
    let server = server(&harness).start_server("listening on ");
    harness.connect(server.address());
}

#[test]
fn the_server_listens_on_the_port_of_its_command_line() {
    let harness = Harness::for_section("server-bind");
    let port = harness.free_port();
    let options = ["--host", "127.0.0.1", "--port", &port.to_string()];
    let server = harness.program(Program::TcpServer, &options).start_server("listening on ");
    let printed = server.bound_address();
    let expected = message!("expected-listening-port", port = port);
    harness.check(printed.port() == port, expected, message!("listening-on", address = printed));
    harness.connect(server.address());
}

#[test]
fn the_server_answers_one_message() {
    let harness = Harness::for_section("server-recv-send");
    let mut data = TestData::new("the_server_answers_one_message");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    let line = data.message() + "\n";
    client.send(line.as_bytes());
    client.expect(line.as_bytes());
}

#[test]
fn the_client_sends_one_message_and_shows_the_reply() {
    let harness = Harness::for_section("client-send-recv");
    let mut data = TestData::new("the_client_sends_one_message_and_shows_the_reply");
    let listener = harness.listen();
    let message = data.message();
    // With an input that doesn't end, although the client has no reason to read it.
    let client = harness.tcp_client(listener.address(), &[&message]).with_input().start();
    let server = listener.accept();
    server.expect(format!("{message}\n").as_bytes());
    let reply = data.reply();
    server.send(reply.as_bytes());
    client.expect_line_of_output(&reply);
}
