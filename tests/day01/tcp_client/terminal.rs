//! Tests of `day01-tcp-client` in a terminal.

use rstest::rstest;
use tests::{Harness, ProgramCommand, message};

use super::{answer, connected_with};

#[rstest]
#[case::an_empty_line(b"\n")]
#[case::ctrl_d(b"\x04")]
fn shows_each_reply_and_ends_with(#[case] end: &[u8]) {
    let harness = Harness::new("client-send-recv", message!("mistake-not-in-turn"));
    let (client, server) = connected_with(&harness, &[], ProgramCommand::in_terminal);
    for number in 1..=3 {
        client.write(format!("message {number}\n").as_bytes());
        server.expect(format!("message {number}\n").as_bytes());
        server.send(format!("reply {number}\n").as_bytes());
        client.wait_for_output_with(&format!("reply {number}"));
    }
    client.write(end);
    server.expect_to_end(b"");
    drop(server);
    client.expect_exit(0);
}

#[test]
fn a_reply_cannot_control_it() {
    let harness = Harness::new("bytes-and-text", message!("mistake-unescaped"));
    let (client, server) = connected_with(&harness, &["hello"], ProgramCommand::in_terminal);
    answer(server, b"hello\n", b"a\x1b[2J\x07\x9b\xc2\x9b\tb\nend\n");
    client.expect_exit(0);
    client.wait_for_output_with("end");
    let screen = String::from_utf8_lossy(&client.stdout()).into_owned();
    // The terminal adds a carriage return to each line.
    let acts = screen.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    harness.check(!acts, message!("expected-no-control-characters"), &screen);
    client.wait_for_output_with("\tb\r\n");
}

#[test]
fn a_split_character_is_shown_whole() {
    let harness = Harness::new("bytes-and-text", message!("mistake-split-character"));
    // With --quiet, because a step could be printed between the two pieces.
    let (client, server) =
        connected_with(&harness, &["--quiet", "hello"], ProgramCommand::in_terminal);
    server.expect(b"hello\n");
    let (before, after) = "before 你好 after\n".as_bytes().split_at(9);
    server.send(before);
    client.wait_for_output_with("before ");
    server.send(after);
    client.wait_for_output_with("before 你好 after");
    drop(server);
    client.expect_exit(0);
}
