//! The marks as a table of each folder, for people.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::formats::{Gradebook, again, mistakes, of, whose};
use crate::grading::marks::{Marks, TaskMark, points};
use crate::grading::rubric::Rubric;
use crate::messages::Messages;
use crate::reasons::{not_tried, reason};

/// Columns of the titles in a table.
const TITLE: usize = 30;

/// A table of each folder, and below them how to see more.
pub fn tables(messages: &Messages, marked: &Gradebook, more: &str) -> String {
    let Gradebook { rubric, marks, seed, .. } = *marked;
    let tables = marks.iter().map(|marks| table(messages, rubric, marks, seed));
    let mut text = tables.collect::<Vec<_>>().join("\n\n");
    if seed != 0 {
        let seed = messages.fill("seed", &[("seed", &seed.to_string())]);
        text += &format!("\n{seed}\n");
    }
    if marks.iter().any(|marks| marks.tenths() < 1000) {
        text += &format!("\n{}\n", messages.get(more));
    }
    text
}

/// A table of one folder: each task, what failed in it, and the total.
fn table(messages: &Messages, rubric: &Rubric, marks: &Marks, seed: u32) -> String {
    let mut table = format!("{}\n\n", whose(&marks.student));
    let [task, earned, tests] =
        ["column-task", "column-points", "column-tests"].map(|column| messages.get(column));
    table += &row_of(task, earned, tests);
    for mark in marks.regressions() {
        let lost = messages.fill("lost", &[("task", messages.task(&mark.task.name))]);
        _ = writeln!(table, "  ! {lost}");
        lines(messages, mark, seed, &mut table);
    }
    for mark in marks.homework() {
        task_row(messages, mark, seed, &mut table);
    }
    let total = of(messages, &points(marks.tenths()), "100");
    table += &row_of(messages.get("total"), &total, "");
    let extra_credit = points(marks.extra_credit_tenths());
    let all = rubric.extra_credit_points().to_string();
    _ = writeln!(
        table,
        "\n  {}",
        messages.fill("extra-credit", &[("one", &extra_credit), ("all", &all)])
    );
    for mark in marks.extra_credit() {
        task_row(messages, mark, seed, &mut table);
    }
    table
}

fn task_row(messages: &Messages, mark: &TaskMark, seed: u32, table: &mut String) {
    let earned = of(messages, &points(mark.tenths()), &mark.task.points.to_string());
    let tests = of(messages, &mark.passed().to_string(), &mark.tests.len().to_string());
    *table += &row_of(messages.task(&mark.task.name), &earned, &tests);
    lines(messages, mark, seed, table);
}

fn row_of(title: &str, points: &str, tests: &str) -> String {
    let pad = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(text.width()));
    let line = format!("  {title}{}{}{points}   {tests}", pad(title, TITLE), pad(points, 12));
    format!("{}\n", line.trim_end())
}

/// What failed in a task and what was not tried, one line for each mistake: the first test that
/// it made fail, how many more, and the command that shows it again.
fn lines(messages: &Messages, mark: &TaskMark, seed: u32, table: &mut String) {
    for mistake in mistakes(messages, mark) {
        let (line, again) = (mistake.line, again(mistake.test, seed));
        _ = writeln!(table, "      - {line}\n        {again}");
    }
    for line in not_tried(messages, mark, reason) {
        _ = writeln!(table, "      - {line}");
    }
}
