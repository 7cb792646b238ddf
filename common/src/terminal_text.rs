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
        let last = bytes.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
        // `error_len` is `None` if more bytes could complete the character.
        if str::from_utf8(last).is_err_and(|error| error.error_len().is_none()) {
            self.incomplete = bytes.split_off(bytes.len() - last.len());
        }
        escaped(&bytes)
    }

    /// Returns what is left of an incomplete character at the end of the stream.
    pub fn finish(&mut self) -> String {
        escaped(&std::mem::take(&mut self.incomplete))
    }
}
