//! What the terminal can show: colours or none, Unicode or ASCII.

use std::env;

use homework::messages::Language;

use crate::styled_text::{Line, Span};

#[derive(Debug, Clone, Copy)]
pub struct Glyphs {
    /// Whether to use colours: <https://no-color.org>.
    pub colours: bool,
    /// Whether to use more than ASCII.
    pub unicode: bool,
}

impl Glyphs {
    /// Reads the environment. A student who reads Chinese has a terminal that shows it.
    pub fn of_environment(language: Language) -> Self {
        let variables = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env::var_os);
        let locale = variables.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        let is_utf_8 = locale.contains("utf-8") || locale.contains("utf8");
        Glyphs {
            colours: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            unicode: is_utf_8 || cfg!(windows) || language == Language::Zh,
        }
    }

    /// Replaces what the terminal can't show.
    pub fn apply(self, line: Line) -> Line {
        let apply = |Span { style, text }| Span {
            style: if self.colours { style } else { String::new() },
            text: if self.unicode { text } else { in_ascii(&text) },
        };
        Line(line.0.into_iter().map(apply).collect())
    }
}

/// Replaces this program's symbols, and escapes all other characters that aren't ASCII.
fn in_ascii(text: &str) -> String {
    let mut ascii = String::new();
    for character in text.replace("↑↓", "Up/Down").chars() {
        match character {
            '✓' => ascii.push('+'),
            '✗' => ascii.push('x'),
            '·' => ascii.push('.'),
            '─' | '░' => ascii.push('-'),
            '│' => ascii.push('|'),
            '█' => ascii.push('#'),
            _ if character.is_ascii() => ascii.push(character),
            _ => ascii.extend(character.escape_unicode()),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_has_a_replacement_for_every_character() {
        assert_eq!(in_ascii("✓ \"hi\" ──> 你 ↑↓"), "+ \"hi\" --> \\u{4f60} Up/Down");
    }
}
