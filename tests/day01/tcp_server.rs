//! Tests of `day01-tcp-server`.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rstest::rstest;
use tests::{Harness, Program, loopback, message, pattern};

use crate::all_bytes;

/// A number of bytes that neither the kernel's buffers for a connection nor the program's can hold.
const LARGE: usize = 8 << 20;

// One message: the starter code passes these.

#[test]
fn prints_where_it_listens_before_the_first_accept() {
    let harness = Harness::new("server-listen", message!("mistake-listening-line"));
    // Returns once the line is printed. No client has connected yet.
    let server = harness.tcp_server(&[]);
    harness.connect(server.address());
}

#[rstest]
#[case::one_byte(b"a")]
#[case::text(b"hello\n")]
#[case::chinese("你好,世界\n".as_bytes())]
#[case::without_a_newline(b"no newline at the end")]
#[case::a_newline_alone(b"\n")]
#[case::a_zero_byte(b"a\0b")]
#[case::bytes_that_are_no_text(&[0xff, 0xfe, 0x80, 0xe4, 0xbd])]
fn one_message(#[case] message: &[u8]) {
    let harness = Harness::new("server-recv-send", message!("mistake-changed-bytes"));
    let (_server, client) = harness.connected_server(&[]);
    client.expect_echo(message);
}

#[test]
fn reply_text_answers_a_message() {
    let harness = Harness::new("server-recv-send", message!("mistake-reply-option"));
    let (_server, client) = harness.connected_server(&["--reply", "收到 thank you"]);
    client.send(b"hello\n");
    client.expect("收到 thank you".as_bytes());
}

// Both loops.

#[test]
fn many_messages_on_one_connection() {
    let harness = Harness::new("homework", message!("mistake-one-recv"));
    let (_server, client) = harness.connected_server(&[]);
    for number in 0..100 {
        let message = format!("message {number}\n");
        client.expect_echo(message.as_bytes());
    }
    client.end_sending_and_expect(b"");
}

#[test]
fn reply_text_answers_each_message() {
    let harness = Harness::new("homework", message!("mistake-one-recv"));
    let (_server, client) = harness.connected_server(&["--reply", "yes\n"]);
    for _ in 0..10 {
        client.send(b"are you there?\n");
        client.expect(b"yes\n");
    }
    client.end_sending_and_expect(b"");
}

#[test]
fn the_next_client_is_served_after_the_first_has_left() {
    let harness = Harness::new("server-accept", message!("mistake-one-client"));
    let server = harness.tcp_server(&[]);
    for name in ["first", "second", "third"] {
        harness.connect(server.address()).expect_echo(name.as_bytes());
    }
}

#[test]
fn a_second_client_waits_its_turn_and_is_then_served() {
    let harness = Harness::new("server-listen", message!("mistake-one-client"));
    let (server, first) = harness.connected_server(&[]);
    first.expect_echo(b"first");

    let second = harness.connect(server.address());
    second.send(b"second");
    first.expect_echo(b"first again");
    second.expect_nothing_yet();

    first.end_sending_and_expect(b"");
    second.expect(b"second");
}

#[test]
fn two_clients_at_once_with_clients_2() {
    let harness = Harness::new("server-accept", message!("mistake-clients-option"));
    let (server, one) = harness.connected_server(&["--clients", "2"]);
    let other = harness.connect(server.address());
    for number in 0..10 {
        let message = format!("message {number}");
        for client in [&one, &other] {
            client.expect_echo(message.as_bytes());
        }
    }
    // A third client has to wait.
    let third = harness.connect(server.address());
    third.send(b"third");
    third.expect_nothing_yet();
    drop(other);
    third.expect(b"third");
}

#[test]
fn a_message_larger_than_every_buffer() {
    let harness = Harness::new("server-recv-send", message!("mistake-part-of-send"));
    let (_server, client) = harness.connected_server(&[]);
    client.expect_echo(b"a short one first");
    let message = pattern(LARGE);
    client.exchange(&message, &message);
    client.end_sending_and_expect(b"");
}

#[rstest]
#[case::one_byte(1, b"a".to_vec())]
#[case::chinese(1, "你好\n".into())]
#[case::all_bytes(1, all_bytes())]
#[case::two_thousand_bytes(1, pattern(2000))]
#[case::exactly_the_buffer(1024, pattern(1024))]
#[case::one_byte_more(1024, pattern(1025))]
#[case::exactly_the_usual_buffer(65_536, pattern(65_536))]
#[case::one_byte_more_than_usual(65_536, pattern(65_537))]
#[case::one_mebibyte(65_536, pattern(1 << 20))]
#[case::in_the_largest_buffer(16 << 20, pattern(1 << 20))]
fn every_buffer_size_echoes_every_byte(#[case] buffer: usize, #[case] message: Vec<u8>) {
    let harness = Harness::new("server-recv-send", message!("mistake-changed-bytes"));
    let (_server, client) = harness.connected_server(&["--buffer-size", &buffer.to_string()]);
    // A short message first, so that the buffer isn't zeroed, and isn't full at each recv.
    client.expect_echo(b"?");
    client.exchange(&message, &message);
    client.end_sending_and_expect(b"");
}

