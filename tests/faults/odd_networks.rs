//! Networks that are not as a course expects them: no `localhost`, no loopback, no IPv6, short
//! packets, no privileges. In each of them, a namespace that the test makes, a short list of the tests
//! of `day01` runs, and the programs themselves.

use std::env;
use std::process::{Command, Output};

use rstest::rstest;
use tests::{Harness, NetworkNamespace, Program, ProgramCommand, tests_named};

use crate::skipped;

/// The tests that run there, each by a part of its name: both ends of TCP and UDP, by number, by
/// name and over IPv6, in small and large pieces; look-ups; and errors.
const SHORT_LIST: [&str; 9] = [
    "server_and_client_talk",
    "the_host_it_is_given",
    "datagram_of_every_edge_size",
    "larger_than_every_buffer",
    "tries_each_address_of_the_host",
    "unknown_name",
    "host_localhost",
    "tcp_client::one_message",
    "half_close",
];

/// How many tests these are at least. A list that has become empty would find nothing.
const LENGTH: usize = 30;

/// How long they may take, in seconds. On a host that works they take one.
const LIMIT: &str = "60";

/// Runs the short list in a network.
fn short_list(network: &NetworkNamespace, user: &[&str]) -> Output {
    let built = |program: Program| {
        program.path().map(|path| (program.variable(), path)).map_err(|e| e.to_string())
    };
    let programs = [Program::TcpServer, Program::TcpClient, Program::Udp, Program::NetUtils];
    // What somebody else has named there stays: it may be a command of several words.
    let unnamed = programs.into_iter().filter(|program| env::var_os(program.variable()).is_none());
    let programs: Result<Vec<_>, _> = unnamed.map(built).collect();
    let list = tests_named("day01").and_then(|tests| Ok((tests, programs?)));
    let (tests, programs) = list.unwrap_or_else(|error| panic!("{error}"));
    let mut command: Command = network.command("timeout");
    command.args(["--kill-after=1", LIMIT]).args(user).arg(tests);
    command.args(["--test-threads=8", "--show-output"]).args(SHORT_LIST).envs(programs);
    command.output().unwrap_or_else(|error| panic!("nsenter cannot be started: {error}"))
}

/// Standard error first: what is wrong with the host stands there.
fn said(output: &Output) -> String {
    [&output.stderr[..], b"\n", &output.stdout].map(String::from_utf8_lossy).concat()
}

/// How many tests ended so, by what the test run says last.
fn count(output: &Output, how: &str) -> usize {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let result = said.lines().find(|line| line.starts_with("test result:")).unwrap_or_default();
    let number = result.split([';', '.']).find_map(|part| part.trim().strip_suffix(how));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
}

const UP: &str = "ip link set lo up";
const LOCALHOST: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// Every test of the list passes, or says why it is skipped.
#[rstest]
#[case::as_usual(LOCALHOST, UP, &[], "")]
#[case::without_localhost("192.0.2.7 other\n", UP, &[], "localhost")]
#[case::with_localhost_of_ipv6_alone("::1 localhost\n", UP, &[], "localhost")]
#[case::without_ipv6(
    LOCALHOST, "ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6", &[], "::1"
)]
#[case::with_packets_of_576_bytes(LOCALHOST, "ip link set lo up mtu 576", &[], "::1")]
// A user without any privilege: nobody, to this network.
#[case::as_an_ordinary_user(LOCALHOST, UP, &["unshare", "--user"], "")]
#[ignore = "long: runs other tests, in a network of its own"]
fn the_tests_pass_or_say_why_not(
    #[case] hosts: &str,
    #[case] commands: &str,
    #[case] user: &[&str],
    #[case] missing: &str,
) {
    let network = match NetworkNamespace::with_hosts(hosts, commands) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let output = short_list(&network, user);
    let said = said(&output);
    assert!(output.status.success(), "the tests pass; they ended with {}:\n{said}", output.status);
    let passed = count(&output, "passed");
    assert!(passed >= LENGTH, "{LENGTH} tests or more pass; {passed} did:\n{said}");
    let skips: Vec<_> = said.lines().filter(|line| line.starts_with("skipped: ")).collect();
    match missing {
        "" => assert!(skips.is_empty(), "no test is skipped: {skips:#?}"),
        _ => {
            let right = skips.len() > 2 && skips.iter().all(|line| line.contains(missing));
            assert!(right, "tests are skipped for want of {missing}: {skips:#?}");
        }
    }
    let warned = said.contains("this host: the name localhost");
    assert_eq!(warned, missing == "localhost", "whether the run says what is wrong here:\n{said}");
}

