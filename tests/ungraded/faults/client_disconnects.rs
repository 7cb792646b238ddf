//! Clients that disconnect, one after another, in four ways: 200 of each, or 10,000 in the long tests.

use rstest::rstest;
use tests::{Harness, TestedProgram, pattern};

use super::expect_service;
use Leave::{HalfClose, ResetInMidMessage, Silent, UnreadData};

#[derive(Debug, Clone, Copy)]
enum Leave {
    /// Sends nothing.
    Silent,
    /// Resets the connection while the server waits for the rest of a message: recv fails.
    ResetInMidMessage,
    /// Closes the sending half and waits for the rest of the echo.
    HalfClose,
    /// Closes while the server sends: send fails.
    UnreadData,
}

fn leave(harness: &Harness, server: &TestedProgram, how: Leave) {
    let client = harness.connect(server.address());
    match how {
        Silent => {}
        ResetInMidMessage => {
            client.send(b"the first half of a mess");
            client.reset();
        }
        HalfClose => {
            client.send(b"all of it");
            client.end_sending_and_expect(b"all of it");
        }
        UnreadData => {
            // The server needs many sends, and the client closes after the first.
            client.send(&pattern(3000));
            client.wait_for_bytes();
        }
    }
}

/// Memory that the allocator may keep, in bytes.
const SOME_MEMORY: usize = 1 << 20;

fn clients_leave(how: Leave, times: usize) {
    let harness = Harness::for_section("close");
    let server = harness.tcp_server(&["--quiet", "--buffer-size", "100", "--backlog", "4096"]);
    let usage_with_one_client = || {
        let client = harness.connect(server.address());
        client.expect_echo(b"hello");
        (server.usage(), client)
    };
    // The first clients cause allocations that happen only once.
    (0..20).for_each(|_| leave(&harness, &server, how));
    let (before, client) = usage_with_one_client();
    drop(client);
    (0..times).for_each(|_| leave(&harness, &server, how));
    let (after, client) = usage_with_one_client();
    drop(client);

    let actual = format!("{after:?} after {times} clients, {before:?} before them");
    harness.check(after.descriptors <= before.descriptors, "no more file descriptors", &actual);
    harness.check(after.threads <= before.threads, "no more threads", &actual);
    harness.check(after.memory <= before.memory + SOME_MEMORY, "no memory that is kept", &actual);
    expect_service(&harness, &server);
    server.expect_no_errors();
}

#[rstest]
fn two_hundred_clients_leave(
    #[values(Silent, ResetInMidMessage, HalfClose, UnreadData)] how: Leave,
) {
    clients_leave(how, 200);
}

#[rstest]
#[ignore = "long: 10,000 connections"]
fn ten_thousand_clients_leave(
    #[values(Silent, ResetInMidMessage, HalfClose, UnreadData)] how: Leave,
) {
    clients_leave(how, 10_000);
}