#[test]
fn a_message_byte_by_byte() {
    let harness = Harness::new("bytes-and-text", message!("mistake-waits-for-line"));
    let (_server, client) = harness.connected_server(&[]);
    for byte in "字 by byte\n".as_bytes() {
        client.expect_echo(&[*byte]);
    }
}

// Clients that leave, or that are slow.

#[test]
fn a_half_close_still_gets_the_whole_reply() {
    let harness = Harness::new("close", message!("mistake-half-close"));
    let (_server, client) = harness.connected_server(&[]);
    client.expect_echo(b"a first message");
    // Small enough for the kernel's buffers, so that all of it is sent before anything is received.
    let message = pattern(200_000);
    client.send(&message);
    client.end_sending_and_expect(&message);
}

#[test]
fn a_silent_client_does_not_stop_the_server() {
    let harness = Harness::new("server-recv-send", message!("mistake-client-stops-server"));
    let (server, silent) = harness.connected_server(&[]);
    silent.end_sending_and_expect(b"");
    drop(harness.connect(server.address()));

    harness.connect(server.address()).expect_echo(b"next");
}

#[test]
fn a_reset_in_mid_message_does_not_stop_the_server() {
    let harness = Harness::new("close", message!("mistake-client-stops-server"));
    let server = harness.tcp_server(&[]);
    for _ in 0..3 {
        let client = harness.connect(server.address());
        client.send(b"the first half of a mess");
        client.reset();
    }
    harness.connect(server.address()).expect_echo(b"next");
}

#[test]
fn a_client_that_reads_late_delays_only_itself() {
    let harness = Harness::new("blocking", message!("mistake-slow-client"));
    let (server, deaf) = harness.connected_server(&["--clients", "2"]);
    let sender = deaf.sending_half();
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // Without a reader, the server can't take all of this.
            while !enough.load(Ordering::Relaxed) {
                if sender.try_send(&pattern(1 << 16)).is_err() {
                    break;
                }
            }
            sender.end_sending();
        });
        let other = harness.connect(server.address());
        // Ends the thread above even if the test fails.
        let answered = panic::catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..10 {
                other.expect_echo(b"other");
            }
        }));
        enough.store(true, Ordering::Relaxed);
        if let Err(failure) = answered {
            deaf.abandon();
            panic::resume_unwind(failure);
        }
        deaf.receive_to_end(usize::MAX);
    });
    drop(deaf);
    let [one, other] = [(); 2].map(|()| harness.connect(server.address()));
    for client in [one, other] {
        client.expect_echo(b"both places are free again");
    }
}

#[test]
fn an_idle_client_is_closed_after_the_idle_timeout() {
    let harness = Harness::new(
        "blocking",
        message!("mistake-timeout-option", option = "--idle-timeout", call = "recv"),
    );
    let (server, idle) = harness.connected_server(&["--idle-timeout", "0.3"]);
    idle.expect_echo(b"hello");
    let next = harness.connect(server.address());
    next.send(b"next");
    idle.expect_closed();
    next.expect(b"next");
}

#[cfg(unix)]
#[test]
fn out_of_file_descriptors_is_reported_and_does_not_stop_the_server() {
    let harness =
        Harness::new("server-accept", message!("mistake-unreported-error", call = "accept"));
    let arguments = ["--port", "0", "--clients", "40", "--backlog", "40", "--quiet"];
    let server = harness
        .program(Program::TcpServer, &arguments)
        .file_limit(24)
        .start_server("listening on ");
    let clients: Vec<_> = (0..30).map(|_| harness.connect(server.address())).collect();
    server.wait_for_error_line_with(&["accept"]);
    clients[0].expect_echo(b"first");
    drop(clients);

    harness.connect(server.address()).expect_echo(b"next");
    let lines = server.stderr().lines().count();
    let (expected, actual) =
        (message!("expected-at-most-lines", count = 500), message!("lines", count = lines));
    harness.check(lines <= 500, expected, actual);
}

// Binding and listening.

#[test]
fn restarts_at_once_on_the_same_port() {
    let harness = Harness::new("server-bind", message!("mistake-time-wait"));
    let host = loopback::address(90).to_string();
    let (server, client) = harness.connected_server(&["--host", &host, "--idle-timeout", "0.3"]);
    client.expect_echo(b"hello");
    // The end that closes first is in TIME_WAIT. Here that's the server.
    client.expect_closed();
    drop(client);
    let port = server.address().port().to_string();
    drop(server);

    let arguments = ["--host", &host, "--port", &port];
    let again = harness.program(Program::TcpServer, &arguments).start_server("listening on ");
    harness.connect(again.address()).expect_echo(b"hello again");
}

