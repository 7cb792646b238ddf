//! The questions, one at a time: an answer is typed, and written into the form.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use crossterm::event::{KeyCode, KeyEvent};
use homework::grading::submission::ANSWERS;

use crate::answers_file::{self, Blank};
use crate::line_editor::LineEditor;

/// Where one is in the form.
#[derive(Debug)]
pub struct Questions {
    /// The text of the form, as it was read last.
    pub text: String,
    /// Its blanks.
    pub blanks: Vec<Blank>,
    /// Which of them is asked.
    pub at: usize,
    /// What is being typed.
    pub entry: LineEditor,
}

/// What a key did.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    /// The questions go on.
    GoesOn,
    /// They are left.
    Left,
}

impl Questions {
    /// Reads the form of the workspace at `root`, and begins with its first empty blank.
    ///
    /// # Errors
    ///
    /// The form cannot be read.
    pub fn open(root: &Path) -> Result<Self> {
        let (text, blanks) = read(root)?;
        let at = blanks.iter().position(|blank| blank.value.is_blank()).unwrap_or(0);
        let mut questions = Questions { text, blanks, at, entry: LineEditor::default() };
        questions.go_to(at);
        Ok(questions)
    }

    /// The blank that is asked.
    pub fn blank(&self) -> Option<&Blank> {
        self.blanks.get(self.at)
    }

    /// Does what a key says.
    ///
    /// # Errors
    ///
    /// The form cannot be written.
    pub fn press(&mut self, key: KeyEvent, root: &Path) -> Result<Done> {
        match key.code {
            KeyCode::Esc => return Ok(Done::Left),
            KeyCode::Up => self.go_to(self.at.saturating_sub(1)),
            KeyCode::Down => self.go_to(self.at + 1),
            KeyCode::Enter => {
                self.write(root)?;
                if self.at + 1 == self.blanks.len() {
                    return Ok(Done::Left);
                }
                self.go_to(self.at + 1);
            }
            _ => self.entry.press(key),
        }
        Ok(Done::GoesOn)
    }

    fn go_to(&mut self, at: usize) {
        self.at = at.min(self.blanks.len().saturating_sub(1));
        self.entry =
            LineEditor::new(&self.blank().map(|blank| blank.value.typed()).unwrap_or_default());
    }

    /// Writes what was typed into the form as it is by now: somebody may have changed it elsewhere.
    fn write(&mut self, root: &Path) -> Result<()> {
        let Some(blank) = self.blank() else { return Ok(()) };
        if blank.value.typed() == self.entry.text() {
            return Ok(());
        }
        let (text, _) = read(root)?;
        let text = answers_file::filled(&text, &blank.path, &self.entry.text())?;
        fs::write(root.join(ANSWERS), text).with_context(|| format!("cannot write {ANSWERS}"))?;
        (self.text, self.blanks) = read(root)?;
        Ok(())
    }
}

fn read(root: &Path) -> Result<(String, Vec<Blank>)> {
    let text = fs::read_to_string(root.join(ANSWERS));
    let text = text.with_context(|| format!("cannot read {ANSWERS}"))?;
    let blanks = answers_file::blanks(&text).with_context(|| format!("cannot use {ANSWERS}"))?;
    Ok((text, blanks))
}
