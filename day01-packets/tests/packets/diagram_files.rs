//! Compares the diagrams with the files in `expected_diagrams`, which are also in the notes.
//!
//! To accept a change, write the output of the command to the file, and update the notes.

use std::fs;

use rstest::rstest;
use tests::Harness;

use crate::{harness, printed};

#[rstest]
#[case::tcp_hello("tcp-hello", "tcp hello")]
#[case::tcp_typed("tcp-typed", "tcp hello --typed")]
#[case::tcp_refused("tcp-refused", "tcp hello --no-server")]
#[case::tcp_unread("tcp-unread", "tcp hello --unread")]
#[case::udp_hello("udp-hello", "udp hello")]
#[case::udp_refused("udp-refused", "udp hello --no-server")]
#[case::udp_refused_connected("udp-refused-connected", "udp hello --no-server --connect")]
#[case::tcp_with_loss("tcp-loss", "tcp hello 你好 --loss 20 --seed 36")]
#[case::udp_with_loss("udp-loss", "udp hello 你好 --loss 20 --seed 36")]
#[case::udp_layers("udp-layers", "udp 你好 --layers")]
fn the_diagram_is_the_one_in_the_notes(#[case] name: &str, #[case] arguments: &str) {
    let harness = Harness::for_section("packets");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packets/expected_diagrams");
    let expected = fs::read_to_string(format!("{folder}/{name}.txt")).unwrap();
    let diagram = printed(&harness, &arguments.split(' ').collect::<Vec<_>>());
    let (number, line) = (1..)
        .zip(diagram.lines())
        .zip(expected.lines())
        .find(|((_, line), expected)| line != expected)
        .map_or((0, ""), |((number, line), _)| (number, line));
    harness.check(
        diagram == expected,
        format!("the diagram in the file expected_diagrams/{name}.txt:\n{expected}"),
        format!("another one; line {number} is {line:?}"),
    );
}

#[rstest]
fn a_seed_always_loses_the_same_frames_and_another_seed_others(harness: Harness) {
    let lossy = |seed| {
        let diagram = printed(&harness, &["tcp", "hello", "--loss", "30", "--seed", seed]);
        // The heading contains the seed.
        diagram.lines().skip(3).map(str::to_owned).collect::<Vec<_>>()
    };
    let first = lossy("5");
    harness.check(first == lossy("5"), "the same diagram for the same seed", "two diagrams");
    harness.check(first != lossy("6"), "another diagram for another seed", "the same diagram");
}

#[rstest]
fn a_long_message_takes_several_segments_before_the_first_acknowledgement(harness: Harness) {
    let diagram = printed(&harness, &["tcp", &"x".repeat(6000)]);
    let rows: Vec<&str> = diagram.lines().collect();
    let first = rows.iter().position(|row| row.contains("data: 1460 bytes seq 1 ack 1 "));
    let first = first.unwrap_or_else(|| harness.fail("a row `data: 1460 bytes seq 1`", &diagram));
    // The server's window of 5,840 bytes has room for four segments.
    for (segment, seq) in [1, 1461, 2921, 4381].into_iter().enumerate() {
        let expected = format!("data: 1460 bytes seq {seq} ack 1 ");
        harness.check(rows[first + segment].contains(&expected), &expected, &diagram);
    }
    let (before, after) = rows.split_at(first + 4);
    harness.check(!before.iter().any(|row| row.contains("seq 5841")), "4 segments first", &diagram);
    let acknowledged = after.iter().position(|row| row.contains("ACK ack 5841 win 0"));
    let rest = after.iter().position(|row| row.contains("160 bytes seq 5841"));
    let is_in_order = acknowledged.is_some() && acknowledged < rest;
    harness.check(is_in_order, "an ACK that closes the window, then the rest", &diagram);
}

#[test]
fn a_message_has_no_control_characters_in_the_diagram() {
    let harness = Harness::for_section("bytes-and-text");
    for protocol in ["tcp", "udp"] {
        let diagram = printed(&harness, &[protocol, "\x1b[2J\n\u{202e}", "--layers"]);
        let raw = diagram.chars().find(|&c| c != '\n' && (c.is_control() || c == '\u{202e}'));
        harness.check(raw.is_none(), "no control character but the newline", &diagram);
    }
}

/// The texts on the left, on the link and on the right of each row with a frame.
fn frames(diagram: &str) -> impl Iterator<Item = [&str; 3]> {
    let rows = diagram.lines().map(|line| line.split('|').collect::<Vec<_>>());
    let rows = rows.filter_map(|row| row.try_into().ok());
    rows.filter(|[_, link, _]: &[&str; 3]| link.starts_with("- ") || link.ends_with(" -"))
}

/// A number of the table, in the column of TCP (0) or UDP (1).
fn counted(diagram: &str, name: &str, column: usize) -> usize {
    let line = diagram.lines().find(|line| line.starts_with(name));
    let numbers = line.map_or("", |line| line[name.len()..].trim());
    let number = numbers.split_whitespace().nth(column).and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("no number for {name:?} in\n{diagram}"))
}

#[rstest]
#[case::tcp("tcp", 0)]
#[case::udp("udp", 1)]
fn the_numbers_in_the_table_are_those_of_the_rows(#[case] protocol: &str, #[case] column: usize) {
    let harness = Harness::for_section("packets");
    let mut compared = 0;
    for seed in 1..=24_u32 {
        let seed = seed.to_string();
        let arguments = [protocol, "hello", "你好", "--loss", "30", "--seed", &seed];
        let diagram = printed(&harness, &arguments);
        if diagram.contains(" more of these, all lost") {
            continue; // these have no rows
        }
        compared += 1;
        let is_packet = |row: &[&str; 3]| !row[1].contains("ARP") && !row[1].contains("ICMP");
        let packets = || frames(&diagram).filter(is_packet);
        let with = |word| packets().filter(move |row| [row[0], row[2]].concat().contains(word));
        for (name, number) in [
            ("packets sent, without ARP", packets().count()),
            ("  lost on the way", with("lost").count()),
            ("  sent again", with("sent again").count()),
        ] {
            let in_table = counted(&diagram, name, column);
            harness.check(
                in_table == number,
                format!("{name:?} {number} times, as in the diagram (seed {seed})"),
                format!("{in_table}, under\n{diagram}"),
            );
        }
    }
    let enough = "12 diagrams in which each frame has a row";
    harness.check(compared >= 12, enough, compared.to_string());
}