// Output.

#[test]
fn the_six_steps_are_numbered_and_named() {
    let harness = Harness::new("sockets", message!("mistake-steps"));
    let server = harness.tcp_server(&[]);
    for start in ["1 socket", "2 bind", "3 listen"] {
        server.wait_for_line(start);
    }
    let client = harness.connect(server.address());
    let address = client.local_address().to_string();
    server.wait_for_line("4 accept");
    server.wait_for_line_with(&[&address]);
    client.expect_echo("hello, 你好\n".as_bytes());
    server.wait_for_line_with(&["5 recv", "14 ", "hello, 你好"]);
    server.wait_for_line_with(&["5 send", "14 "]);
    client.expect_echo(b"again\n");
    drop(client);
    // The totals of the two messages, of 14 and 6 bytes.
    server.wait_for_line_with(&[&address, "20 bytes"]);
    server.wait_for_line("6 close");
    let output = String::from_utf8_lossy(&server.stdout()).into_owned();
    let starts = ["1 socket", "2 bind", "3 listen", "4 accept", "5 recv", "5 send", "6 close"];
    let places: Vec<_> = starts.iter().filter_map(|start| output.find(start)).collect();
    harness.check(places.is_sorted(), message!("expected-steps-in-order"), &output);
}

#[test]
fn a_message_cannot_control_the_terminal() {
    let harness = Harness::new("bytes-and-text", message!("mistake-unescaped"));
    let (server, client) = harness.connected_server(&[]);
    let message = b"\x1b[2J\x07 bell \x9b31m \xc2\x9b31m\r\n";
    client.expect_echo(message);
    server.wait_for_line_with(&["recv", "[2J"]);
    drop(client);
    server.wait_for_line("6 close");
    let output = String::from_utf8_lossy(&server.stdout()).into_owned();
    let acts = output.chars().any(|c| c.is_control() && c != '\n');
    harness.check(!acts, message!("expected-no-control-characters"), &output);
}

#[test]
fn a_split_character_shows_its_bytes() {
    let harness = Harness::new("bytes-and-text", message!("mistake-split-character"));
    let (server, client) = harness.connected_server(&["--buffer-size", "2"]);
    client.expect_echo("你".as_bytes());
    server.wait_for_line_with(&["recv", r"\xe4\xbd"]);
}

#[test]
fn a_long_message_is_cut_to_a_line() {
    let harness = Harness::new("bytes-and-text", message!("mistake-long-line"));
    let (server, client) = harness.connected_server(&[]);
    let message = [b'a'; 50_000];
    for _ in 0..2 {
        client.exchange(&message, &message);
    }
    drop(client);
    server.wait_for_line("6 close");
    let output = String::from_utf8_lossy(&server.stdout()).into_owned();
    let longest = output.lines().max_by_key(|line| line.len()).unwrap_or_default();
    let expected = message!("expected-short-lines", count = 250);
    harness.check(longest.len() <= 250, expected, tests::show(longest.as_bytes()));
}

#[test]
fn quiet_prints_only_where_it_listens() {
    let harness = Harness::new("server-listen", message!("mistake-quiet"));
    let (server, client) = harness.connected_server(&["--quiet"]);
    client.expect_echo(b"hello");
    drop(client);
    harness.connect(server.address()).expect_echo(b"next");
    server.expect_output(format!("listening on {}\n", server.bound_address()).as_bytes());
    server.expect_no_errors();
}

#[test]
fn closed_standard_output_does_not_stop_it() {
    let harness = Harness::new("server-recv-send", message!("mistake-println"));
    let server = harness
        .program(Program::TcpServer, &["--port", "0"])
        .close_output_after("listening on ")
        .start_server("listening on ");
    server.wait_for_closed_output();
    for name in ["first", "second"] {
        harness.connect(server.address()).expect_echo(name.as_bytes());
    }
    server.expect_no_errors();
}

// Signals.

#[cfg(unix)]
#[rstest]
#[case::ctrl_c(tests::Signal::Interrupt)]
#[case::kill(tests::Signal::Terminate)]
fn a_signal_closes_the_sockets_and_exits_0(#[case] signal: tests::Signal) {
    let harness = Harness::new("server-close", message!("mistake-signal"));
    let (server, client) = harness.connected_server(&[]);
    // Two messages, so that the server is in its loop when the signal arrives.
    for _ in 0..2 {
        client.expect_echo(b"hello");
    }
    let waiting = harness.connect(server.address());
    server.signal(signal);
    server.expect_exit(0);
    client.expect_closed();
    waiting.expect_closed();
    server.wait_for_line("6 close");
    server.expect_no_errors();
}
