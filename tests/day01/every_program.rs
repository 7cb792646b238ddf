//! What all programs have in common: help, errors in the command line, closed pipes, and
//! the addresses of servers.

use rstest::rstest;
use tests::{Harness, Program, ProgramCommand, TestedProgram, message};

use crate::{IN_USE, has};

#[rstest]
#[case::tcp_server(Program::TcpServer, &["--help"])]
#[case::tcp_client(Program::TcpClient, &["--help"])]
#[case::udp(Program::Udp, &["--help"])]
#[case::udp_server(Program::Udp, &["server", "--help"])]
#[case::udp_client(Program::Udp, &["client", "--help"])]
#[case::net_utils(Program::NetUtils, &["--help"])]
fn help_has_an_example_and_exits_0(#[case] program: Program, #[case] arguments: &[&str]) {
    let harness = Harness::new("calls", message!("mistake-help"));
    let help = harness.program(program, arguments).run(0);
    help.expect_no_errors();
    let text = String::from_utf8_lossy(&help.stdout()).to_lowercase();
    for wanted in ["example", program.name()] {
        harness.check(text.contains(wanted), message!("expected-text", text = wanted), &text);
    }
}

#[rstest]
#[case::tcp_server(Program::TcpServer, &["--no-such-option"])]
#[case::tcp_client(Program::TcpClient, &["--no-such-option"])]
#[case::udp_server(Program::Udp, &["server", "--no-such-option"])]
#[case::udp_client(Program::Udp, &["client", "--no-such-option"])]
#[case::udp_neither(Program::Udp, &["neither"])]
#[case::net_utils(Program::NetUtils, &["--no-such-option"])]
#[case::net_utils_subcommand(Program::NetUtils, &["no-such-look-up"])]
#[case::server_port_65536(Program::TcpServer, &["--port", "65536"])]
#[case::server_port_minus_1(Program::TcpServer, &["--port", "-1"])]
#[case::server_port_empty(Program::TcpServer, &["--port", ""])]
#[case::server_without_clients(Program::TcpServer, &["--clients", "0"])]
#[case::server_with_too_many_clients(Program::TcpServer, &["--clients", "4097"])]
#[case::server_without_a_buffer(Program::TcpServer, &["--buffer-size", "0"])]
#[case::server_with_a_huge_buffer(Program::TcpServer, &["--buffer-size", "16777217"])]
#[case::server_without_idle_time(Program::TcpServer, &["--idle-timeout", "0"])]
#[case::client_port_65536(Program::TcpClient, &["--port", "65536", "hello"])]
#[case::client_port_minus_1(Program::TcpClient, &["--port", "-1", "hello"])]
#[case::client_port_empty(Program::TcpClient, &["--port", "", "hello"])]
#[case::client_timeout_is_no_number(Program::TcpClient, &["--timeout", "soon", "hello"])]
#[case::udp_port_65536(Program::Udp, &["server", "--port", "65536"])]
#[case::udp_client_port_empty(Program::Udp, &["client", "--port", "", "hello"])]
#[case::service_port_65536(Program::NetUtils, &["service", "65536"])]
#[case::service_port_minus_1(Program::NetUtils, &["service", "-1"])]
#[case::connections_port_65536(Program::NetUtils, &["connections", "65536"])]
#[case::connections_port_minus_1(Program::NetUtils, &["connections", "-1"])]
#[case::address_of_five_numbers(Program::NetUtils, &["address", "1.2.3.4.5"])]
#[case::address_above_255(Program::NetUtils, &["address", "256.1.1.1"])]
#[case::prefix_above_32(Program::NetUtils, &["address", "192.168.56.0/33"])]
#[case::prefix_above_128(Program::NetUtils, &["address", "::1/129"])]
fn a_wrong_command_line_is_one_error_line_and_exit_status_2(
    #[case] program: Program,
    #[case] arguments: &[&str],
) {
    let harness = Harness::new("ports", message!("mistake-command-line"));
    let wrong = harness.program(program, arguments).run(2);
    wrong.expect_error_line(&[]);
    wrong.expect_output(b"");
}

#[rstest]
#[case::tcp_server(Program::TcpServer, &["--help"])]
#[case::tcp_client(Program::TcpClient, &["--help"])]
#[case::udp(Program::Udp, &["--help"])]
#[case::net_utils(Program::NetUtils, &["--help"])]
#[case::net_utils_interfaces(Program::NetUtils, &["interfaces"])]
#[case::net_utils_address(Program::NetUtils, &["address", "127.0.0.1"])]
fn a_closed_pipe_on_standard_output_is_not_an_error(
    #[case] program: Program,
    #[case] arguments: &[&str],
) {
    let harness = Harness::new("blocking", message!("mistake-println"));
    let program = harness.program(program, arguments).without_reader().run(0);
    program.expect_no_errors();
}

