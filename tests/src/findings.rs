//! What can be concluded from bytes that differ from the expected ones, for certain. Each finding ends
//! with a question to its author.

use crate::catalogue::Message;
use crate::escaped_bytes::{quoted, show};
use crate::message;

/// Bytes that a test gave a program: sent on a connection, typed, or as an argument.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The number of the connection.
    pub(crate) connection: Option<usize>,
    pub(crate) bytes: Vec<u8>,
}

/// How many bytes have to be the same before they count as those of another message.
const ENOUGH: usize = 3;

/// Returns what can be concluded from bytes that came on this connection or on standard output.
pub(crate) fn finding(
    expected: &[u8],
    actual: &[u8],
    connection: Option<usize>,
    given: &[Given],
) -> Option<Message> {
    if actual.is_empty() {
        return None;
    }
    in_line_ends(expected, actual)
        .or_else(|| of_other_messages(expected, actual, connection, given))
        .or_else(|| in_characters(expected, actual))
        .or_else(|| in_places(expected, actual, given))
        .or_else(|| {
            let count = count(actual, 0).saturating_sub(count(expected, 0));
            (count > 0).then(|| message!("found-zero-bytes", count))
        })
}

/// Looks at newlines and zero bytes, of which there may be more or fewer.
fn in_line_ends(expected: &[u8], actual: &[u8]) -> Option<Message> {
    if expected.strip_suffix(b"\n") == Some(actual) {
        return Some(message!("found-newline-lost"));
    }
    let has_pairs = count(actual, b'\r') == actual.windows(2).filter(|it| it == b"\r\n").count();
    if has_pairs && without(actual, b"\r") == expected {
        return Some(message!("found-carriage-returns"));
    }
    let (is_added, is_lost) = (is_subsequence(expected, actual), is_subsequence(actual, expected));
    let is_right_without = |byte: u8| without(actual, &[byte]) == without(expected, &[byte]);
    let count = actual.len().abs_diff(expected.len());
    match (is_right_without(b'\n'), is_right_without(0)) {
        (true, _) if is_added => Some(message!("found-newlines-added", count)),
        (true, _) if is_lost => Some(message!("found-newlines-lost")),
        (_, true) if is_added => Some(message!("found-zero-bytes", count)),
        (_, true) if is_lost => Some(message!("found-zero-bytes-lost")),
        _ => None,
    }
}

/// Looks for bytes of other messages.
fn of_other_messages(
    expected: &[u8],
    actual: &[u8],
    connection: Option<usize>,
    given: &[Given],
) -> Option<Message> {
    if actual.len() == 2 * expected.len()
        && actual.starts_with(expected)
        && actual.ends_with(expected)
    {
        return Some(message!("found-twice"));
    }
    let (own, others): (Vec<_>, Vec<_>) = given
        .iter()
        .partition(|given| given.connection == connection || given.connection.is_none());
    if let Some(more) = actual.strip_prefix(expected).filter(|more| more.len() >= ENOUGH) {
        // In a buffer that recv fills from its start, the end of a longer message stays where it was.
        let is_rest = |given: &&Given| {
            given.bytes.get(expected.len()..).is_some_and(|rest| rest.starts_with(more))
        };
        if given.iter().any(|given| is_rest(&given)) {
            return Some(message!("found-old-bytes", count = more.len()));
        }
    }
    let number = |bytes: &[u8]| {
        let is_it = |given: &&&Given| without(&given.bytes, b"\n") == without(bytes, b"\n");
        let is_clear = own.iter().filter(is_it).count() == 1;
        is_clear.then(|| own.iter().position(|given| is_it(&given)))?
    };
    if let (Some(seen), Some(due)) = (number(actual), number(expected))
        && seen != due
    {
        return Some(message!("found-other-message", number = seen + 1, due = due + 1));
    }
    let end = actual.strip_suffix(expected).unwrap_or(actual);
    // Two messages may end with the same word.
    let is_own = own.iter().any(|own| own.bytes.ends_with(end));
    if connection.is_none() || is_own || end.len() < ENOUGH {
        return None;
    }
    let number = others.into_iter().find(|other| other.bytes.ends_with(end))?.connection?;
    Some(message!("found-other-client", count = end.len(), number))
}

