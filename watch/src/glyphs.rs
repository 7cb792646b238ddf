//! What this terminal can show: colours or none, all characters or those of ASCII.

use std::env;

use homework::messages::Language;

use crate::styled_text::{Line, Span};

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub struct Glyphs {
    /// Whether it shows colours: <https://no-color.org>.
    pub colours: bool,
    /// Whether it shows more than ASCII.
    pub unicode: bool,
}

impl Glyphs {
    /// What the environment says. Who reads Chinese can see it.
    pub fn of_environment(language: Language) -> Self {
        let first = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env::var_os);
        let locale = first.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        let is_utf_8 = locale.contains("utf-8") || locale.contains("utf8");
        Glyphs {
            colours: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            unicode: is_utf_8 || cfg!(windows) || language == Language::Zh,
        }
    }

    /// A line as this terminal can show it.
    pub fn show(self, line: Line) -> Line {
        let shown = |Span { style, text }| Span {
            style: if self.colours { style } else { String::new() },
            text: if self.unicode { text } else { in_ascii(&text) },
        };
        Line(line.0.into_iter().map(shown).collect())
    }
}

/// The glyphs that stand for others, and escapes for what has none.
fn in_ascii(text: &str) -> String {
    let mut shown = String::new();
    for character in text.replace("↑↓", "Up/Down").chars() {
        match character {
            '✓' => shown.push('+'),
            '✗' => shown.push('x'),
            '·' => shown.push('.'),
            '─' | '░' => shown.push('-'),
            '│' => shown.push('|'),
            '█' => shown.push('#'),
            _ if character.is_ascii() => shown.push(character),
            _ => shown.extend(character.escape_unicode()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ascii_lacks_is_shown_all_the_same() {
        assert_eq!(in_ascii("✓ \"hi\" ──> 你 ↑↓"), "+ \"hi\" --> \\u{4f60} Up/Down");
    }
}
