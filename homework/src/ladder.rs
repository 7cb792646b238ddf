//! A conversation as the notes draw one: a ladder between two, with an arrow for each step.
//!
//! ```text
//! the test                         your server
//! |- 4 bytes "one\n" ------------------------>|
//! |<------------------------ 4 bytes "one\n" -|
//! ```

use ::tests::Report;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::failure_text::{self, Step, Who};
use crate::messages::Messages;

/// The most columns of a ladder: as wide as those in the notes.
const WIDEST: usize = 64;

/// What an arrow needs besides its text.
const ARROW: usize = 6;

/// The conversation of a test that passed.
pub fn draw(messages: &Messages, report: &Report, width: usize) -> Vec<String> {
    let inside = width.min(WIDEST).saturating_sub(2).max(ARROW + 10);
    let steps = failure_text::steps(messages, report);
    if steps.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![heads(messages, report, inside)];
    for step in &steps {
        rung(step, inside, &mut lines);
    }
    lines
}

/// The same of one that failed: its last rung is the one that did not come.
pub fn draw_broken(messages: &Messages, report: &Report, width: usize) -> Vec<String> {
    let mut lines = draw(messages, report, width);
    if let Some(head) = lines.last() {
        let inside = head.width().max(width.min(WIDEST)).saturating_sub(2).max(ARROW + 10);
        let dashes = |columns: usize| "- ".repeat(columns / 2);
        let (before, after) = (inside / 2, inside - inside / 2 - 3);
        let (left, right) = (dashes(before - 1), dashes(after));
        lines.push(format!("|<{left:before$}✗  {right:after$}|", before = before - 1));
    }
    lines
}

/// Who stands on either side.
fn heads(messages: &Messages, report: &Report, inside: usize) -> String {
    let has = |name: &str| report.programs.iter().any(|program| program.command.contains(name));
    let right = match (has("server"), has("client")) {
        (true, true) => messages.get("your-programs"),
        (true, false) => messages.get("your-server"),
        (false, true) => messages.get("your-client"),
        _ => messages.get("your-program"),
    };
    let left = messages.get("the-test");
    let room = (inside + 2).saturating_sub(left.width() + right.width());
    format!("{left}{}{right}", " ".repeat(room))
}

fn rung(step: &Step, inside: usize, lines: &mut Vec<String>) {
    let Step { who, text, .. } = step;
    let is_of_test = match who {
        Who::Test => true,
        Who::Program => false,
        // It has no arrow.
        Who::Start => return lines.push(text.clone()),
    };
    // A text that is too long for its arrow stands above it.
    let mut parts = parts(text, inside - ARROW);
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let room = " ".repeat(inside - 2 - part.width());
        lines.push(match is_of_test {
            true => format!("|  {part}{room}|"),
            false => format!("|{room}{part}  |"),
        });
    }
    let dashes = "-".repeat(inside - 4 - last.width());
    lines.push(match is_of_test {
        true => format!("|- {last} {dashes}>|"),
        false => format!("|<{dashes} {last} -|"),
    });
}

/// A text in parts of at most so many columns.
fn parts(text: &str, columns: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let own = character.width().unwrap_or(0);
        if used + own > columns {
            parts.push(String::new());
            used = 0;
        }
        used += own;
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use ::tests::Endpoint;

    use super::*;

    #[test]
    fn each_rung_is_as_wide_as_the_ladder() {
        let mut lines = Vec::new();
        for text in ["", "hello", "你好，世界", &"x".repeat(50), &"好".repeat(50)] {
            for who in [Who::Test, Who::Program] {
                let step = Step { endpoint: Endpoint::Socket(1), who, text: text.to_owned() };
                rung(&step, 30, &mut lines);
            }
        }
        assert!(lines.len() > 12);
        for line in lines {
            assert_eq!(line.width(), 32, "{line}");
        }
    }
}