#[rstest]
#[case::server_host(Program::TcpServer, &["--host", "nosuch.invalid"], "nosuch.invalid")]
#[case::server_malformed_host(Program::TcpServer, &["--host", "a..b"], "a..b")]
#[case::server_service(Program::TcpServer, &["--port", "nosuchservice"], "nosuchservice")]
#[case::client_host(Program::TcpClient, &["--host", "nosuch.invalid", "hello"], "nosuch.invalid")]
#[case::client_malformed_host(Program::TcpClient, &["--host", "a..b", "hello"], "a..b")]
#[case::client_service(Program::TcpClient, &["--port", "nosuchservice", "hello"], "nosuchservice")]
#[case::client_port_0(Program::TcpClient, &["--port", "0", "hello"], "port 0")]
#[case::udp_host(Program::Udp, &["client", "--host", "nosuch.invalid", "hello"], "nosuch.invalid")]
fn an_unknown_name_is_one_error_line_and_exit_status_1(
    #[case] program: Program,
    #[case] arguments: &[&str],
    #[case] name: &str,
) {
    let harness =
        Harness::new("host-address", message!("mistake-unreported-error", call = "getaddrinfo"));
    let arguments = [arguments, &["--quiet"]].concat();
    let program = harness.program(program, &arguments);
    program.env("RES_OPTIONS", "timeout:1 attempts:1").start().expect_failure(&[name], b"");
}

/// A server: its program, the arguments before its options, and the start of the line with its
/// address.
type Server = (Program, &'static [&'static str], &'static str);

const TCP: Server = (Program::TcpServer, &[], "listening on ");
const UDP: Server = (Program::Udp, &["server"], "bound to ");

fn server(harness: &Harness, (program, command, _): Server, options: &[&str]) -> ProgramCommand {
    harness.program(program, &[command, options].concat())
}

#[track_caller]
fn expect_service(harness: &Harness, server: &TestedProgram, (program, ..): Server) {
    let address = server.address();
    match program {
        Program::TcpServer => harness.connect(address).expect_echo(b"hello"),
        _ => harness.udp_socket_at((address.ip(), 0).into()).expect_echo(b"hello", address),
    }
}

#[rstest]
#[case::tcp_server(TCP)]
#[case::udp_server(UDP)]
fn a_server_is_bound_to_the_given_host(
    #[case] tested: Server,
    #[values("127.0.0.1", "localhost", "::1", "0.0.0.0", "::")] host: &str,
) {
    if !has(host) {
        return;
    }
    let harness = Harness::new("server-bind", message!("mistake-host-option"));
    let server = server(&harness, tested, &["--host", host, "--port", "0"]).start_server(tested.2);
    let expected = if host == "localhost" { "127.0.0.1" } else { host };
    let actual = server.bound_address().ip().to_string();
    harness.check(actual == expected, message!("expected-address", address = expected), &actual);
    expect_service(&harness, &server, tested);
}

#[rstest]
#[case::tcp_server(TCP)]
#[case::udp_server(UDP)]
fn port_0_is_a_free_port_for_each_server(#[case] tested: Server) {
    let harness = Harness::new("ports", message!("mistake-port-0"));
    let start = |()| server(&harness, tested, &["--port", "0"]).start_server(tested.2);
    let [one, other] = [(); 2].map(start).map(|server| server.address());
    harness.check(one != other, message!("expected-two-ports"), one.to_string());
}

#[rstest]
#[case::tcp_server(TCP)]
#[case::udp_server(UDP)]
fn an_address_in_use_is_one_error_line_and_exit_status_1(#[case] tested: Server) {
    let harness = Harness::new("ports", message!("mistake-shared-port"));
    let (listener, socket) = (harness.listen(), harness.udp_socket());
    let address = if tested == TCP { listener.address() } else { socket.address() };
    let port = address.port().to_string();
    let server = server(&harness, tested, &["--port", &port]).run(1);
    server.expect_error_line_in_words(&[&port], &IN_USE);
    server.expect_no_output_with(tested.2);
}

#[rstest]
#[case::tcp_server(TCP)]
#[case::udp_server(UDP)]
fn the_same_port_twice_is_one_error_line_and_exit_status_1(#[case] tested: Server) {
    let harness = Harness::new("ports", message!("mistake-shared-port"));
    let first = server(&harness, tested, &["--port", "0"]).start_server(tested.2);
    let port = first.address().port().to_string();
    let second = server(&harness, tested, &["--port", &port]).run(1);
    second.expect_error_line_in_words(&[&port], &IN_USE);
    expect_service(&harness, &first, tested);
}

#[rstest]
#[case::tcp_server(TCP, &["198.51.100.7", "127.0.0.1"])]
#[case::udp_server(UDP, &["198.51.100.7"])]
fn an_address_of_another_host_is_one_error_line_and_exit_status_1(
    #[case] tested: Server,
    #[case] addresses: &[&str],
) {
    let harness = Harness::new("server-bind", message!("mistake-unreported-error", call = "bind"));
    // An address for documentation (RFC 5737): no host has it. Nothing is sent to it.
    let server = server(&harness, tested, &["--host", addresses[0], "--port", "0"]).run(1);
    // The TCP server lists the addresses that it could use.
    server.expect_error_line(addresses);
    server.expect_no_output_with(tested.2);
}
