//! Shows a stream of received bytes on a terminal, with control characters escaped.

use crate::escape::escaped;

/// Turns a stream of received bytes into text that is safe to print on a terminal.
///
/// A character that is split between two pieces is kept until it is complete.
///
/// ```
/// use common::TerminalText;
///
/// let mut text = TerminalText::default();
/// assert_eq!(text.show(b"bell: \x07, half of ni: \xe4\xbd"), r"bell: \x07, half of ni: ");
/// assert_eq!(text.show(b"\xa0\n"), "你\n");
/// assert_eq!(text.finish(), "");
/// ```
#[derive(Debug, Default)]
pub struct TerminalText {
    /// The bytes of an incomplete character, three at most.
    incomplete: Vec<u8>,
}

impl TerminalText {
    /// Returns the text for the next piece. Newlines and tabs are kept; every other control
    /// character is escaped.
    pub fn show(&mut self, piece: &[u8]) -> String {
        let mut bytes = std::mem::take(&mut self.incomplete);
        bytes.extend_from_slice(piece);
        let whole = whole_characters(&bytes);
        self.incomplete = bytes.split_off(whole);
        escaped(&bytes)
    }

    /// Returns what is left of an incomplete character at the end of the stream.
    pub fn finish(&mut self) -> String {
        escaped(&std::mem::take(&mut self.incomplete))
    }
}

/// Returns the number of bytes before an incomplete character at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    // A character has four bytes at most, an incomplete one three.
    (1..=bytes.len().min(3))
        .map(|back| bytes.len() - back)
        .find(|&at| match std::str::from_utf8(&bytes[at..]) {
            // `error_len` is `None` if more bytes could complete the character.
            Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
            Ok(_) => false,
        })
        .unwrap_or(bytes.len())
}
