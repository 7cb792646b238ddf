//! Received bytes, made safe and short enough to show to a person.
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
/// use net_utils::text::quoted;
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
/// assert_eq!(net_utils::text::quoted_within("你好 hello".as_bytes(), 7), r#""你好 he"..."#);
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

/// Turns a stream of received bytes into text for a terminal, piece by piece.
///
/// A piece may end in the middle of a character: its bytes wait here for the next piece, so
/// that the character is shown whole.
///
/// ```
/// use net_utils::text::Screen;
///
/// let mut screen = Screen::default();
/// assert_eq!(screen.show(b"bell: \x07, half of ni: \xe4\xbd"), r"bell: \x07, half of ni: ");
/// assert_eq!(screen.show(b"\xa0\n"), "你\n");
/// assert_eq!(screen.finish(), "");
/// ```
#[derive(Debug, Default)]
pub struct Screen {
    /// The first bytes of a character whose last bytes have not come yet: at most three.
    unfinished: Vec<u8>,
}

impl Screen {
    /// The text to show for the next `piece` of the stream. Newline and tab are kept, every
    /// other control character is escaped.
    pub fn show(&mut self, piece: &[u8]) -> String {
        let mut bytes = std::mem::take(&mut self.unfinished);
        bytes.extend_from_slice(piece);
        let whole = whole_characters(&bytes);
        self.unfinished = bytes.split_off(whole);
        escaped(&bytes)
    }

    /// The text to show when the stream has ended: what was left of an unfinished character.
    pub fn finish(&mut self) -> String {
        escaped(&std::mem::take(&mut self.unfinished))
    }
}

/// How many of these bytes can be shown now: all but an unfinished character at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    // A character has at most four bytes, so an unfinished one has at most three.
    (1..=bytes.len().min(3))
        .map(|back| bytes.len() - back)
        .find(|&at| match std::str::from_utf8(&bytes[at..]) {
            // `error_len` is `None` only if more bytes could still make it a character.
            Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
            Ok(_) => false,
        })
        .unwrap_or(bytes.len())
}

/// Text with everything escaped that is not to reach a terminal. Newline and tab are kept.
fn escaped(bytes: &[u8]) -> String {
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
/// assert_eq!(net_utils::text::one_line("a\nb\x1b"), "a b\\x1b");
/// ```
pub fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    escaped(words.as_bytes())
}

/// A number and what it counts, as one says it.
///
/// ```
/// use net_utils::text::counted;
///
/// assert_eq!(counted(0, "byte").to_string(), "0 bytes");
/// assert_eq!(counted(1, "byte").to_string(), "1 byte");
/// ```
pub fn counted(number: u64, noun: &str) -> impl Display {
    Counted(number, noun)
}

struct Counted<'a>(u64, &'a str);

impl Display for Counted<'_> {
    fn fmt(&self, line: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counted(number, noun) = *self;
        write!(line, "{number} {noun}{}", if number == 1 { "" } else { "s" })
    }
}