/// Looks for kinds of characters that are missing or replaced.
fn in_characters(expected: &[u8], actual: &[u8]) -> Option<Message> {
    let ascii = |bytes: &[u8]| bytes.iter().copied().filter(u8::is_ascii).collect::<Vec<u8>>();
    if actual == ascii(expected) {
        return Some(message!("found-not-ascii-lost"));
    }
    let text = String::from_utf8_lossy(expected);
    for replacement in ['?', char::REPLACEMENT_CHARACTER] {
        // A language with characters of two or four bytes may replace each of its units.
        let all_replaced = text.replace(|character: char| !character.is_ascii(), "").into_bytes();
        let shown = String::from_utf8_lossy(actual).replace(replacement, "").into_bytes();
        if shown == all_replaced && actual.len() > all_replaced.len() {
            return Some(message!(
                "found-not-ascii-replaced",
                replacement = replacement.to_string()
            ));
        }
    }
    if without(actual, b" \r\n") == without(expected, b" \r\n") {
        return Some(message!("found-spaces"));
    }
    if actual.eq_ignore_ascii_case(expected) {
        return Some(message!("found-case"));
    }
    let line = actual.strip_suffix(b"\n").unwrap_or(actual);
    let has_quotes = [&b"b'"[..], b"b\"", b"'", b"\"", b"["].iter().any(|it| line.starts_with(it));
    let first_word = expected.split(|&byte| byte == b' ' || byte == b'\n').next()?;
    let is_shown = line.get(..first_word.len() + 2)?.ends_with(first_word)
        || line.get(..=first_word.len())?.ends_with(first_word);
    (has_quotes && is_shown && line.ends_with(b"'") | line.ends_with(b"\"") | line.ends_with(b"]"))
        .then(|| message!("found-shown-as-code"))
}

/// Looks for places where bytes are missing, too many or moved.
fn in_places(expected: &[u8], actual: &[u8], given: &[Given]) -> Option<Message> {
    let at = expected.iter().zip(actual).take_while(|(one, other)| one == other).count();
    let (expected_rest, actual_rest) = (&expected[at..], &actual[at..]);
    if let Some(count) = expected.len().checked_sub(actual.len()).filter(|&count| count > 0) {
        let all = expected.len();
        // Only lines that were sent at once can be returned by one recv.
        let were_sent_at_once = given.last().is_some_and(|last| last.bytes == expected);
        if actual_rest.is_empty() {
            let lines = |bytes| self::count(bytes, b'\n');
            return match actual.ends_with(b"\n") {
                true if !were_sent_at_once => None,
                true if lines(actual) == lines(expected) => {
                    Some(message!("found-no-last-line", count))
                }
                true => Some(message!("found-lines", count = lines(actual), all = lines(expected))),
                false if expected_rest[0] == 0 => Some(message!("found-cut-at-zero")),
                false => Some(message!("found-end-missing", count, all)),
            };
        }
        // Whole lines. A client may show each with another newline after it.
        let is_line = expected[..at].ends_with(b"\n") && actual_rest.starts_with(b"\n");
        if !were_sent_at_once && (is_line || expected_rest[..count].contains(&b'\n')) {
            return None;
        }
        return match expected_rest[count..] == *actual_rest {
            true if expected_rest[0] == 0 => Some(message!("found-cut-at-zero")),
            true => Some(message!("found-missing", count, at, all)),
            false => is_subsequence(actual_rest, expected_rest)
                .then(|| message!("found-missing-places", count, at)),
        };
    }
    if let Some(count) = actual.len().checked_sub(expected.len()).filter(|&count| count > 0) {
        return (actual_rest[count..] == *expected_rest)
            .then(|| message!("found-added", bytes = show(&actual_rest[..count]), at));
    }
    let sorted = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes.sort_unstable();
        bytes
    };
    if sorted(expected_rest) == sorted(actual_rest) {
        return Some(message!("found-order", at));
    }
    let changed = expected.iter().zip(actual).filter(|(one, other)| one != other).count();
    (changed == 1).then(|| {
        let [expected, actual] = [expected, actual].map(|bytes| quoted(&bytes[at..=at]));
        message!("found-one-byte", at, expected, actual)
    })
}

/// Whether the bytes are all there in this order, with others between them.
fn is_subsequence(bytes: &[u8], among: &[u8]) -> bool {
    let mut among = among.iter();
    bytes.iter().all(|byte| among.any(|other| other == byte))
}

fn count(bytes: &[u8], byte: u8) -> usize {
    bytes.iter().filter(|&&other| other == byte).count()
}

