//! What programs print, in whole lines.

use common::TerminalText;

/// What has been printed of each program's unfinished line.
#[derive(Default)]
pub struct Outputs(Vec<(&'static str, TerminalText, String)>);

impl Outputs {
    /// The lines that end with this piece of a program's output.
    pub fn lines(&mut self, name: &'static str, bytes: &[u8]) -> Vec<String> {
        if !self.0.iter().any(|(other, ..)| *other == name) {
            self.0.push((name, TerminalText::default(), String::new()));
        }
        let mut lines = Vec::new();
        for (_, text, begun) in self.0.iter_mut().filter(|(other, ..)| *other == name) {
            *begun += &text.show(bytes);
            while let Some((line, rest)) = begun.split_once('\n') {
                lines.push(line.to_owned());
                *begun = rest.to_owned();
            }
        }
        lines
    }

    /// What is left at the end of its output.
    pub fn rest(&mut self, name: &str) -> Option<String> {
        let (_, text, begun) = self.0.iter_mut().find(|(other, ..)| *other == name)?;
        let rest = std::mem::take(begun) + &text.finish();
        Some(rest).filter(|rest| !rest.is_empty())
    }
}