#[test]
#[ignore = "long: runs other tests, in a network of its own"]
fn with_the_loopback_interface_down_the_run_ends_and_says_first_what_is_wrong() {
    let network = match NetworkNamespace::with_hosts(LOCALHOST, "true") {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let output = short_list(&network, &[]);
    let said = said(&output);
    let first = said.lines().find(|line| !line.is_empty()).unwrap_or_default();
    let right = first.starts_with("this host: ") && first.contains("ip link set lo up");
    assert!(right, "the first line says what is wrong with this host:\n{said}");
    // The status that Rust's harness has for tests that failed; that of `timeout` is 124.
    let ended = output.status.code();
    assert_eq!(ended, Some(101), "the tests fail, and end within {LIMIT} s:\n{said}");
    assert!(count(&output, "failed") > LENGTH / 2, "most of them fail:\n{said}");
}

/// A program in a network.
fn program(
    harness: &Harness,
    network: &NetworkNamespace,
    program: Program,
    arguments: &[&str],
) -> ProgramCommand {
    harness.program(program, arguments).in_network(network)
}

#[rstest]
#[case::tcp_server(Program::TcpServer, &["--host", "localhost", "--port", "0"])]
#[case::tcp_client(Program::TcpClient, &["--host", "localhost", "--quiet", "hello"])]
#[case::udp_server(Program::Udp, &["server", "--host", "localhost", "--port", "0"])]
#[case::udp_client(Program::Udp, &["client", "--host", "localhost", "--quiet", "hello"])]
#[case::net_utils(Program::NetUtils, &["host", "localhost"])]
fn where_localhost_is_unknown_the_error_names_the_hosts_file(
    #[case] tested: Program,
    #[case] arguments: &[&str],
) {
    let harness = Harness::for_section("host-address");
    match NetworkNamespace::with_hosts("192.0.2.7 other\n", UP) {
        Ok(network) => program(&harness, &network, tested, arguments)
            .run(1)
            .expect_error_line(&["localhost", "/etc/hosts"]),
        Err(reason) => skipped(&reason),
    }
}

#[rstest]
#[case::tcp_client(Program::TcpClient, &["--quiet", "hello"], "127.0.0.1:8888")]
#[case::udp_client(Program::Udp, &["client", "--quiet", "hello"], "127.0.0.1:8888")]
fn where_the_loopback_interface_is_down_the_error_says_how_to_switch_it_on(
    #[case] tested: Program,
    #[case] arguments: &[&str],
    #[case] address: &str,
) {
    let harness = Harness::for_section("special-addresses");
    match NetworkNamespace::odd("true") {
        Ok(network) => program(&harness, &network, tested, arguments).run(1).expect_error_line(&[
            address,
            "loopback",
            "ip link set lo up",
        ]),
        Err(reason) => skipped(&reason),
    }
}

#[rstest]
#[case::tcp(Program::TcpServer, &["--port", "0"], "listening on ")]
#[case::udp(Program::Udp, &["server", "--port", "0"], "bound to ")]
fn where_the_loopback_interface_is_down_a_server_says_that_nobody_can_reach_it(
    #[case] tested: Program,
    #[case] arguments: &[&str],
    #[case] line: &'static str,
) {
    let harness = Harness::for_section("server-bind");
    let network = match NetworkNamespace::odd("true") {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let server = program(&harness, &network, tested, arguments).start_server(line);
    server.wait_for_line_with(&["loopback", "no program can reach it"]);
}

/// A name with addresses of both families, and a host with IPv6 alone: all reach each other by the
/// name.
#[test]
fn where_a_name_has_both_families_the_one_that_this_host_has_is_taken() {
    let harness = Harness::for_section("host-address");
    let commands = "ip link set lo up && ip address del 127.0.0.1/8 dev lo";
    let network = match NetworkNamespace::with_hosts("127.0.0.1 both\n::1 both\n", commands) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let host = ["--host", "both", "--port", "0"];
    let tcp = program(&harness, &network, Program::TcpServer, &host).start_server("listening on ");
    let arguments = [&["server"], &host[..]].concat();
    let udp = program(&harness, &network, Program::Udp, &arguments).start_server("bound to ");
    for (server, tested, first) in
        [(&tcp, Program::TcpClient, None), (&udp, Program::Udp, Some("client"))]
    {
        let address = server.bound_address();
        harness.check(address.ip().to_string() == "::1", "the server at ::1", &address.to_string());
        let port = address.port().to_string();
        let mut arguments = Vec::from_iter(first);
        arguments.extend(["--host", "both", "--port", &port, "hello"]);
        let client = program(&harness, &network, tested, &arguments).run(0);
        client.expect_output(b"hello\n");
    }
}

#[test]
#[ignore = "long: waits until the system gives up, after three seconds"]
fn where_no_neighbour_has_the_address_the_error_says_so() {
    let harness = Harness::for_section("client-connect");
    // A cable with nobody at its other end. (The system tells itself over the loopback interface
    // that nobody answers.)
    let commands = "ip link set lo up && ip link add name near type veth peer name far && \
                    ip link set near up && ip link set far up && \
                    ip address add 10.9.0.1/24 dev near";
    let network = match NetworkNamespace::odd(commands) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let arguments = ["--host", "10.9.0.2", "--quiet", "hello"];
    let client = program(&harness, &network, Program::TcpClient, &arguments).run(1);
    client.expect_error_line(&["10.9.0.2:8888", "no host answers", "that the host is on"]);
}

/// The name's first address is one of this host's own, and the server is at the other: clients find
/// it there, UDP's as well, which no refusal would tell.
#[rstest]
#[case::ipv6("::1")]
#[case::ipv4("127.0.0.1")]
fn where_a_name_has_both_families_every_client_finds_the_one_with_the_server(#[case] at: &str) {
    let harness = Harness::for_section("host-address");
    let network = match NetworkNamespace::with_hosts("127.0.0.1 both\n::1 both\n", UP) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let host = ["--host", at, "--port", "0"];
    let tcp = program(&harness, &network, Program::TcpServer, &host).start_server("listening on ");
    let arguments = [&["server"], &host[..]].concat();
    let udp = program(&harness, &network, Program::Udp, &arguments).start_server("bound to ");
    for (server, tested, first) in
        [(&tcp, Program::TcpClient, None), (&udp, Program::Udp, Some("client"))]
    {
        let port = server.bound_address().port().to_string();
        let arguments = ["--host", "both", "--port", &port, "--quiet", "hello"];
        let arguments = first.into_iter().chain(arguments).collect::<Vec<_>>();
        program(&harness, &network, tested, &arguments).run(0).expect_output(b"hello\n");
    }
}

/// Nobody is at either address: the error names the one that was not tried.
#[test]
fn where_nobody_answers_udp_the_other_address_of_the_name_is_told() {
    let harness = Harness::for_section("host-address");
    let network = match NetworkNamespace::with_hosts("127.0.0.1 both\n::1 both\n", UP) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let arguments = ["client", "--host", "both", "--timeout", "0.1", "--quiet", "hello"];
    program(&harness, &network, Program::Udp, &arguments)
        .run(1)
        .expect_error_line(&["127.0.0.1:8888", "--host ::1"]);
}
