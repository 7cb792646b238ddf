//! Escapes received bytes, so that a terminal shows them and never obeys them: a control character
//! could move the cursor, change colours or rename the window.

use std::ascii;
use std::fmt::{self, Display};

use bstr::{BStr, ByteSlice};

/// How many columns of a terminal [`quoted`] fills at most. It keeps a step on one line: a name, a
/// length and an address stand before the message.
const COLUMNS: usize = 60;

/// Quotes and escapes a message, and cuts a long one.
///
/// Text in any script stays readable. Control characters and bytes that aren't UTF-8 are escaped.
/// The work is done when the value is printed, so `--quiet` costs nothing.
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

/// Like [`quoted`], but cut to `columns` columns, without counting the quotes and the `...`.
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

/// Returns the width of a character once it's escaped.
fn columns_of(character: &[u8]) -> usize {
    let shown = format!("{:?}", BStr::new(character));
    // Without the two quotes. A character that isn't ASCII may be two columns wide.
    if shown.is_ascii() { shown.len() - 2 } else { 2 }
}

/// Escapes every character that a terminal would obey, except newline and tab.
///
/// ```
/// assert_eq!(common::escaped(b"a\x1b[2J\n"), "a\\x1b[2J\n");
/// ```
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' | '\t' => text.push(character),
                _ if character.is_ascii_control() => {
                    text.extend(ascii::escape_default(character as u8).map(char::from));
                }
                _ if is_hidden(character) => text.extend(character.escape_unicode()),
                _ => text.push(character),
            }
        }
        text.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    text
}

/// Returns whether a terminal obeys the character instead of showing it: a control character, or
/// one that changes the direction of the text or ends a line.
fn is_hidden(character: char) -> bool {
    let reorders_or_breaks_lines = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || reorders_or_breaks_lines
}

/// Puts text on one line and escapes it, for an error message.
///
/// ```
/// assert_eq!(common::one_line("a\nb\x1b"), "a b\\x1b");
/// ```
pub fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    escaped(words.as_bytes())
}
