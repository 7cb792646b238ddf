//! Tests of `net-utils connections`.

use std::process::Command;

use rstest::rstest;
use tests::{Harness, TestedProgram, message};

use super::net_utils;
use crate::{has_ipv6, skipped};

/// Starts `connections --watch`, so that a test can wait for a line.
fn watch(harness: &Harness, port: u16) -> TestedProgram {
    net_utils(harness, &["connections", &port.to_string(), "--watch"]).start()
}

/// Returns whether `net-utils connections` works. Outside Linux it needs `netstat`.
fn is_supported() -> bool {
    let supported =
        cfg!(target_os = "linux") || Command::new("netstat").arg("-an").output().is_ok();
    if !supported {
        skipped("this system has no `netstat`");
    }
    supported
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "netstat has another format")]
fn connections_has_the_listening_socket_and_both_ends() {
    let harness = Harness::new("handshake", message!("mistake-missing-socket"));
    let server = harness.tcp_server(&[]);
    let address = server.address();
    let client = harness.connect(address);
    client.expect_echo(b"hello\n");
    let here = client.local_address();
    let connections = net_utils(&harness, &["connections", &address.port().to_string()]).run(0);
    connections.wait_for_line(&format!("tcp LISTEN       {address}"));
    connections.expect_line_of_output(&format!("tcp ESTABLISHED  {address} to {here}"));
    connections.expect_line_of_output(&format!("tcp ESTABLISHED  {here} to {address}"));
}

#[cfg(not(target_os = "linux"))]
#[test]
fn connections_has_the_lines_of_netstat() {
    if !is_supported() {
        return;
    }
    let harness = Harness::new("handshake", message!("mistake-missing-socket"));
    let server = harness.tcp_server(&[]);
    let port = server.address().port().to_string();
    let output = net_utils(&harness, &["connections", &port]).run(0).stdout();
    let output = String::from_utf8_lossy(&output).into_owned();
    let has_port = |line: &str| line.contains(&port);
    harness.check(output.lines().all(has_port), message!("expected-text", text = &port), &output);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "netstat has another format")]
fn connections_has_ipv6() {
    if !has_ipv6() {
        return;
    }
    let harness = Harness::new("handshake", message!("mistake-missing-socket"));
    let server = harness.tcp_server(&["--host", "::1"]);
    let address = server.address();
    let client = harness.connect(address);
    let watch = watch(&harness, address.port());
    watch.wait_for_line(&format!("tcp LISTEN       {address}"));
    watch.wait_for_line(&format!("tcp ESTABLISHED  {} to {address}", client.local_address()));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "netstat has another format")]
fn connections_has_udp() {
    let harness = Harness::new("udp-programs", message!("mistake-missing-socket"));
    let server = harness.udp_server(&[]);
    let address = server.address();
    watch(&harness, address.port()).wait_for_line(&format!("udp -            {address}"));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "netstat has another format")]
fn the_end_that_closed_first_is_in_time_wait() {
    let harness = Harness::new("close", message!("mistake-socket-state"));
    let server = harness.tcp_server(&[]);
    let address = server.address();
    let client = harness.connect(address);
    let here = client.local_address();
    client.end_sending_and_expect(b"");
    drop(client);
    let watch = watch(&harness, address.port());
    watch.wait_for_line(&format!("tcp TIME-WAIT    {here} to {address}"));
    watch.expect_no_output_with(&format!("{address} to {here}"));
}

