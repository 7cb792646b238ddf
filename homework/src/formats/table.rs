//! The marks as a table of each folder, for people.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::formats::{Marked, again, mistakes, of, whose};
use crate::grading::mark::{Marks, TaskMark, points};
use crate::grading::rubric::Rubric;
use crate::reasons::{not_tried, reason};
use crate::texts::Texts;

/// Columns of the titles in a table.
const TITLE: usize = 30;

/// A table of each folder, and below them how to see more.
pub fn tables(texts: &Texts, marked: &Marked, more: &str) -> String {
    let Marked { rubric, marks, seed, .. } = *marked;
    let tables = marks.iter().map(|marks| table(texts, rubric, marks, seed));
    let mut text = tables.collect::<Vec<_>>().join("\n\n");
    if seed != 0 {
        let seed = texts.fill("seed", &[("seed", &seed.to_string())]);
        text += &format!("\n{seed}\n");
    }
    if marks.iter().any(|marks| marks.tenths() < 1000) {
        text += &format!("\n{}\n", texts.get(more));
    }
    text
}

/// A table of one folder: each task, what failed in it, and the total.
fn table(texts: &Texts, rubric: &Rubric, marks: &Marks, seed: u32) -> String {
    let mut table = format!("{}\n\n", whose(&marks.student));
    let [task, earned, tests] =
        ["column task", "column points", "column tests"].map(|column| texts.get(column));
    table += &row_of(task, earned, tests);
    for mark in marks.lost() {
        let lost = texts.fill("lost", &[("task", texts.task(&mark.task.name))]);
        _ = writeln!(table, "  ! {lost}");
        lines(texts, mark, seed, &mut table);
    }
    for mark in marks.homework() {
        task_row(texts, mark, seed, &mut table);
    }
    let total = of(texts, &points(marks.tenths()), "100");
    table += &row_of(texts.get("total"), &total, "");
    let beyond = points(marks.beyond_tenths());
    let all = rubric.beyond_points().to_string();
    _ = writeln!(table, "\n  {}", texts.fill("beyond", &[("one", &beyond), ("all", &all)]));
    for mark in marks.beyond() {
        task_row(texts, mark, seed, &mut table);
    }
    table
}

fn task_row(texts: &Texts, mark: &TaskMark, seed: u32, table: &mut String) {
    let earned = of(texts, &points(mark.tenths()), &mark.task.points.to_string());
    let tests = of(texts, &mark.passed().to_string(), &mark.tests.len().to_string());
    *table += &row_of(texts.task(&mark.task.name), &earned, &tests);
    lines(texts, mark, seed, table);
}

fn row_of(title: &str, points: &str, tests: &str) -> String {
    let pad = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(text.width()));
    let line = format!("  {title}{}{}{points}   {tests}", pad(title, TITLE), pad(points, 12));
    format!("{}\n", line.trim_end())
}

/// What failed in a task and what was not tried, one line for each mistake: the first test that
/// it made fail, how many more, and the command that shows it again.
fn lines(texts: &Texts, mark: &TaskMark, seed: u32, table: &mut String) {
    for mistake in mistakes(texts, mark) {
        let (line, again) = (mistake.line, again(mistake.test, seed));
        _ = writeln!(table, "      - {line}\n        {again}");
    }
    for line in not_tried(texts, mark, reason) {
        _ = writeln!(table, "      - {line}");
    }
}
