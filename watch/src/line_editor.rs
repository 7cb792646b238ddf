//! Edits one line of text.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LineEditor {
    text: Vec<char>,
    cursor: usize,
}

impl LineEditor {
    /// Starts with this text, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().collect();
        LineEditor { cursor: text.len(), text }
    }

    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    pub fn before_cursor(&self) -> String {
        self.text[..self.cursor].iter().collect()
    }

    /// Handles a key. Keys that don't edit are ignored.
    pub fn handle_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('u') if control => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            KeyCode::Char(character) if !control && !character.is_control() => {
                self.text.insert(self.cursor, character);
                self.cursor += 1;
            }
            KeyCode::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            KeyCode::Delete if self.cursor < self.text.len() => _ = self.text.remove(self.cursor),
            KeyCode::Left => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right => self.cursor = (self.cursor + 1).min(self.text.len()),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_moves_by_characters_of_any_width() {
        let mut editor = LineEditor::new("你b");
        for code in [KeyCode::Left, KeyCode::Backspace, KeyCode::Char('a'), KeyCode::Home] {
            editor.handle_key(code.into());
        }
        assert_eq!((editor.text().as_str(), editor.before_cursor().as_str()), ("ab", ""));
        editor.handle_key(KeyCode::Delete.into());
        editor.handle_key(KeyCode::Backspace.into());
        assert_eq!(editor.text(), "b");
    }
}
