//! The pictures, to the letter: they are in the notes.
//!
//! To see what a change of the program makes of them, run the command in the first line of the
//! case and compare; to accept it, write its output to the file.

use rstest::rstest;
use tests::Harness;

use crate::printed;

#[rstest]
#[case::tcp_hello(&["tcp", "hello"], include_str!("pictures/tcp-hello.txt"))]
#[case::tcp_typed(&["tcp", "hello", "--typed"], include_str!("pictures/tcp-typed.txt"))]
#[case::tcp_refused(&["tcp", "hello", "--no-server"], include_str!("pictures/tcp-refused.txt"))]
#[case::tcp_unread(&["tcp", "hello", "--unread"], include_str!("pictures/tcp-unread.txt"))]
#[case::udp_hello(&["udp", "hello"], include_str!("pictures/udp-hello.txt"))]
#[case::udp_refused(&["udp", "hello", "--no-server"], include_str!("pictures/udp-refused.txt"))]
#[case::udp_told(
    &["udp", "hello", "--no-server", "--connect"],
    include_str!("pictures/udp-told.txt")
)]
#[case::tcp_with_loss(
    &["tcp", "hello", "你好", "--loss", "20", "--seed", "36"],
    include_str!("pictures/tcp-loss.txt")
)]
#[case::udp_with_loss(
    &["udp", "hello", "你好", "--loss", "20", "--seed", "36"],
    include_str!("pictures/udp-loss.txt")
)]
#[case::udp_layers(&["udp", "你好", "--layers"], include_str!("pictures/udp-layers.txt"))]
fn the_picture_is_the_one_in_the_notes(#[case] arguments: &[&str], #[case] expected: &str) {
    let harness = Harness::for_section("packets");
    let picture = printed(&harness, arguments);
    let (number, line) = (1..)
        .zip(picture.lines())
        .zip(expected.lines())
        .find(|((_, line), expected)| line != expected)
        .map_or((0, ""), |((number, line), _)| (number, line));
    harness.check(
        picture == expected,
        &format!("the picture in the file pictures/:\n{expected}"),
        &format!("another one; line {number} is {line:?}"),
    );
}

#[test]
fn a_seed_always_loses_the_same_frames_and_another_seed_others() {
    let harness = Harness::for_section("packets");
    let lossy = |seed| {
        let picture = printed(&harness, &["tcp", "hello", "--loss", "30", "--seed", seed]);
        // The head names the seed; what counts is what is under it.
        picture.lines().skip(3).map(str::to_owned).collect::<Vec<_>>()
    };
    let first = lossy("5");
    harness.check(first == lossy("5"), "the same picture for the same seed", "two pictures");
    harness.check(first != lossy("6"), "another picture for another seed", "the same picture");
}

#[test]
fn a_long_message_goes_in_several_segments_before_an_acknowledgement_comes() {
    let harness = Harness::for_section("packets");
    let picture = printed(&harness, &["tcp", &"x".repeat(6000)]);
    let rows: Vec<&str> = picture.lines().collect();
    let first = rows.iter().position(|row| row.contains("data: 1460 bytes seq 1 ack 1 "));
    let first = first.unwrap_or_else(|| harness.fail("a row `data: 1460 bytes seq 1`", &picture));
    // The server's window of 5840 has room for four; the rest waits for an acknowledgement.
    for (segment, seq) in [1, 1461, 2921, 4381].into_iter().enumerate() {
        let expected = format!("data: 1460 bytes seq {seq} ack 1 ");
        harness.check(rows[first + segment].contains(&expected), &expected, &picture);
    }
    let (before, after) = rows.split_at(first + 4);
    harness.check(!before.iter().any(|row| row.contains("seq 5841")), "4 segments first", &picture);
    let acknowledged = after.iter().position(|row| row.contains("ACK ack 5841 win 0"));
    let rest = after.iter().position(|row| row.contains("160 bytes seq 5841"));
    harness.check(
        acknowledged.is_some() && acknowledged < rest,
        "an ACK that closes the window, and then the rest of the message",
        &picture,
    );
}

#[test]
fn a_message_cannot_act_on_the_terminal() {
    let harness = Harness::for_section("bytes-and-text");
    for protocol in ["tcp", "udp"] {
        let picture = printed(&harness, &[protocol, "\x1b[2J\n\u{202e}", "--layers"]);
        let raw = picture.chars().find(|&c| c != '\n' && (c.is_control() || c == '\u{202e}'));
        harness.check(raw.is_none(), "no control character but the newline", &picture);
    }
}

/// What stands at the left, on the link and at the right, for each row with a frame on it.
fn frames(picture: &str) -> impl Iterator<Item = [&str; 3]> {
    let rows =
        picture.lines().filter_map(|line| line.split('|').collect::<Vec<_>>().try_into().ok());
    rows.filter(|[_, link, _]: &[&str; 3]| link.starts_with("- ") || link.ends_with(" -"))
}

/// A number of the table, in the column of TCP (0) or UDP (1).
fn counted(picture: &str, name: &str, column: usize) -> usize {
    let line = picture.lines().find(|line| line.starts_with(name));
    let numbers = line.map_or("", |line| line[name.len()..].trim());
    let number = numbers.split_whitespace().nth(column).and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("no number for {name:?} in\n{picture}"))
}

#[rstest]
#[case::tcp("tcp", 0)]
#[case::udp("udp", 1)]
fn the_numbers_in_the_table_are_those_of_the_rows(#[case] protocol: &str, #[case] column: usize) {
    let harness = Harness::for_section("packets");
    let mut compared = 0;
    for seed in 1..=24_u32 {
        let seed = seed.to_string();
        let picture =
            printed(&harness, &[protocol, "hello", "你好", "--loss", "30", "--seed", &seed]);
        if picture.contains(" more of these, all lost") {
            continue; // they have no row each
        }
        compared += 1;
        let packets = || {
            frames(&picture).filter(|[_, link, _]| !link.contains("ARP") && !link.contains("ICMP"))
        };
        let with =
            |word| packets().filter(move |row| row[0].contains(word) || row[2].contains(word));
        for (name, number) in [
            ("packets sent, without ARP", packets().count()),
            ("  lost on the way", with("lost").count()),
            ("  sent again", with("sent again").count()),
        ] {
            let in_table = counted(&picture, name, column);
            harness.check(
                in_table == number,
                &format!("{name:?} {number} times, as in the picture (seed {seed})"),
                &format!("{in_table}, under\n{picture}"),
            );
        }
    }
    harness.check(
        compared >= 12,
        "12 pictures in which each frame has a row",
        &compared.to_string(),
    );
}
