//! Marks as Markdown, for the summary of a workflow on a code host.

use std::fmt::Write as _;

use crate::failure_text::remarks;
use crate::formats::{again, mistakes, whose};
use crate::grading::marks::{Marks, TaskMark, points};
use crate::messages::Messages;
use crate::skip_reasons::{not_tried, reason_in_short};

/// Formats a table for each folder: its tasks, their points, and what to fix.
pub fn tables(messages: &Messages, marks: &[Marks]) -> String {
    let tables = marks.iter().map(|marks| table(messages, marks));
    tables.collect::<Vec<_>>().join("\n")
}

fn table(messages: &Messages, marks: &Marks) -> String {
    let total = messages.of(points(marks.tenths()), "100");
    let mut table = format!("### {}: {total}\n\n", text(&whose(&marks.student)));
    let columns = ["column-task", "column-points", "column-tests"].map(|key| messages.get(key));
    _ = writeln!(table, "| | {} | |\n|:-:|:--|--:|--:|:--|", columns.join(" | "));
    for mark in marks.regressions().chain(marks.homework()) {
        let sign = if mark.is_complete() { "✓" } else { "✗" };
        let title = text(messages.task(&mark.task.name));
        let earned = messages.of(points(mark.tenths()), mark.task.points);
        let tests = messages.of(mark.passed(), mark.tests.len());
        let why = missing(messages, mark, marks.seed);
        _ = writeln!(table, "| {sign} | {title} | {earned} | {tests} | {why} |");
    }
    table
}

fn missing(messages: &Messages, mark: &TaskMark, seed: u32) -> String {
    let failed = mistakes(messages, mark).into_iter();
    let failed = failed.map(|it| format!("{}<br>`{}`", text(&it.line), again(it.test, seed)));
    let notes =
        not_tried(messages, mark, reason_in_short).into_iter().chain(remarks(messages, mark));
    failed.chain(notes.map(|line| text(&line))).collect::<Vec<_>>().join("<br>")
}

/// Escapes characters that would be markup, or end the cell.
fn text(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        match character {
            '<' => shown += "&lt;",
            '>' => shown += "&gt;",
            '&' => shown += "&amp;",
            '@' => shown += "&#64;", // would notify a user of that name
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '$' => {
                shown.push('\\');
                shown.push(character);
            }
            _ => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_output_is_never_markup() {
        let printed = "| <img src=x> `a` [b](http://c) @d \\| &lt;";
        let expected =
            "\\| &lt;img src=x&gt; \\`a\\` \\[b\\]\\(http://c\\) &#64;d \\\\\\| &amp;lt;";
        assert_eq!(text(printed), expected);
    }
}
