//! Bytes in a failure message: escaped, and shortened around what matters.

use std::fmt::Write as _;

/// How many bytes of a long message are shown.
const SHOWN: usize = 60;

/// How many bytes are shown of a difference in one line.
const FIRST: usize = 12;

/// How many equal bytes are shown before the first that differs.
const BEFORE: usize = 20;

/// The length of a message and its text, cut when it is long.
///
/// ```
/// assert_eq!(tests::show("hello, 你好\n".as_bytes()), r#"14 bytes "hello, 你好\n""#);
/// assert_eq!(tests::show(&[0xe4, 0xbd]), r#"2 bytes "\xe4\xbd""#);
/// assert_eq!(tests::show(b""), "0 bytes");
/// ```
pub fn show(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "0 bytes".to_owned(),
        1 => format!("1 byte {}", quote_from(bytes, 0)),
        length => format!("{length} bytes {}", quote_from(bytes, 0)),
    }
}

/// Where a message first differs from the expected one.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The bytes of both around that place, in lines.
    pub(crate) shown: String,
    /// What came there and what was expected there, unless one of them ends.
    pub(crate) bytes: Option<[String; 2]>,
}

/// Where `came` first differs from `expected`. `None` if they are equal.
pub(crate) fn difference(expected: &[u8], came: &[u8]) -> Option<Difference> {
    if expected == came {
        return None;
    }
    let at = expected
        .iter()
        .zip(came)
        .position(|(expected, came)| expected != came)
        .unwrap_or(expected.len().min(came.len()));
    let bytes = match (&came[at..], &expected[at..]) {
        ([], _) | (_, []) => None,
        (came, expected) => Some([first(came), first(expected)]),
    };
    let end = match &bytes {
        Some([came, expected]) => format!(": {came} instead of {expected}"),
        None if at == came.len() => ", where what came ends".to_owned(),
        None => ", where the expected message ends".to_owned(),
    };
    let start = at.saturating_sub(BEFORE);
    let shown = format!(
        "first difference at byte {at}{end}\n  \
         expected from byte {start}: {}\n  \
         came from byte {start}:     {}",
        quote_from(expected, start),
        quote_from(came, start),
    );
    Some(Difference { shown, bytes })
}

/// The first bytes of a message, in quotes.
fn first(bytes: &[u8]) -> String {
    let dots = if bytes.len() > FIRST { "..." } else { "" };
    format!("\"{}\"{dots}", escape(&bytes[..bytes.len().min(FIRST)]))
}

fn quote_from(bytes: &[u8], start: usize) -> String {
    let rest = &bytes[start..];
    let end = rest.len().min(SHOWN);
    let dots = if end < rest.len() { "..." } else { "" };
    format!("\"{}\"{dots}", escape(&rest[..end]))
}

/// Text as it is, everything that is no text or would act on a terminal as an escape.
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
        let mut came = expected.clone();
        came[70_000] = 0x1b;
        let difference = difference(&expected, &came).unwrap().shown;
        assert!(difference.contains("byte 70000"), "{difference}");
        assert!(difference.contains("\\u{1b}"), "{difference}");
        assert!(difference.len() < 300, "{difference}");
    }

    #[test]
    fn a_message_that_ends_early_differs_at_its_end() {
        let difference = difference(b"hello\n", b"hel").unwrap().shown;
        assert!(difference.contains("byte 3, where what came ends"), "{difference}");
    }
}
