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
    /// Returns the first difference, or `None` if the messages are equal.
    pub fn between(expected: &[u8], actual: &[u8]) -> Option<Self> {
        if expected == actual {
            return None;
        }
        let same = expected.iter().zip(actual).take_while(|(expected, actual)| expected == actual);
        let at = same.count();
        Some(Self::at(at, &expected[at..], actual))
    }

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
