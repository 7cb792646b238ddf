//! What all programs have in common: help, errors in the command line, closed pipes.

use rstest::rstest;
use tests::{Harness, Program, message};

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
