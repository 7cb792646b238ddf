//! The questions, one at a time. Each answer goes into homework/answers.toml.

use std::fs;
use std::path::Path;

use anyhow::Result;
use crossterm::event::{KeyCode, KeyEvent};
use homework::grading::submission::ANSWERS;
use homework::messages::{Explain as _, message};

use crate::answers_file::{self, Field};
use crate::line_editor::LineEditor;

#[derive(Debug)]
pub struct Questions {
    /// All fields. There's at least one.
    pub fields: Vec<Field>,
    pub current: usize,
    pub editor: LineEditor,
}

impl Questions {
    /// Reads the answers file of the workspace at `root`, and starts with the first empty field.
    pub fn open(root: &Path) -> Result<Self> {
        let (_, fields) = read(root)?;
        let first = fields.iter().position(|field| field.answer.is_empty()).unwrap_or(0);
        let mut questions = Questions { fields, current: first, editor: LineEditor::default() };
        questions.go_to(first);
        Ok(questions)
    }

    pub fn field(&self) -> &Field {
        &self.fields[self.current]
    }

    /// Handles a key. Returns whether the page stays open.
    pub fn handle_key(&mut self, key: KeyEvent, root: &Path) -> Result<bool> {
        match key.code {
            KeyCode::Esc => return Ok(false),
            KeyCode::Up => self.go_to(self.current.saturating_sub(1)),
            KeyCode::Down => self.go_to(self.current + 1),
            KeyCode::Enter => {
                self.save(root)?;
                if self.current + 1 >= self.fields.len() {
                    return Ok(false);
                }
                self.go_to(self.current + 1);
            }
            _ => self.editor.handle_key(key),
        }
        Ok(true)
    }

    fn go_to(&mut self, index: usize) {
        self.current = index.min(self.fields.len() - 1);
        self.editor = LineEditor::new(&self.field().answer);
    }

    /// Writes the answer. Reads the file again first: an editor may have changed it.
    fn save(&mut self, root: &Path) -> Result<()> {
        let field = self.field();
        if field.answer == self.editor.text() {
            return Ok(());
        }
        let (text, _) = read(root)?;
        let text = answers_file::write_answer(&text, &field.path, &self.editor.text())?;
        fs::write(root.join(ANSWERS), text).explain(message!("cannot-write", file = ANSWERS))?;
        (_, self.fields) = read(root)?;
        Ok(())
    }
}

fn read(root: &Path) -> Result<(String, Vec<Field>)> {
    let text = fs::read_to_string(root.join(ANSWERS));
    let text = text.explain(message!("cannot-read", file = ANSWERS))?;
    let fields = answers_file::read_fields(&text);
    let fields = fields.explain(message!("cannot-use", file = ANSWERS))?;
    anyhow::ensure!(!fields.is_empty(), message!("no-fields", file = ANSWERS));
    Ok((text, fields))
}
