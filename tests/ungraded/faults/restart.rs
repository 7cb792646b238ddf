//! A server that is killed during an exchange, and restarted.

use tests::{Harness, Program, loopback};

use super::expect_service;

#[test]
fn a_server_is_killed_while_a_client_sends_and_its_port_is_free_at_once() {
    let harness = Harness::for_section("client-send-recv");
    let host = loopback::address(95).to_string();
    let server = harness.tcp_server(&["--quiet", "--host", &host]);
    let port = server.address().port().to_string();
    let client = harness.tcp_client(server.address(), &["--quiet"]).with_input().start();
    client.write(&vec![b'x'; 64 << 20]);
    client.expect_output_so_far(&[b'x'; 1000]);
    // SIGKILL, as when memory runs out: the server can't close its sockets.
    drop(server);
    client.expect_exit(1);
    client.expect_error_line(&["bytes sent", "bytes received"]);
    let arguments = ["--host", &host, "--port", &port];
    let again = harness.program(Program::TcpServer, &arguments).start_server("listening on ");
    expect_service(&harness, &again);
}

#[test]
#[ignore = "long: a second for each of 20 times"]
fn a_server_is_killed_while_a_client_waits_for_input_and_restarted() {
    let harness = Harness::for_section("server-bind");
    let host = loopback::address(96).to_string();
    let mut server = harness.tcp_server(&["--host", &host]);
    let port = server.address().port().to_string();
    let arguments = ["--host", &host, "--port", &port];
    for _ in 0..20 {
        let client = harness.tcp_client(server.address(), &["--quiet"]).with_input().start();
        client.write(b"hello\n");
        client.expect_output_so_far(b"hello\n");
        drop(server);
        client.expect_failure(&["closed the connection first", "6 bytes sent"], b"hello\n");
        server = harness.program(Program::TcpServer, &arguments).start_server("listening on ");
    }
    expect_service(&harness, &server);
}

#[test]
fn a_udp_server_is_killed_and_restarted() {
    let harness = Harness::for_section("udp");
    let host = loopback::address(97).to_string();
    let server = harness.udp_server(&["--host", &host]);
    let (address, port) = (server.address(), server.address().port().to_string());
    let arguments = ["--quiet", "--timeout", "0.3"];
    let mut client = harness.udp_client(address, &arguments).with_input().start();
    client.write(b"one\n");
    client.expect_output_so_far(b"one\n");
    drop(server);
    client.write(b"two\n");
    client.wait_for_error_line_with(&["no reply", "two"]);
    let arguments = ["server", "--host", &host, "--port", &port];
    let _server = harness.program(Program::Udp, &arguments).start_server("bound to ");
    // The client's socket works with the new server: UDP has no connection to lose.
    client.write_and_end_input(b"three\n");
    client.expect_exit_and_output(1, b"one\nthree\n");
    client.expect_error_line(&["two"]);
}
