//! Marks as a table for each folder, for people.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::failure_text::remarks;
use crate::formats::{Gradebook, again, mistakes, whose};
use crate::grading::marks::{Marks, TaskMark, points};
use crate::grading::rubric::Rubric;
use crate::messages::{Messages, message};
use crate::skip_reasons::{not_tried, reason};

const TITLE_WIDTH: usize = 30;

/// Formats a table for each folder. `more` is the key of a message about other output.
pub fn tables(messages: &Messages, gradebook: &Gradebook, more: &str) -> String {
    let Gradebook { rubric, marks, seed, .. } = *gradebook;
    let tables = marks.iter().map(|marks| table(messages, rubric, marks));
    let mut text = tables.collect::<Vec<_>>().join("\n\n");
    if let Some(seed) = seed {
        text += &format!("\n{}\n", messages.show(&message!("seed", seed)));
    }
    if marks.iter().any(|marks| marks.tenths() < 1000) {
        text += &format!("\n{}\n", messages.get(more));
    }
    text
}

fn table(messages: &Messages, rubric: &Rubric, marks: &Marks) -> String {
    let mut table = format!("{}\n\n", whose(&marks.student));
    let [task, earned, tests] =
        ["column-task", "column-points", "column-tests"].map(|column| messages.get(column));
    table += &row(task, earned, tests);
    for mark in marks.regressions() {
        let lost = messages.fill("lost", &[("task", messages.task(&mark.task.name))]);
        _ = writeln!(table, "  ! {lost}");
        lines(messages, mark, marks.seed, &mut table);
    }
    for mark in marks.homework() {
        task_row(messages, mark, marks.seed, &mut table);
    }
    let total = messages.of(points(marks.tenths()), "100");
    table += &row(messages.get("total"), &total, "");
    let (one, all) = (points(marks.extra_credit_tenths()), rubric.extra_credit_points());
    _ = writeln!(table, "\n  {}", messages.show(&message!("extra-credit", one, all)));
    for mark in marks.extra_credit() {
        task_row(messages, mark, marks.seed, &mut table);
    }
    table
}

fn task_row(messages: &Messages, mark: &TaskMark, seed: u32, table: &mut String) {
    let earned = messages.of(points(mark.tenths()), mark.task.points);
    let tests = messages.of(mark.passed(), mark.tests.len());
    *table += &row(messages.task(&mark.task.name), &earned, &tests);
    lines(messages, mark, seed, table);
}

fn row(title: &str, points: &str, tests: &str) -> String {
    let pad = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(text.width()));
    let line = format!("  {title}{}{}{points}   {tests}", pad(title, TITLE_WIDTH), pad(points, 12));
    format!("{}\n", line.trim_end())
}

/// Writes a line for each mistake, with the command that repeats its test, for each skip reason, and for each
/// remark.
fn lines(messages: &Messages, mark: &TaskMark, seed: u32, table: &mut String) {
    for mistake in mistakes(messages, mark) {
        let (line, again) = (mistake.line, again(mistake.test, seed));
        _ = writeln!(table, "      - {line}\n        {again}");
    }
    for line in not_tried(messages, mark, reason).into_iter().chain(remarks(messages, mark)) {
        _ = writeln!(table, "      - {line}");
    }
}
