//! A test doesn't wait for its deadline if the program under test is blocked for certain, and says where.

use std::panic;
use std::thread;

use rstest::rstest;
use tests::{Harness, message};

#[rstest]
#[case::accept(
    |harness: &Harness| _ = harness.tcp_server(&[]).wait_for_line("something else"),
    "your server waits in accept\n"
)]
#[case::recv(
    |harness: &Harness| {
        let (server, first) = harness.connected_server(&[]);
        first.expect_echo(b"one\n");
        let second = harness.connect(server.address());
        second.expect_echo(b"two\n");
    },
    "your server waits in recv on connection #1, with 4 bytes of connection #2 unread and \
     1 connection in the listen queue\n"
)]
#[case::end_of_file(
    |harness: &Harness| {
        let (server, _first) = harness.connected_server(&[]);
        let second = harness.connect(server.address());
        second.end_sending();
        second.expect_closed();
    },
    "with the end of file on connection #2 unread and 1 connection in the listen queue\n"
)]
fn a_test_says_where_a_program_is_blocked(#[case] test: fn(&Harness), #[case] place: &str) {
    let failed = panic::catch_unwind(|| test(&Harness::for_section("blocking")));
    let report: String = *failed.expect_err("a failure").downcast().expect("a report");
    assert!(report.contains(place), "{report}");
}

#[test]
fn a_test_says_how_much_two_programs_have_sent_each_other() {
    let failed = panic::catch_unwind(|| {
        let harness = Harness::for_section("blocking");
        let server = harness.tcp_server(&[]);
        let client = harness.tcp_client(server.address(), &[]).with_input().start();
        for line in ["hello", "world!"] {
            client.write(format!("{line}\n").as_bytes());
            client.expect_line_of_output(line);
        }
        client.expect_line_of_output("something else");
    });
    let report: String = *failed.expect_err("a failure").downcast().expect("a report");
    let passed = "; 13 bytes came from your client in 2 segments; \
                  13 bytes came from your server in 2 segments\n";
    assert!(report.contains(passed), "{report}");
}

#[test]
fn a_program_with_a_timeout_is_not_blocked() {
    let harness = Harness::new("blocking", message!("mistake-slow-client"));
    let (server, silent) = harness.connected_server(&["--idle-timeout", "1"]);
    let next = harness.connect(server.address());
    next.expect_echo(b"hello\n");
    silent.expect_closed();
}

#[test]
fn a_program_that_another_thread_of_the_test_may_wake_is_not_blocked() {
    let harness = Harness::for_section("blocking");
    let (server, client) = harness.connected_server(&[]);
    let sender = client.sending_half();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                server.give_time_to_end_too_early();
            }
            sender.send(b"late\n");
        });
        client.expect(b"late\n");
    });
}
