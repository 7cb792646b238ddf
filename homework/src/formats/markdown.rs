//! The marks as a table of each folder for a page of a code host, such as the summary of a
//! workflow.

use std::fmt::Write as _;

use crate::formats::{again, mistakes, of, whose};
use crate::grading::marks::{Marks, TaskMark, points};
use crate::messages::Messages;
use crate::reasons::{not_tried, reason_in_short};

/// A table of each folder: the tasks of the homework, the points, and what to do about them.
pub fn tables(messages: &Messages, marks: &[Marks], seed: u32) -> String {
    let tables = marks.iter().map(|marks| table(messages, marks, seed));
    tables.collect::<Vec<_>>().join("\n")
}

fn table(messages: &Messages, marks: &Marks, seed: u32) -> String {
    let total = of(messages, &points(marks.tenths()), "100");
    let mut table = format!("### {}: {total}\n\n", text(&whose(&marks.student)));
    let columns = ["column-task", "column-points", "column-tests"].map(|key| messages.get(key));
    _ = writeln!(table, "| | {} | |\n|:-:|:--|--:|--:|:--|", columns.join(" | "));
    for mark in marks.regressions().chain(marks.homework()) {
        let sign = if mark.is_complete() { "✓" } else { "✗" };
        let title = text(messages.task(&mark.task.name));
        let earned = of(messages, &points(mark.tenths()), &mark.task.points.to_string());
        let tests = of(messages, &mark.passed().to_string(), &mark.tests.len().to_string());
        let why = what_is_missing(messages, mark, seed);
        _ = writeln!(table, "| {sign} | {title} | {earned} | {tests} | {why} |");
    }
    table
}

fn what_is_missing(messages: &Messages, mark: &TaskMark, seed: u32) -> String {
    let failed = mistakes(messages, mark).into_iter();
    let failed = failed.map(|it| format!("{}<br>`{}`", text(&it.line), again(it.test, seed)));
    let not_tried = not_tried(messages, mark, reason_in_short).into_iter().map(|line| text(&line));
    failed.chain(not_tried).collect::<Vec<_>>().join("<br>")
}

/// A text in which nothing is taken for markup or for the end of a cell.
fn text(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        match character {
            '<' => shown += "&lt;",
            '>' => shown += "&gt;",
            '&' => shown += "&amp;",
            '@' => shown += "&#64;", // the name of somebody, who would be called
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
    fn nothing_that_a_program_printed_is_markup() {
        let printed = "| <img src=x> `a` [b](http://c) @d \\| &lt;";
        let expected =
            "\\| &lt;img src=x&gt; \\`a\\` \\[b\\]\\(http://c\\) &#64;d \\\\\\| &amp;lt;";
        assert_eq!(text(printed), expected);
    }
}
