//! Draws a sequence diagram: two participants, and an arrow for each step.
//!
//! With the text on the arrow, as the notes draw it:
//!
//! ```text
//! the test                         your server
//! |- 4 bytes "one\n" ------------------------>|
//! |<------------------------ 4 bytes "one\n" -|
//! ```
//!
//! or next to it, for steps in which both participants do something:
//!
//! ```text
//! #1 connects            ──>  4 accept   -> 4
//! ```

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The columns of an arrow around its text.
const ARROW: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrow {
    Right,
    Left,
}

/// Returns a line with what both participants do. The text on the left is padded to `left_width` columns.
pub fn beside(left: &str, arrow: Option<Arrow>, right: &str, left_width: usize) -> String {
    let space = " ".repeat(left_width.saturating_sub(left.width()));
    let arrow = match arrow {
        None => "   ",
        Some(Arrow::Right) => "──>",
        Some(Arrow::Left) => "<──",
    };
    format!("{left}{space} {arrow}  {right}").trim_end().to_owned()
}

/// A diagram with the texts on the arrows.
#[derive(Debug)]
pub struct Diagram {
    pub lines: Vec<String>,
    inside: usize,
}

impl Diagram {
    /// Starts a diagram of `width` columns with the names of its participants.
    pub fn new(left: &str, right: &str, width: usize) -> Self {
        let inside = width.saturating_sub(2).max(ARROW + 10);
        let space = " ".repeat((inside + 2).saturating_sub(left.width() + right.width()));
        Self { lines: vec![format!("{left}{space}{right}")], inside }
    }

    /// Adds an arrow. The start of a text that is too long for its arrow goes above it.
    pub fn add(&mut self, arrow: Arrow, text: &str) {
        let mut pieces = split(text, self.inside - ARROW);
        let last = pieces.pop().unwrap_or_default();
        for piece in pieces {
            let space = " ".repeat(self.inside - 2 - piece.width());
            self.lines.push(match arrow {
                Arrow::Right => format!("|  {piece}{space}|"),
                Arrow::Left => format!("|{space}{piece}  |"),
            });
        }
        let dashes = "-".repeat(self.inside - 4 - last.width());
        self.lines.push(match arrow {
            Arrow::Right => format!("|- {last} {dashes}>|"),
            Arrow::Left => format!("|<{dashes} {last} -|"),
        });
    }

    /// Adds a broken arrow to the left, for something that didn't arrive.
    pub fn add_broken(&mut self) {
        let dashes = |columns: usize| "- ".repeat(columns / 2);
        let (before, after) = (self.inside / 2 - 1, self.inside - self.inside / 2 - 3);
        let (left, right) = (dashes(before), dashes(after));
        self.lines.push(format!("|<{left:before$}✗  {right:after$}|"));
    }
}

/// Splits a text into pieces of at most `width` columns.
fn split(text: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let columns = character.width().unwrap_or(0);
        if used + columns > width {
            pieces.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_the_width_of_the_diagram() {
        let mut diagram = Diagram::new("the test", "your server", 32);
        for text in ["", "hello", "你好，世界", &"x".repeat(50), &"好".repeat(50)] {
            diagram.add(Arrow::Right, text);
            diagram.add(Arrow::Left, text);
        }
        diagram.add_broken();
        assert!(diagram.lines.len() > 12);
        for line in diagram.lines {
            assert_eq!(line.width(), 32, "{line}");
        }
    }
}
