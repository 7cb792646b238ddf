//! Unusual networks: no `localhost`, no loopback, no IPv6, short packets, no privileges. Some of the
//! `day01` tests, and the programs themselves, run in a network namespace of each kind.

use std::env;
use std::process::{Command, Output};

use rstest::rstest;
use tests::{Harness, NetworkNamespace, Program, TestedProgram, tests_named};

use super::or_skip;

/// Parts of the names of the tests that run there: TCP and UDP by address, by name and over IPv6,
/// in small and large pieces; look-ups; errors.
const SHORT_LIST: [&str; 9] = [
    "server_and_client_talk",
    "the_given_host",
    "datagram_of_every_edge_size",
    "larger_than_every_buffer",
    "tries_each_address_of_the_host",
    "unknown_name",
    "host_localhost",
    "tcp_client::one_message",
    "half_close",
];

/// The least number of tests in the list. Without it, a list that matches nothing would pass.
const LENGTH: usize = 30;

/// How long they may take, in seconds. They take one on a normal network.
const LIMIT: &str = "60";

/// Runs the short list in a network namespace.
fn short_list(network: &NetworkNamespace, user: &[&str]) -> Output {
    let built = |program: Program| {
        program.path().map(|path| (program.variable(), path)).map_err(|e| e.to_string())
    };
    let programs = [Program::TcpServer, Program::TcpClient, Program::Udp, Program::NetUtils];
    // A variable that is set stays: it may be a command of several words.
    let unnamed = programs.into_iter().filter(|program| env::var_os(program.variable()).is_none());
    let programs: Result<Vec<_>, _> = unnamed.map(built).collect();
    let list = tests_named("day01").and_then(|tests| Ok((tests, programs?)));
    let (tests, programs) = list.unwrap_or_else(|error| panic!("{error}"));
    let mut command: Command = network.command("timeout");
    command.args(["--kill-after=1", LIMIT]).args(user).arg(tests);
    command.args(["--test-threads=8", "--show-output"]).args(SHORT_LIST).envs(programs);
    command.output().unwrap_or_else(|error| panic!("nsenter can't be started: {error}"))
}

/// All its output. Standard error, which names a problem of the host, comes first.
fn combined(output: &Output) -> String {
    [&output.stderr[..], b"\n", &output.stdout].map(String::from_utf8_lossy).concat()
}

/// The number of tests that passed or failed, from the summary of the test run.
fn count(output: &Output, how: &str) -> usize {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let result = printed.lines().find(|line| line.starts_with("test result:")).unwrap_or_default();
    let number = result.split([';', '.']).find_map(|part| part.trim().strip_suffix(how));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
}

const UP: &str = "ip link set lo up";
const BOTH: &str = "127.0.0.1 both\n::1 both\n";
const LOCALHOST: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// Every test of the list passes, or prints why it's skipped.
#[rstest]
#[case::as_usual(LOCALHOST, UP, &[], "")]
#[case::without_localhost("192.0.2.7 other\n", UP, &[], "localhost")]
#[case::with_localhost_of_ipv6_alone("::1 localhost\n", UP, &[], "localhost")]
#[case::without_ipv6(
    LOCALHOST, "ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6", &[], "::1"
)]
#[case::with_packets_of_576_bytes(LOCALHOST, "ip link set lo up mtu 576", &[], "::1")]
// An ordinary user has no privileges in this network.
#[case::as_an_ordinary_user(LOCALHOST, UP, &["unshare", "--user"], "")]
#[ignore = "long: runs other tests, in a network of its own"]
fn the_tests_pass_or_are_skipped_with_a_reason(
    #[case] hosts: &str,
    #[case] commands: &str,
    #[case] user: &[&str],
    #[case] missing: &str,
) {
    let Some(network) = or_skip(NetworkNamespace::with_hosts(hosts, commands)) else { return };
    let output = short_list(&network, user);
    let printed = combined(&output);
    assert!(
        output.status.success(),
        "the tests pass; they ended with {}:\n{printed}",
        output.status
    );
    let passed = count(&output, "passed");
    assert!(passed >= LENGTH, "{LENGTH} tests or more pass; {passed} did:\n{printed}");
    let skips: Vec<_> = printed.lines().filter(|line| line.starts_with("skipped: ")).collect();
    match missing {
        "" => assert!(skips.is_empty(), "no test is skipped: {skips:#?}"),
        _ => {
            let right = skips.len() > 2 && skips.iter().all(|line| line.contains(missing));
            assert!(right, "tests are skipped for want of {missing}: {skips:#?}");
        }
    }
    let warned = printed.contains("this host: the name localhost");
    assert_eq!(
        warned,
        missing == "localhost",
        "whether the run names the problem of this host:\n{printed}"
    );
}