// Windows has no signals.
#[cfg(unix)]
#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "netstat has another format")]
fn a_server_that_closed_first_is_in_time_wait_once_the_client_has_closed() {
    let harness = Harness::new("server-close", message!("mistake-socket-state"));
    let server = harness.tcp_server(&[]);
    let address = server.address();
    let client = harness.connect(address);
    client.expect_echo(b"hello\n");
    let here = client.local_address();
    let watch = watch(&harness, address.port());
    server.signal(tests::Signal::Interrupt);
    server.expect_exit(0);
    watch.wait_for_line(&format!("tcp FIN-WAIT-2   {address} to {here}"));
    watch.wait_for_line(&format!("tcp CLOSE-WAIT   {here} to {address}"));
    client.expect_closed();
    drop(client);
    watch.wait_for_line(&format!("tcp TIME-WAIT    {address} to {here}"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_is_not_accepted_yet_is_in_the_queue() {
    let harness = Harness::new("server-listen", message!("mistake-socket-state"));
    let server = harness.tcp_server(&[]);
    let address = server.address();
    let first = harness.connect(address);
    first.expect_echo(b"first\n");
    let second = harness.connect(address);
    second.send(b"second\n");
    let here = second.local_address();

    let watch = watch(&harness, address.port());
    let waiting = format!("tcp ESTABLISHED  {address} to {here}, in the queue, 7 bytes to receive");
    watch.wait_for_line(&waiting);
    watch.wait_for_line(&format!("tcp LISTEN       {address}, 1 in the queue"));
    watch
        .expect_line_of_output(&format!("tcp ESTABLISHED  {address} to {}", first.local_address()));
    second.end_sending();
    let waiting = waiting.replace("ESTABLISHED ", "CLOSE-WAIT  ");
    watch.wait_for_line(&waiting.replace("7 bytes", "7 bytes and FIN"));

    drop(first);
    second.expect_to_end(b"second\n");
    watch.wait_for_line(&format!("tcp LISTEN       {address}, 0 in the queue"));
}

/// The client's host is cut off, and the server can't notice. The notes show this.
#[cfg(target_os = "linux")]
#[test]
fn a_server_whose_client_is_gone_stays_established() {
    use tests::{NetworkNamespace, Program};

    let harness = Harness::new("blocking", message!("mistake-socket-state"));
    let network = match NetworkNamespace::new() {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let start =
        |program, arguments: &[&str]| harness.program(program, arguments).in_network(&network);
    let server = start(Program::TcpServer, &["--port", "0"]).start_server("listening on ");
    let address = server.address();
    let port = address.port().to_string();
    let mut client = start(Program::TcpClient, &["--port", &port]).with_input().start();
    let line = server.wait_for_line("4 accept   client ");
    let here = line.split(' ').find(|word| word.contains(':')).unwrap_or_default();

    if let Err(reason) = network.cut() {
        return skipped(&reason);
    }
    client.end_input();
    let watch = start(Program::NetUtils, &["connections", &port, "--watch"]).start();
    watch.wait_for_line(&format!("tcp FIN-WAIT-1   {here} to {address}, FIN not acknowledged"));
    let seen = start(Program::NetUtils, &["connections", &port]).run(0);
    seen.expect_line_of_output(&format!("tcp ESTABLISHED  {address} to {here}"));
}

#[rstest]
#[case::by_number("1", 1)]
#[case::by_the_name_of_its_service("telnet", 23)]
fn a_port_without_sockets_is_reported(#[case] port: &str, #[case] number: u16) {
    let harness = Harness::new("handshake", message!("mistake-no-socket"));
    if !is_supported() {
        return;
    }
    let none = net_utils(&harness, &["connections", port]).run(0);
    none.expect_output(format!("no socket of this host has port {number}\n").as_bytes());
    none.expect_no_errors();
}

#[test]
fn an_unknown_service_is_one_error_line_and_exit_status_1() {
    let harness = Harness::new("services", message!("mistake-unknown-service"));
    let unknown = net_utils(&harness, &["connections", "nosuchservice"]).start();
    unknown.expect_failure(&["nosuchservice", "port number"], b"");
}

#[rstest]
#[case::once(&["connections"])]
#[case::watching(&["connections", "--watch"])]
fn a_closed_pipe_on_standard_output_is_not_an_error(#[case] arguments: &[&str]) {
    let harness = Harness::new("blocking", message!("mistake-println"));
    if !is_supported() {
        return;
    }
    net_utils(&harness, arguments).without_reader().run(0).expect_no_errors();
}

#[test]
#[cfg_attr(windows, ignore = "netstat names states in the system's language")]
fn watching_ends_when_standard_output_is_closed() {
    let harness = Harness::new("blocking", message!("mistake-watch-goes-on"));
    let server = harness.tcp_server(&[]);
    if !is_supported() {
        return;
    }
    let port = server.address().port().to_string();
    let watch = net_utils(&harness, &["connections", &port, "--watch"]);
    let watch = watch.close_output_after("LISTEN").start();
    watch.wait_for_closed_output();
    watch.expect_exit(0);
    watch.expect_no_errors();
}

#[cfg(target_os = "linux")]
#[test]
fn watching_redraws_the_terminal_and_ctrl_c_restores_it() {
    let harness = Harness::new("handshake", message!("mistake-terminal-state"));
    let server = harness.tcp_server(&[]);
    let port = server.address().port().to_string();
    let watch = net_utils(&harness, &["connections", &port, "--watch"]).env("TERM", "xterm");
    let watch = watch.in_terminal().start();
    watch.wait_for_output_with("LISTEN");
    let client = harness.connect(server.address());
    watch.wait_for_output_with(&format!("to {}", client.local_address()));
    watch.signal(tests::Signal::Interrupt);
    watch.expect_exit(0);
    let screen = String::from_utf8_lossy(&watch.stdout()).into_owned();
    harness.check(
        screen.starts_with("\x1b[?1049h\x1b[H") && screen.ends_with("\x1b[?1049l"),
        message!("expected-redraw"),
        &screen,
    );
    harness.check(screen.matches("LISTEN").count() > 1, message!("expected-redraw"), &screen);
}
