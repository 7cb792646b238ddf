//! Text with colours: measures it, cuts it, and wraps it into lines.

use std::fmt;

use common::escaped;
use unicode_width::UnicodeWidthChar as _;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The parameters of the escape sequence (ECMA-48, SGR) that selects the style: `32` is green.
    pub style: String,
    /// The text. It contains no control characters.
    pub text: String,
}

/// A line of spans. As [`fmt::Display`] it's drawn on a terminal, with its colours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line(pub Vec<Span>);

const NEVER_FIRST: &str = "，。、；：？！）”》";

pub const GOOD: &str = "32"; // green
pub const BAD: &str = "31"; // red
pub const BOLD: &str = "1";
pub const DIM: &str = "2";
pub const PLAIN: &str = "";

impl Line {
    pub fn new(style: &str, text: impl AsRef<str>) -> Self {
        Line::default().with(style, text)
    }

    /// Appends text. Control characters in it are escaped.
    pub fn with(mut self, style: &str, text: impl AsRef<str>) -> Self {
        let text = escaped(text.as_ref().as_bytes()).replace(['\n', '\t'], " ");
        self.0.push(Span { style: style.to_owned(), text });
        self
    }

    /// Creates a line from compiler output, with its colours. Other control characters are escaped.
    pub fn from_ansi(text: &str) -> Self {
        let mut style = String::new();
        let mut pieces = text.split("\x1b[");
        let mut line = Line::new(PLAIN, pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(piece.len());
            let (numbers, rest) = piece.split_at(end);
            let Some(rest) = rest.strip_prefix('m') else {
                line = line.with(&style, format!("\x1b[{piece}"));
                continue;
            };
            match numbers {
                "" | "0" => style.clear(),
                numbers if style.is_empty() => style = numbers.to_owned(),
                numbers => style = format!("{style};{numbers}"),
            }
            line = line.with(&style, rest);
        }
        line.0.retain(|span| !span.text.is_empty());
        line
    }

    pub fn width(&self) -> usize {
        self.0.iter().flat_map(|span| span.text.chars()).map(columns).sum()
    }

    pub fn text(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }

    pub fn cut(&self, width: usize) -> Line {
        let mut used = 0;
        let fits = |character: &char| {
            used += columns(*character);
            used <= width
        };
        self.split_at(self.text().chars().take_while(fits).map(char::len_utf8).sum()).0
    }

    /// Wraps the line at spaces where there are some. All lines but the first are indented.
    pub fn wrapped(&self, width: usize, indent: usize) -> Vec<Line> {
        let width = width.max(2);
        let indent = if indent * 2 > width { 0 } else { indent };
        let (mut rest, mut lines) = (self.clone(), Vec::new());
        while rest.width() > width {
            let fits = rest.cut(width).text();
            let at = line_break(&fits, &rest.text()[fits.len()..]);
            let (line, more) = rest.split_at(at);
            lines.push(line);
            rest = more.split_at(more.text().len() - more.text().trim_start().len()).1;
            if !rest.0.is_empty() {
                rest.0.insert(0, Span { style: String::new(), text: " ".repeat(indent) });
            }
        }
        if lines.is_empty() || !rest.text().trim().is_empty() {
            lines.push(rest);
        }
        lines
    }

    /// Splits the line at a byte of its text.
    fn split_at(&self, mut at: usize) -> (Line, Line) {
        let (mut before, mut after) = (Line::default(), Line::default());
        for Span { style, text } in &self.0 {
            let (head, tail) = text.split_at(at.min(text.len()));
            at -= head.len();
            for (line, part) in [(&mut before, head), (&mut after, tail)] {
                if !part.is_empty() {
                    line.0.push(Span { style: style.clone(), text: part.to_owned() });
                }
            }
        }
        (before, after)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for Span { style, text } in &self.0 {
            match style.is_empty() {
                true => write!(f, "{text}")?,
                false => write!(f, "\x1b[{style}m{text}\x1b[0m")?,
            }
        }
        Ok(())
    }
}

/// Returns the byte offset at which to break a line, given the part that fits and the rest.
fn line_break(fits: &str, rest: &str) -> usize {
    let next = rest.chars().next().unwrap_or(' ');
    let last = fits.char_indices().next_back();
    // Chinese text may break anywhere except before closing punctuation.
    if NEVER_FIRST.contains(next) {
        return last.map(|(at, _)| at).filter(|at| *at > 0).unwrap_or(fits.len());
    }
    if next == ' ' || last.is_some_and(|(_, last)| columns(last) > 1) {
        return fits.len();
    }
    // Rather split a long word than use less than half the line.
    let space = fits.trim_start().rfind(' ').map(|at| at + fits.len() - fits.trim_start().len());
    space.filter(|at| at * 2 > fits.len()).unwrap_or(fits.len())
}

fn columns(character: char) -> usize {
    character.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_is_never_split() {
        let line = Line::new(PLAIN, "你好，世界");
        assert_eq!(line.width(), 10);
        assert_eq!(line.cut(5).text(), "你好");
        let lines: Vec<_> = line.wrapped(4, 0).iter().map(Line::text).collect();
        assert_eq!(lines, ["你", "好，", "世界"]);
        assert_eq!(line.wrapped(2, 0).len(), 5);
    }

    #[test]
    fn lines_wrap_at_spaces() {
        let lines = Line::new(PLAIN, "receive and send in a loop").wrapped(12, 2);
        let lines: Vec<_> = lines.iter().map(Line::text).collect();
        assert_eq!(lines, ["receive and", "  send in a", "  loop"]);
        let split = Line::new(PLAIN, "x".repeat(9)).wrapped(4, 0);
        assert_eq!(split.len(), 3);
        assert_eq!(Line::new(PLAIN, "").wrapped(4, 0).len(), 1);
    }

    #[test]
    fn only_colours_of_ansi_text_are_kept() {
        let line = Line::from_ansi("\x1b[1m\x1b[31merror\x1b[0m: a\x1b[2Jb\x07");
        assert_eq!(line.text(), "error: a\\x1b[2Jb\\x07");
        assert_eq!(line.0[0].style, "1;31");
        assert_eq!(line.0[1].style, "");
    }
}
