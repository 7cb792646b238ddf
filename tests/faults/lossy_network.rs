//! A network that loses packets, between our server and our client: both run in a network
//! namespace that the test makes for them, and no packet leaves it.

use std::collections::BTreeSet;
use std::time::Duration;

use tests::{Network, Program, Stage, pattern};

use crate::skipped;

/// How much is lost: every tenth packet, of each direction.
const LOSS: f64 = 0.1;

/// What is lost is sent again after 200 ms or more (RFC 6298), so this takes seconds.
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
#[ignore = "long: waits for lost packets"]
fn tcp_delivers_everything_through_a_network_that_loses() {
    let stage = Stage::new("tcp", "lost packets are the system's business, not the program's");
    let network = match Network::losing(LOSS) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let server = stage.program(Program::TcpServer, &["--port", "0", "--quiet"]);
    let server = server.in_network(&network).start_server("listening on ");
    let input = pattern(1 << 20);
    let client = stage.tcp_client(server.address(), &["--timeout", "30"]);
    let mut client = client.in_network(&network).with_input().keep(input.len()).start();
    client.write(&input);
    client.end_input();
    client.expect_exit_within(DEADLINE, 0);
    client.expect_output(&input);
}

#[test]
#[ignore = "long: waits until TCP gives up"]
fn a_network_that_is_cut_is_an_error() {
    let stage =
        Stage::new("tcp", "a dead connection is taken for a time-out, or for an orderly end");
    let network = match Network::losing(0.0) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let server = stage.program(Program::TcpServer, &["--port", "0", "--reply", "long reply"]);
    let server = server.in_network(&network).start_server("listening on ");
    let client = stage.tcp_client(server.address(), &["--timeout", "0.5"]);
    let client = client.in_network(&network).with_input().start();
    client.write(b"before\n");
    client.expect_output_so_far(b"long reply");
    if let Err(reason) = network.cut() {
        return skipped(&reason);
    }
    client.write(b"after\n");
    client.expect_exit_within(DEADLINE, 1);
    client.wait_for_error_line_with(&["error:", "timed out", "check the network"]);
}

#[test]
#[ignore = "long: waits for lost packets"]
fn the_udp_client_reports_each_missing_reply() {
    let stage = Stage::new("udp", "a datagram is lost, and nobody says so");
    let network = match Network::losing(LOSS) {
        Ok(network) => network,
        Err(reason) => return skipped(&reason),
    };
    let server = stage.program(Program::Udp, &["server", "--port", "0", "--quiet"]);
    let server = server.in_network(&network).start_server("bound to ");
    let messages: Vec<String> = (100..300).map(|number| format!("message {number}")).collect();
    let mut arguments = vec!["--quiet", "--timeout", "0.1"];
    arguments.extend(messages.iter().map(String::as_str));
    let client = stage.udp_client(server.address(), &arguments).in_network(&network).start();
    // One of five is missing on average, since the reply may be lost as well. That none of
    // 200 is happens once in 10^18 times.
    client.expect_exit_within(DEADLINE, 1);
    let (stdout, stderr) = (client.stdout(), client.stderr());
    let stdout = String::from_utf8_lossy(&stdout);
    let replies: BTreeSet<&str> = stdout.lines().collect();
    for message in &messages {
        let reported = stderr.lines().filter(|line| line.contains(message)).count();
        let came = replies.contains(message.as_str());
        let expected = format!("{message:?} answered, or one line that it is not");
        stage.check(came != (reported == 1), &expected, &format!("reported {reported} times"));
    }
    let lines = stdout.lines().count() + stderr.lines().count();
    stage.check(lines == messages.len(), "a line for each message", &lines.to_string());
}
