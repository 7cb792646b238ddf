//! Text with colours: how wide it is, where it is cut, and how it is broken into lines.

use common::escaped;
use unicode_width::UnicodeWidthChar as _;

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The numbers of the style, as a terminal takes them (ECMA-48, SGR): `32` is green.
    pub style: String,
    /// The text, which holds nothing that acts on a terminal.
    pub text: String,
}

/// A line of spans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line(pub Vec<Span>);

/// Glyphs that close what stands before them.
const NEVER_FIRST: &str = "，。、；：？！）”》";

/// Green: passed.
pub const GOOD: &str = "32";
/// Red: failed.
pub const BAD: &str = "31";
/// Bold: the next thing to do.
pub const BOLD: &str = "1";
/// Dim: what matters less.
pub const DIM: &str = "2";
/// The terminal's default style.
pub const PLAIN: &str = "";

impl Line {
    /// A line in one style.
    pub fn new(style: &str, text: impl AsRef<str>) -> Self {
        Line::default().and(style, text)
    }

    /// The same with a text behind it.
    pub fn and(mut self, style: &str, text: impl AsRef<str>) -> Self {
        let text = escaped(text.as_ref().as_bytes()).replace(['\n', '\t'], " ");
        self.0.push(Span { style: style.to_owned(), text });
        self
    }

    /// A line with colours in it as the compiler prints them. Whatever else could act on a terminal
    /// is escaped: it may stand in somebody's source.
    pub fn with_colours(text: &str) -> Self {
        let mut line = Line::default();
        let mut style = String::new();
        let mut pieces = text.split("\x1b[");
        line = line.and(PLAIN, pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(piece.len());
            let (numbers, rest) = piece.split_at(end);
            match rest.strip_prefix('m') {
                Some(rest) => {
                    match numbers {
                        "" | "0" => style.clear(),
                        numbers if style.is_empty() => style = numbers.to_owned(),
                        numbers => style = format!("{style};{numbers}"),
                    }
                    line = line.and(&style, rest);
                }
                None => line = line.and(&style, format!("\x1b[{piece}")),
            }
        }
        line.0.retain(|span| !span.text.is_empty());
        line
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        self.0.iter().flat_map(|span| span.text.chars()).map(columns).sum()
    }

    /// The text alone.
    pub fn text(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }

    /// The part that fits into so many columns.
    pub fn cut(&self, width: usize) -> Line {
        self.split(width).0
    }

    /// The parts that fit into so many columns each, broken at spaces where there are some. Those
    /// after the first are indented.
    pub fn wrapped(&self, width: usize, indent: usize) -> Vec<Line> {
        let (mut rest, mut lines) = (self.clone(), Vec::new());
        let indent = if indent * 2 > width { 0 } else { indent };
        while rest.width() > width.max(2) {
            let (first, _) = rest.split(width.max(2));
            let fits = first.text();
            // Not in the middle of a word, unless there is no other place; Chinese has many.
            let start = fits.len() - fits.trim_start().len();
            let at =
                fits[start..].rfind(' ').map(|at| start + at).filter(|at| *at * 2 > fits.len());
            let last = fits.chars().next_back().is_some_and(|last| columns(last) > 1);
            let next = rest.text()[fits.len()..].chars().next().unwrap_or(' ');
            let at = match at {
                Some(at) if next != ' ' && !last => at,
                // No line begins with a comma.
                _ if NEVER_FIRST.contains(next) => match fits.char_indices().next_back() {
                    Some((at @ 1.., _)) => at,
                    _ => fits.len(),
                },
                _ => fits.len(),
            };
            let (line, more) = rest.split_at(at);
            lines.push(line);
            rest = more.trimmed();
            if !rest.0.is_empty() {
                rest.0.insert(0, Span { style: String::new(), text: " ".repeat(indent) });
            }
        }
        if lines.is_empty() || !rest.text().trim().is_empty() {
            lines.push(rest);
        }
        lines
    }

    fn split(&self, width: usize) -> (Line, Line) {
        let (mut used, mut at) = (0, 0);
        for character in self.0.iter().flat_map(|span| span.text.chars()) {
            used += columns(character);
            if used > width {
                break;
            }
            at += character.len_utf8();
        }
        self.split_at(at)
    }

    fn split_at(&self, mut at: usize) -> (Line, Line) {
        let (mut one, mut other) = (Line::default(), Line::default());
        for Span { style, text } in &self.0 {
            let (before, after) = text.split_at(at.min(text.len()));
            at -= before.len();
            for (line, part) in [(&mut one, before), (&mut other, after)] {
                if !part.is_empty() {
                    line.0.push(Span { style: style.clone(), text: part.to_owned() });
                }
            }
        }
        (one, other)
    }

    fn trimmed(mut self) -> Line {
        if let Some(first) = self.0.first_mut() {
            first.text = first.text.trim_start().to_owned();
        }
        self.0.retain(|span| !span.text.is_empty());
        self
    }
}

/// How many columns of a terminal a character takes.
pub fn columns(character: char) -> usize {
    character.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_is_never_cut_in_two() {
        let line = Line::new(PLAIN, "你好，世界");
        assert_eq!(line.width(), 10);
        assert_eq!(line.cut(5).text(), "你好");
        let lines: Vec<_> = line.wrapped(4, 0).iter().map(Line::text).collect();
        assert_eq!(lines, ["你", "好，", "世界"]);
        assert_eq!(line.wrapped(2, 0).len(), 5);
    }

    #[test]
    fn a_line_is_broken_at_its_spaces() {
        let lines: Vec<_> = Line::new(PLAIN, "receive and send in a loop")
            .wrapped(12, 2)
            .iter()
            .map(Line::text)
            .collect();
        assert_eq!(lines, ["receive and", "  send in a", "  loop"]);
        let one = Line::new(PLAIN, "x".repeat(9)).wrapped(4, 0);
        assert_eq!(one.len(), 3);
        assert_eq!(Line::new(PLAIN, "").wrapped(4, 0).len(), 1);
    }

    #[test]
    fn colours_pass_and_nothing_else_that_acts_on_a_terminal() {
        let line = Line::with_colours("\x1b[1m\x1b[31merror\x1b[0m: a\x1b[2Jb\x07");
        assert_eq!(line.text(), "error: a\\x1b[2Jb\\x07");
        assert_eq!(line.0[0].style, "1;31");
        assert_eq!(line.0[1].style, "");
    }
}