#[test]
#[ignore = "long: runs other tests, in a network of its own"]
fn with_loopback_down_the_test_run_ends_and_first_names_the_problem() {
    let Some(network) = or_skip(NetworkNamespace::with_hosts(LOCALHOST, "true")) else { return };
    let output = short_list(&network, &[]);
    let printed = combined(&output);
    let first = printed.lines().find(|line| !line.is_empty()).unwrap_or_default();
    let right = first.starts_with("this host: ") && first.contains("ip link set lo up");
    assert!(right, "the first line names the problem of this host:\n{printed}");
    // The status that Rust's harness has for tests that failed; that of `timeout` is 124.
    let ended = output.status.code();
    assert_eq!(ended, Some(101), "the tests fail, and end within {LIMIT} s:\n{printed}");
    assert!(count(&output, "failed") > LENGTH / 2, "most of them fail:\n{printed}");
}

/// Starts both servers. Returns each with the program of its client, and the client's subcommand.
fn both_servers(
    harness: &Harness,
    network: &NetworkNamespace,
    host: &str,
) -> [(TestedProgram, Program, Option<&'static str>); 2] {
    let start = |server, arguments: &[&str], line| {
        let arguments = [arguments, &["--host", host, "--port", "0"]].concat();
        harness.program(server, &arguments).in_network(network).start_server(line)
    };
    let tcp = start(Program::TcpServer, &[], "listening on ");
    let udp = start(Program::Udp, &["server"], "bound to ");
    [(tcp, Program::TcpClient, None), (udp, Program::Udp, Some("client"))]
}

#[rstest]
#[case::tcp_server(Program::TcpServer, &["--host", "localhost", "--port", "0"])]
#[case::tcp_client(Program::TcpClient, &["--host", "localhost", "--quiet", "hello"])]
#[case::udp_server(Program::Udp, &["server", "--host", "localhost", "--port", "0"])]
#[case::udp_client(Program::Udp, &["client", "--host", "localhost", "--quiet", "hello"])]
#[case::net_utils(Program::NetUtils, &["host", "localhost"])]
fn without_localhost_the_error_names_the_hosts_file(
    #[case] tested: Program,
    #[case] arguments: &[&str],
) {
    let harness = Harness::for_section("host-address");
    let Some(network) = or_skip(NetworkNamespace::with_hosts("192.0.2.7 other\n", UP)) else {
        return;
    };
    let program = harness.program(tested, arguments).in_network(&network).run(1);
    program.expect_error_line(&["localhost", "/etc/hosts"]);
}

#[rstest]
#[case::tcp_client(Program::TcpClient, &["--quiet", "hello"], "127.0.0.1:8888")]
#[case::udp_client(Program::Udp, &["client", "--quiet", "hello"], "127.0.0.1:8888")]
fn with_loopback_down_the_error_says_how_to_switch_it_on(
    #[case] tested: Program,
    #[case] arguments: &[&str],
    #[case] address: &str,
) {
    let harness = Harness::for_section("special-addresses");
    let Some(network) = or_skip(NetworkNamespace::odd("true")) else { return };
    let program = harness.program(tested, arguments).in_network(&network).run(1);
    program.expect_error_line(&[address, "loopback", "ip link set lo up"]);
}

#[rstest]
#[case::tcp(Program::TcpServer, &["--port", "0"], "listening on ")]
#[case::udp(Program::Udp, &["server", "--port", "0"], "bound to ")]
fn with_loopback_down_a_server_prints_that_it_is_unreachable(
    #[case] tested: Program,
    #[case] arguments: &[&str],
    #[case] line: &'static str,
) {
    let harness = Harness::for_section("server-bind");
    let Some(network) = or_skip(NetworkNamespace::odd("true")) else { return };
    let server = harness.program(tested, arguments).in_network(&network).start_server(line);
    server.wait_for_line_with(&["loopback", "no program can reach it"]);
}

/// On a host with IPv6 only, a name with addresses of both families works.
#[test]
fn a_name_with_both_families_works_on_a_host_with_ipv6_only() {
    let harness = Harness::for_section("host-address");
    let commands = "ip link set lo up && ip address del 127.0.0.1/8 dev lo";
    let Some(network) = or_skip(NetworkNamespace::with_hosts(BOTH, commands)) else { return };
    for (server, tested, first) in both_servers(&harness, &network, "both") {
        let address = server.bound_address();
        harness.check(address.ip().to_string() == "::1", "the server at ::1", address.to_string());
        let port = address.port().to_string();
        let mut arguments = Vec::from_iter(first);
        arguments.extend(["--host", "both", "--port", &port, "hello"]);
        let client = harness.program(tested, &arguments).in_network(&network).run(0);
        client.expect_output(b"hello\n");
    }
}

#[test]
#[ignore = "long: waits until the system gives up, after three seconds"]
fn an_address_that_no_host_has_is_an_error() {
    let harness = Harness::for_section("client-connect");
    // A cable with no host at its other end. The kernel reports that over the loopback interface.
    let commands = "ip link set lo up && ip link add name near type veth peer name far && \
                    ip link set near up && ip link set far up && \
                    ip address add 10.9.0.1/24 dev near";
    let Some(network) = or_skip(NetworkNamespace::odd(commands)) else { return };
    let arguments = ["--host", "10.9.0.2", "--quiet", "hello"];
    let client = harness.program(Program::TcpClient, &arguments).in_network(&network).run(1);
    client.expect_error_line(&["10.9.0.2:8888", "no host answers", "that the host is on"]);
}

/// The server is at one of the name's two addresses. Clients find it at either, also over UDP, where
/// they may not be told that nothing listens at the other.
#[rstest]
#[case::ipv6("::1")]
#[case::ipv4("127.0.0.1")]
fn clients_find_the_address_of_a_name_where_the_server_listens(#[case] at: &str) {
    let harness = Harness::for_section("host-address");
    let Some(network) = or_skip(NetworkNamespace::with_hosts(BOTH, UP)) else { return };
    for (server, tested, first) in both_servers(&harness, &network, at) {
        let port = server.bound_address().port().to_string();
        let arguments = ["--host", "both", "--port", &port, "--quiet", "hello"];
        let arguments = first.into_iter().chain(arguments).collect::<Vec<_>>();
        harness.program(tested, &arguments).in_network(&network).run(0).expect_output(b"hello\n");
    }
}

/// No server is at either address: the error names the one that wasn't tried.
#[test]
fn an_unanswered_udp_client_names_the_other_address() {
    let harness = Harness::for_section("host-address");
    let Some(network) = or_skip(NetworkNamespace::with_hosts(BOTH, UP)) else { return };
    let arguments = ["client", "--host", "both", "--timeout", "0.1", "--quiet", "hello"];
    harness
        .program(Program::Udp, &arguments)
        .in_network(&network)
        .run(1)
        .expect_error_line(&["127.0.0.1:8888", "--host ::1"]);
}
