//! A stream of received bytes on a terminal: as text, and never as commands to it.

use crate::text::escaped;

/// Turns a stream of received bytes into text for a terminal, piece by piece.
///
/// A piece may end in the middle of a character: its bytes wait here for the next piece, so
/// that the character is shown whole.
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
    /// The first bytes of a character whose last bytes have not come yet: at most three.
    unfinished: Vec<u8>,
}

impl TerminalText {
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
