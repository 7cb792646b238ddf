//! Received bytes in a line for a person: made safe, and short enough.
//!
//! A message comes from somebody else. It may hold bytes that are no text, and it may hold
//! control characters that would move the cursor, change colours or rename the window of the
//! reader's terminal. So no received byte reaches a terminal before it went through here.

use std::fmt::{self, Display, Write as _};

use bstr::{BStr, ByteSlice};

/// The columns of the terminal that [`quoted`] fills with one message, so that a step stays on
/// one line: with its name, a length and a client's address before it, the line is at most
/// about 120 columns wide.
const COLUMNS: usize = 60;

/// A message in quotes, escaped, and cut when it is longer than a line can show.
///
/// Text stays readable in any script; control characters and bytes that are not UTF-8 are
/// shown as escapes, for example a character that was split between two messages. All that is
/// done when it is printed: a program that is quiet does not pay for it.
///
/// ```
/// use common::quoted;
///
/// assert_eq!(quoted("hello, 你好\n".as_bytes()).to_string(), r#""hello, 你好\n""#);
/// // The first two of the three bytes of 你.
/// assert_eq!(quoted(&[0xe4, 0xbd]).to_string(), r#""\xe4\xbd""#);
/// assert_eq!(quoted(b"\x1b[2J").to_string(), r#""\x1b[2J""#);
/// assert!(quoted(&[b'a'; 1000]).to_string().ends_with("aaa\"..."));
/// ```
pub fn quoted(message: &[u8]) -> impl Display {
    Quoted(message)
}

struct Quoted<'a>(&'a [u8]);

impl Display for Quoted<'_> {
    fn fmt(&self, line: &mut fmt::Formatter<'_>) -> fmt::Result {
        line.write_str(&quoted_within(self.0, COLUMNS))
    }
}

/// Like [`quoted`], cut to `columns` columns of a terminal: the quotes, and the dots of a
/// message that was cut, are not counted.
///
/// ```
/// assert_eq!(common::quoted_within("你好 hello".as_bytes(), 7), r#""你好 he"..."#);
/// ```
pub fn quoted_within(message: &[u8], columns: usize) -> String {
    let mut used = 0;
    let fits = |&(start, end, _): &(usize, usize, char)| {
        used += columns_of(&message[start..end]);
        used <= columns
    };
    let end = message.char_indices().take_while(fits).last().map_or(0, |(_, end, _)| end);
    let dots = if end < message.len() { "..." } else { "" };
    format!("{:?}{dots}", BStr::new(&message[..end]))
}

/// How wide a character is once it is escaped.
fn columns_of(character: &[u8]) -> usize {
    let shown = format!("{:?}", BStr::new(character));
    // Without the two quotes. A terminal may draw what is not ASCII two columns wide.
    if shown.is_ascii() { shown.len() - 2 } else { 2 }
}

/// Text with everything escaped that is not to reach a terminal. Newline and tab are kept.
///
/// ```
/// assert_eq!(common::escaped(b"a\x1b[2J\n"), "a\\x1b[2J\n");
/// ```
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for (start, end, character) in bytes.char_indices() {
        let raw = &bytes[start..end];
        match character {
            '\n' | '\t' => text.push(character),
            // Bytes that are no UTF-8 decode to U+FFFD; U+FFFD itself is three bytes long and
            // may be shown.
            '\u{fffd}' if raw != "\u{fffd}".as_bytes() => {
                raw.iter().for_each(|byte| _ = write!(text, "\\x{byte:02x}"));
            }
            _ if character.is_ascii_control() => _ = write!(text, "{}", raw.escape_ascii()),
            _ if is_hidden(character) => text.extend(character.escape_unicode()),
            _ => text.push(character),
        }
    }
    text
}

/// Characters that act on a terminal instead of being seen: the control characters, and
/// those that change the direction of the text or the end of its lines.
fn is_hidden(character: char) -> bool {
    let reorders_or_breaks_lines = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || reorders_or_breaks_lines
}

/// The text of a message that is an error or a part of one: one line, nothing that acts on a
/// terminal.
///
/// ```
/// assert_eq!(common::one_line("a\nb\x1b"), "a b\\x1b");
/// ```
pub fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    escaped(words.as_bytes())
}
