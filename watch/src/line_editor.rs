//! A line that is being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The line, and where the cursor is in it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LineEditor {
    text: Vec<char>,
    at: usize,
}

impl LineEditor {
    /// A line with this text, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().collect();
        LineEditor { at: text.len(), text }
    }

    /// The text.
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// What stands before the cursor.
    pub fn before(&self) -> String {
        self.text[..self.at].iter().collect()
    }

    /// Changes the line, if this is a key for that.
    pub fn press(&mut self, key: KeyEvent) {
        let control = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('u') if control => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            KeyCode::Char(character) if !control && !character.is_control() => {
                self.text.insert(self.at, character);
                self.at += 1;
            }
            KeyCode::Backspace if self.at > 0 => {
                self.at -= 1;
                self.text.remove(self.at);
            }
            KeyCode::Delete if self.at < self.text.len() => _ = self.text.remove(self.at),
            KeyCode::Left => self.at = self.at.saturating_sub(1),
            KeyCode::Right => self.at = (self.at + 1).min(self.text.len()),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_any_width_are_one_step_each() {
        let mut entry = LineEditor::new("你b");
        for code in [KeyCode::Left, KeyCode::Backspace, KeyCode::Char('a'), KeyCode::Home] {
            entry.press(code.into());
        }
        assert_eq!((entry.text().as_str(), entry.before().as_str()), ("ab", ""));
        entry.press(KeyCode::Delete.into());
        entry.press(KeyCode::Backspace.into());
        assert_eq!(entry.text(), "b");
    }
}
