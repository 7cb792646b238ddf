//! Tests of the command line: errors, help and colours.

use rstest::rstest;
use tests::{Harness, Program};

use crate::{harness, printed};

#[rstest]
#[case::no_protocol(&[], &["tcp", "udp"])]
#[case::another_protocol(&["sctp"], &["sctp"])]
#[case::loss_above_100(&["tcp", "--loss", "101"], &["--loss", "101", "0..=100"])]
#[case::negative_loss(&["tcp", "--loss", "-5"], &["--loss", "-5", "0..=100"])]
#[case::loss_in_words(&["udp", "--loss", "half"], &["--loss", "half"])]
#[case::negative_seed(&["tcp", "--seed", "-1"], &["--seed", "-1"])]
#[case::force_without_a_file(&["tcp", "--force"], &["--pcap", "--html"])]
#[case::unread_without_server(&["tcp", "--unread", "--no-server"], &["--unread", "--no-server"])]
#[case::typed_datagrams(&["udp", "--typed"], &["--typed"])]
#[case::connect_twice(&["tcp", "--connect"], &["--connect"])]
fn a_wrong_command_line_is_one_error_line_and_exit_status_2(
    #[case] arguments: &[&str],
    #[case] texts: &[&str],
) {
    let harness = Harness::for_section("packets");
    let wrong = harness.program(Program::Packets, arguments).run(2);
    wrong.expect_error_line(texts);
    wrong.expect_output(b"");
}

#[rstest]
#[case::too_long_for_a_datagram("udp", 1473, 1, &["1473", "1472", "65507"])]
#[case::too_long_for_a_diagram("tcp", 102_401, 1, &["102401", "102400"])]
#[case::too_many("tcp", 1, 21, &["21", "20"])]
fn messages_that_cannot_be_sent_are_rejected(
    #[case] protocol: &str,
    #[case] length: usize,
    #[case] number: usize,
    #[case] texts: &[&str],
) {
    let harness = Harness::for_section("udp");
    let message = "x".repeat(length);
    let arguments = [vec![protocol], vec![&message; number]].concat();
    let refused = harness.program(Program::Packets, &arguments).run(1);
    refused.expect_error_line(texts);
    refused.expect_output(b"");
}

#[rstest]
fn a_connection_times_out_if_all_frames_are_lost(harness: Harness) {
    let lost = harness.program(Program::Packets, &["tcp", "hello", "--loss", "100"]).run(1);
    lost.expect_error_line(&["connect", "192.168.56.3:8888", "timed out", "--loss"]);
    let diagram = String::from_utf8_lossy(&lost.stdout()).into_owned();
    harness.check(diagram.contains("2 connect timed out"), "a call that times out", &diagram);
    harness.check(diagram.lines().count() < 50, "repeated losses in one row", &diagram);
}

#[test]
fn a_lost_datagram_is_not_an_error() {
    let harness = Harness::for_section("udp");
    let diagram = printed(&harness, &["udp", "hello", "--loss", "100"]);
    harness.check(diagram.contains("3 recvfrom timed out"), "a call that times out", &diagram);
}

#[rstest]
fn after_a_lost_reset_the_client_blocks_forever(harness: Harness) {
    let arguments = ["tcp", "hello", "--unread", "--typed", "--loss", "20", "--seed", "6"];
    let lost = harness.program(Program::Packets, &arguments).run(1);
    lost.expect_error_line(&["recv", "192.168.56.3:8888", "blocks forever", "--loss"]);
}

#[rstest]
fn help_has_an_example_of_every_option(harness: Harness) {
    for arguments in [&["--help"][..], &["tcp", "--help"], &["udp", "--help"]] {
        let help = printed(&harness, arguments);
        let (_, examples) = help.split_once("Examples:").unwrap_or_default();
        for example in
            ["tcp 你好", "--typed", "--no-server", "--unread", "--connect", "--pcap", "--html"]
        {
            harness.check(examples.contains(example), format!("an example of {example}"), &help);
        }
    }
}

#[test]
fn a_closed_pipe_on_standard_output_is_not_an_error() {
    let harness = Harness::for_section("blocking");
    let program = harness.program(Program::Packets, &["tcp", "hello"]).without_reader().run(0);
    program.expect_no_errors();
}

#[rstest]
#[cfg(target_os = "linux")]
fn only_a_terminal_gets_colours(harness: Harness) {
    let escapes = |name: &str, value: &str| {
        let program = harness.program(Program::Packets, &["tcp", "hello"]).in_terminal();
        let program = program.env("TERM", "xterm").env("NO_COLOR", "").env(name, value).run(0);
        program.stdout().contains(&0x1b)
    };
    harness.check(escapes("TERM", "xterm"), "colours in a terminal", "none");
    harness.check(!escapes("NO_COLOR", "1"), "no colours with NO_COLOR", "colours");
    harness.check(!escapes("TERM", "dumb"), "no colours in a dumb terminal", "colours");
    let diagram = printed(&harness, &["tcp", "hello"]);
    harness.check(!diagram.contains('\x1b'), "no colours in a pipe", "colours");
}
