//! Tests of how `day01-tcp-client` finds its server, and of servers that can't be reached.

use std::net::{IpAddr, Ipv6Addr, ToSocketAddrs};

use rstest::rstest;
use tests::{Harness, Program, loopback, message};

use crate::{REFUSED, has, has_ipv6, skipped};

#[test]
fn a_refused_connection_is_one_error_line_and_exit_status_1() {
    let harness =
        Harness::new("client-connect", message!("mistake-unreported-error", call = "connect"));
    let address = harness.listen_at((loopback::address(91), 0).into()).address();
    let client = harness.tcp_client(address, &["--quiet", "hello"]).run(1);
    client.expect_error_line_in_words(&[&address.to_string()], &REFUSED);
    client.expect_output(b"");
}

#[rstest]
#[case::service("discard", 9)]
#[case::number("1", 1)]
fn a_port_is_a_number_or_a_service(#[case] port: &str, #[case] number: u16) {
    let harness = Harness::new("services", message!("mistake-service-name"));
    // No program listens on this port, so the error contains it.
    let host = loopback::address(92).to_string();
    let arguments = ["--host", &host, "--port", port, "--quiet", "hello"];
    let client = harness.program(Program::TcpClient, &arguments).run(1);
    client.expect_error_line(&[&format!("{host}:{number}")]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_host_that_does_not_answer_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new(
        "client-connect",
        message!("mistake-timeout-option", option = "--timeout", call = "connect"),
    );
    // Fill the listen queue, so that connect gets no answer. On Linux, the queue holds one connection
    // more than the backlog.
    let (server, first) = harness.connected_server(&["--backlog", "1"]);
    for _ in 0..2 {
        first.expect_echo(b"first");
    }
    let _queue = [(); 2].map(|()| harness.connect(server.address()));

    let arguments = ["--timeout", "0.2", "--quiet", "hello"];
    let client = harness.tcp_client(server.address(), &arguments).run(1);
    client.expect_error_line(&[&server.address().to_string()]);
}

/// Fails unless a client connects to the host at this address.
#[track_caller]
fn expect_connection(harness: &Harness, host: &str, address: IpAddr) {
    let listener = harness.listen_at((address, 0).into());
    let port = listener.address().port().to_string();
    let arguments = ["--host", host, "--port", &port, "hello"];
    let client = harness.program(Program::TcpClient, &arguments).start();
    let server = listener.accept();
    server.expect_to_end(b"hello\n");
    drop(server);
    client.expect_exit(0);
}

#[rstest]
#[case::by_number("127.0.0.1", "127.0.0.1")]
#[case::by_name("localhost", "127.0.0.1")]
#[case::ipv6("::1", "::1")]
fn connects_to_the_given_host(#[case] host: &str, #[case] address: IpAddr) {
    if has(host) {
        let harness = Harness::new("client-connect", message!("mistake-host-option"));
        expect_connection(&harness, host, address);
    }
}

#[test]
fn tries_each_address_of_the_host_in_turn() {
    if !has("localhost") || !has_ipv6() {
        return;
    }
    let mut addresses = ("localhost", 0).to_socket_addrs().into_iter().flatten();
    if !addresses.any(|address| address.is_ipv6()) {
        skipped("localhost has no IPv6 address here");
        return;
    }
    let harness = Harness::new("client-connect", message!("mistake-first-address"));
    // The server listens on IPv6 only, so 127.0.0.1, which is tried first, refuses.
    expect_connection(&harness, "localhost", Ipv6Addr::LOCALHOST.into());
}
