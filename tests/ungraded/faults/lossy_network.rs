//! Server and client on lossy networks, in network namespaces that no packet leaves.

use std::collections::BTreeSet;
use std::time::Duration;

use tests::{EmulatedLink, Harness, NetworkNamespace, Program, TestedProgram, pattern};

use super::or_skip;

/// The share of packets that is lost, in each direction.
const LOSS: f64 = 0.1;

/// A lost packet is sent again after 200 ms or more (RFC 6298).
const DEADLINE: Duration = Duration::from_secs(60);

/// Sends a mebibyte through client and server, each in its network. `host` is the server's.
fn expect_echo_between(networks: [&NetworkNamespace; 2], host: &str) {
    let harness = Harness::for_section("tcp");
    let arguments = ["--host", host, "--port", "0", "--quiet"];
    let server = harness.program(Program::TcpServer, &arguments);
    let server = server.in_network(networks[0]).start_server("listening on ");
    let input = pattern(1 << 20);
    let client = harness.tcp_client(server.address(), &["--timeout", "30"]);
    let mut client = client.in_network(networks[1]).with_input().keep(input.len()).start();
    client.write_and_end_input(&input);
    client.expect_exit_within(DEADLINE, 0);
    client.expect_output(&input);
}

#[test]
#[ignore = "long: waits for lost packets"]
fn tcp_delivers_everything_through_a_network_that_loses() {
    let Some(network) = or_skip(NetworkNamespace::losing(LOSS)) else { return };
    expect_echo_between([&network, &network], "127.0.0.1");
}

#[test]
#[ignore = "long: waits for lost packets"]
fn tcp_delivers_everything_in_order_over_a_bad_link() {
    let Some(link) = or_skip(EmulatedLink::new()) else { return };
    expect_echo_between(link.hosts().each_ref(), EmulatedLink::ADDRESSES[0]);
    // A packet takes 1,460 bytes at most.
    let packets = link.seen().len();
    assert!(packets > 300, "packets on the link: {packets}");
}

#[test]
#[ignore = "long: waits until TCP gives up"]
fn a_network_that_is_cut_is_an_error() {
    let harness = Harness::for_section("tcp");
    let Some(network) = or_skip(NetworkNamespace::losing(0.0)) else { return };
    let server = harness.program(Program::TcpServer, &["--port", "0", "--reply", "long reply"]);
    let server = server.in_network(&network).start_server("listening on ");
    let client = harness.tcp_client(server.address(), &["--timeout", "0.5"]);
    let client = client.in_network(&network).with_input().start();
    client.write(b"before\n");
    client.expect_output_so_far(b"long reply");
    let Some(()) = or_skip(network.cut()) else { return };
    client.write(b"after\n");
    client.expect_exit_within(DEADLINE, 1);
    client.wait_for_error_line_with(&["error:", "timed out", "check the network"]);
}

/// Starts the UDP server, and a client that sends it these messages. `host` is the server's.
fn udp_programs(
    harness: &Harness,
    networks: [&NetworkNamespace; 2],
    host: &str,
    messages: &[String],
) -> [TestedProgram; 2] {
    let arguments = ["server", "--host", host, "--port", "0", "--quiet"];
    let server = harness.program(Program::Udp, &arguments);
    let server = server.in_network(networks[0]).start_server("bound to ");
    let mut arguments = vec!["--quiet", "--timeout", "0.1"];
    arguments.extend(messages.iter().map(String::as_str));
    let client = harness.udp_client(server.address(), &arguments).in_network(networks[1]).start();
    [server, client]
}

#[test]
#[ignore = "long: waits for lost packets"]
fn the_udp_client_reports_each_missing_reply() {
    let harness = Harness::for_section("udp");
    let Some(network) = or_skip(NetworkNamespace::losing(LOSS)) else { return };
    let messages: Vec<String> = (100..300).map(|number| format!("message {number}")).collect();
    let networks = [&network, &network];
    let [_server, client] = udp_programs(&harness, networks, "127.0.0.1", &messages);
    // One of five is missing on average, since the reply may be lost as well. That none of
    // 200 is happens once in 10^18 times.
    client.expect_exit_within(DEADLINE, 1);
    let (stdout, stderr) = (client.stdout(), client.stderr());
    let stdout = String::from_utf8_lossy(&stdout);
    let replies: BTreeSet<&str> = stdout.lines().collect();
    for message in &messages {
        let reported = stderr.lines().filter(|line| line.contains(message)).count();
        let actual = replies.contains(message.as_str());
        let expected = format!("{message:?} answered, or one line that it is not");
        harness.check(actual != (reported == 1), &expected, format!("reported {reported} times"));
    }
    let lines = stdout.lines().count() + stderr.lines().count();
    harness.check(lines == messages.len(), "a line for each message", lines.to_string());
}

#[test]
#[ignore = "long: waits for lost packets"]
fn the_udp_client_continues_when_replies_are_lost_late_or_duplicated() {
    let harness = Harness::for_section("udp");
    let Some(link) = or_skip(EmulatedLink::new()) else { return };
    let messages: Vec<String> = (100..200).map(|number| format!("message {number}")).collect();
    let (hosts, address) = (link.hosts().each_ref(), EmulatedLink::ADDRESSES[0]);
    let [_server, client] = udp_programs(&harness, hosts, address, &messages);
    client.wait_for_exit_within(DEADLINE);
    let (stdout, stderr) = (client.stdout(), client.stderr());
    client.expect_exit(if stderr.is_empty() { 0 } else { 1 });
    // UDP doesn't show which message a reply is for: the second copy of one may be taken for
    // another that was lost. But each message has a reply, or an error line.
    let replies: Vec<_> = String::from_utf8_lossy(&stdout).lines().map(String::from).collect();
    let lines = replies.len() + stderr.lines().count();
    harness.check(lines >= messages.len(), "a line for each message", lines.to_string());
    let strange = replies.iter().find(|reply| !messages.contains(reply));
    harness.check(strange.is_none(), "replies that are messages", format!("{strange:?}"));
    // A client that takes each copy for the next reply falls behind by one each time.
    let last = replies.last().cloned().unwrap_or_default();
    let caught_up = messages[messages.len() - 5..].contains(&last);
    harness.check(caught_up, "the last reply is to one of the last five messages", &last);
    let different: BTreeSet<_> = replies.iter().collect();
    let actual = format!("{} replies, {} different", replies.len(), different.len());
    harness.check(different.len() < replies.len(), "some duplicate replies", &actual);
}
