//! Shows bytes in failure messages: escaped, and truncated around the difference.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::catalogue::Message;
use crate::message;

/// How many bytes of a long message are shown.
const SHOWN: usize = 60;

/// How many bytes after a difference a truncated message must show.
const AFTER: usize = 12;

/// How many equal bytes are shown before the first that differs.
const BEFORE: usize = 20;

/// The number of bytes and their text, truncated if it's long.
///
/// ```
/// let shown = |bytes: &[u8]| tests::show(bytes).to_string();
/// assert_eq!(shown("hello, 你好\n".as_bytes()), r#"14 bytes "hello, 你好\n""#);
/// assert_eq!(shown(&[0xe4, 0xbd]), r#"2 bytes "\xe4\xbd""#);
/// assert_eq!(shown(b""), "0 bytes");
/// ```
pub fn show(bytes: &[u8]) -> Message {
    match bytes.len() {
        0 => message!("no-bytes"),
        count => message!("bytes", count, text = quoted(bytes)),
    }
}

/// The first difference between two messages, with the bytes around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The index of the first byte that differs.
    pub at: usize,
    /// How many equal bytes before the excerpt are left out.
    pub left_out: usize,
    /// The equal bytes just before the difference.
    pub equal: String,
    /// What was expected from there on.
    pub expected: Excerpt,
    /// What was received from there on.
    pub actual: Excerpt,
}

/// The part of a message that starts at the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The first character, or invalid bytes; empty at the end of the message.
    pub first: String,
    /// What follows it.
    pub next: String,
    /// How many more bytes follow that.
    pub left_out: usize,
}

impl Difference {
    /// A difference at this index.
    pub(crate) fn at(at: usize, expected: &[u8], actual: &[u8]) -> Self {
        let before = &actual[..at];
        let start = boundary(before, at.saturating_sub(BEFORE));
        Self {
            at,
            left_out: start,
            equal: escape(&before[start..]),
            expected: Excerpt::of(expected),
            actual: Excerpt::of(&actual[at..]),
        }
    }

    /// Returns whether there are no actual bytes at all.
    pub fn is_from_nothing(&self) -> bool {
        self.at == 0 && self.actual.first.is_empty()
    }

    /// Returns whether neither message has ended there.
    pub(crate) fn is_within_both(&self) -> bool {
        !self.expected.first.is_empty() && !self.actual.first.is_empty()
    }

    /// Returns whether the place may be cut off where a message is shown from its first byte on.
    pub fn is_far(&self) -> bool {
        self.at + AFTER > SHOWN
    }
}

impl Excerpt {
    fn of(bytes: &[u8]) -> Self {
        let end = boundary(bytes, bytes.len().min(SHOWN - BEFORE));
        let (shown, rest) = bytes.split_at(end);
        let first = shown.utf8_chunks().next().map_or(0, |chunk| match chunk.valid() {
            "" => chunk.invalid().len(),
            text => text.chars().next().map_or(0, char::len_utf8),
        });
        let (first, next) = shown.split_at(first);
        Self { first: escape(first), next: escape(next), left_out: rest.len() }
    }

    /// All of the excerpt.
    pub fn shown(&self) -> String {
        format!("{}{}", self.first, self.next)
    }
}

/// The index, or the start of the character it's in, so that none is split.
fn boundary(bytes: &[u8], place: usize) -> usize {
    let is_start = |&at: &usize| at >= bytes.len() || bytes[at] & 0xc0 != 0x80;
    (place.saturating_sub(3)..=place).rev().find(is_start).unwrap_or(place)
}

/// In two lines, for a terminal.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { at, equal, expected, actual, .. } = self;
        let [expected, actual] = [expected, actual].map(|excerpt| {
            let dots = if excerpt.left_out > 0 { "..." } else { "" };
            format!("\"{equal}{}\"{dots}", excerpt.shown())
        });
        write!(f, "they differ at byte {at}:\n  expected: {expected}\n  actual:   {actual}")
    }
}

/// Returns the first difference, or `None` if the messages are equal.
pub(crate) fn difference(expected: &[u8], actual: &[u8]) -> Option<Difference> {
    if expected == actual {
        return None;
    }
    let at = expected
        .iter()
        .zip(actual)
        .position(|(expected, actual)| expected != actual)
        .unwrap_or(expected.len().min(actual.len()));
    Some(Difference::at(at, &expected[at..], actual))
}

/// Bytes in quotes, truncated if there are many.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let end = bytes.len().min(SHOWN);
    let dots = if end < bytes.len() { "..." } else { "" };
    format!("\"{}\"{dots}", escape(&bytes[..end]))
}

/// Escapes everything that isn't text or that would control a terminal.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().flat_map(char::escape_debug));
        for byte in chunk.invalid() {
            _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_messages_have_no_difference() {
        assert!(difference(b"abc", b"abc").is_none());
        assert!(difference(b"", b"").is_none());
    }

    #[test]
    fn the_difference_of_long_messages_is_shown_around_its_place() {
        let expected = vec![b'a'; 100_000];
        let mut actual = expected.clone();
        actual[70_000] = 0x1b;
        let place = difference(&expected, &actual).unwrap();
        assert!(place.is_far());
        assert_eq!((place.at, place.left_out), (70_000, 69_980));
        assert_eq!(place.equal, "a".repeat(20));
        assert_eq!((place.expected.shown(), place.expected.left_out), ("a".repeat(40), 29_960));
        assert_eq!((&*place.actual.first, &*place.actual.next), ("\\u{1b}", &*"a".repeat(39)));
        let lines = place.to_string();
        assert!(lines.contains("byte 70000") && lines.contains("\\u{1b}"), "{lines}");
        assert!(lines.len() < 300, "{lines}");
    }

    #[test]
    fn a_character_is_not_split_where_a_message_is_cut() {
        let expected = "你好，世界".repeat(20);
        let actual = expected.replacen("世界", "世间", 11).replacen("世间", "世界", 10);
        let place = difference(expected.as_bytes(), actual.as_bytes()).unwrap();
        assert_eq!(place.equal, "，世界你好，世");
        assert_eq!((&*place.actual.first, &*place.actual.next), ("间", "你好，世界你好，世界你好"));
    }

    #[test]
    fn a_message_that_ends_early_differs_at_its_end() {
        let place = difference(b"hello\n", b"hel").unwrap();
        assert_eq!((place.at, place.equal.as_str(), place.is_far()), (3, "hel", false));
        assert_eq!((&*place.expected.shown(), &*place.actual.shown()), ("lo\\n", ""));
        assert!(place.to_string().ends_with("actual:   \"hel\""), "{place}");
    }
}