fn without(bytes: &[u8], left_out: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| !left_out.contains(byte)).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LONG: &str = "100 101 102 103 104 105 106 107 108 109\n";

    /// What was sent: three lines to this connection, one to another.
    fn given() -> Vec<Given> {
        let given = |connection, bytes: &str| Given { connection, bytes: bytes.into() };
        let other = given(Some(1), "the other client's line\n");
        let own =
            [LONG, "first\n", "my own line\n", "second, 你好\n"].map(|bytes| given(Some(2), bytes));
        [other].into_iter().chain(own).collect()
    }

    // Below each case is another one that looks like it.
    #[rstest]
    #[case(b"first\n", b"first", Some("found-newline-lost"))]
    #[case(b"first\n", b"firs\n", Some("found-missing"))]
    #[case(b"first\n", b"\nfirst\n", Some("found-newlines-added"))]
    #[case(b"first\n", b" first\n", Some("found-spaces"))]
    #[case(b"a\n\nb\n", b"a\nb\n", Some("found-newlines-lost"))]
    #[case(b"a\n\nb\n", b"a\nc\n", None)]
    #[case(b"first\n", b"\nfirst", Some("found-spaces"))]
    #[case(b"first\n", b"first\r\n", Some("found-carriage-returns"))]
    #[case(b"first\n", b"first\\n", None)]
    #[case(b"first\n", b"\rfirst\n", Some("found-spaces"))]
    #[case(b"first\n", b"first\n\0\0\0", Some("found-zero-bytes"))]
    #[case(b"first\n", b"first\n100 ", Some("found-added"))]
    #[case(b"a\0b\n", b"ab\n", Some("found-zero-bytes-lost"))]
    #[case(b"a\0b\n", b"a\n", Some("found-cut-at-zero"))]
    #[case(b"a\0b\n", b"a", Some("found-cut-at-zero"))]
    #[case(b"a\0b\n", b"a\0", Some("found-end-missing"))]
    #[case(b"a\0b\n", b"ab\0\n", Some("found-order"))]
    #[case(b"first\n", b"first\nfirst\n", Some("found-twice"))]
    #[case(b"first\n", b"first\nfirst", Some("found-added"))]
    // Bytes 6 to 12 of the long line.
    #[case(b"first\n", b"first\n1 102 ", Some("found-old-bytes"))]
    #[case(b"first\n", b"first\n101 10", Some("found-added"))]
    #[case(b"first\n", LONG.as_bytes(), Some("found-other-message"))]
    #[case(b"first\n", b"100 101\n", None)]
    #[case(b"first\n", b"client's line\nfirst\n", Some("found-other-client"))]
    #[case(b"first\n", b"server's line\nfirst\n", Some("found-added"))]
    #[case(b"my own line\n", b"line\n", Some("found-missing"))]
    #[case("second, 你好\n".as_bytes(), b"second, \n", Some("found-not-ascii-lost"))]
    #[case("second, 你好\n".as_bytes(), "second, 你\n".as_bytes(), Some("found-missing"))]
    #[case("second, 你好\n".as_bytes(), b"second, ??\n", Some("found-not-ascii-replaced"))]
    #[case(b"first\n", b"f????\n", None)]
    #[case(b" a  b \n", b"a b\n", Some("found-spaces"))]
    #[case(b" a  b \n", b"a c\n", None)]
    #[case(b"first\n", b"FIRST\n", Some("found-case"))]
    #[case(b"first\n", b"FIRSt\n", Some("found-case"))]
    #[case(b"first\n", b"b'first\\n'\n", Some("found-shown-as-code"))]
    #[case(b"first\n", b"'other'\n", None)]
    #[case(LONG.as_bytes(), LONG[..20].as_bytes(), Some("found-end-missing"))]
    #[case(LONG.as_bytes(), b"", None)]
    #[case(LONG.as_bytes(), LONG[20..].as_bytes(), Some("found-missing"))]
    #[case(LONG.as_bytes(), b"100 101 102 103 10 105 106 107 108 109\n", Some("found-missing"))]
    #[case(LONG.as_bytes(), b"100 101 102 103 10 105 106 107 108 10\n", Some("found-missing-places"))]
    #[case(LONG.as_bytes(), b"100 101 104 105 102 103 106 107 108 109\n", Some("found-order"))]
    #[case(LONG.as_bytes(), b"100 101 104 105 102 103 106 107 108 119\n", None)]
    #[case(b"first\n", b"furst\n", Some("found-one-byte"))]
    #[case(b"first\n", b"fuzst\n", None)]
    // Replies that a client shows, each with another newline after it.
    #[case(b"one\nother\n", b"one\n\n", None)]
    #[case(b"one\nother\n", b"one\no\n", Some("found-missing"))]
    fn a_difference_is_found(
        #[case] expected: &[u8],
        #[case] actual: &[u8],
        #[case] wanted: Option<&str>,
    ) {
        let found = finding(expected, actual, Some(2), &given());
        assert_eq!(found.as_ref().map(|found| &*found.key), wanted, "{found:?}");
    }

    #[rstest]
    #[case(b"a\n", "found-lines")]
    #[case(b"a\nb\n", "found-no-last-line")]
    fn lines_that_were_sent_at_once_are_counted(#[case] actual: &[u8], #[case] wanted: &str) {
        let sent = Given { connection: Some(1), bytes: b"a\nb\nc".to_vec() };
        let found = |given: &[Given]| finding(b"a\nb\nc", actual, Some(1), given);
        assert_eq!(found(&[sent]).unwrap().key, wanted);
        // Lines that were sent one by one.
        assert_eq!(found(&given()), None);
    }
}
