//! The marks, as a table for people and in the formats of other programs. The numbers are the
//! same in all of them.

use std::fmt::Write as _;
use std::path::Path;

use net_utils::text::{counted, one_line};
use serde_json::{Value, json};

use crate::marks::{Failure, Marks, TaskMark};
use crate::rubric::Rubric;

/// Columns of the titles in a table.
const TITLE: usize = 24;

/// A table of one folder: each task, what failed in it, and the total.
pub fn table(rubric: &Rubric, marks: &Marks) -> String {
    let mut table = format!("{}\n\n", shown(&marks.folder));
    _ = writeln!(table, "     {:TITLE$} {:>12}   tests", "task", "points");
    for (number, (task, mark)) in rubric.tasks.iter().zip(&marks.tasks).enumerate() {
        let points = format!("{} of {}", points(mark.tenths), task.points);
        let tests = format!("{} of {}", mark.tests - mark.failed.len(), mark.tests);
        _ = writeln!(table, "{:>3}  {:TITLE$} {points:>12}   {tests}", number + 1, task.title);
        for line in failures(mark) {
            _ = writeln!(table, "       - {line}");
        }
    }
    let total = format!("{} of 100", points(marks.tenths()));
    _ = writeln!(table, "     {:TITLE$} {total:>12}", "total");
    table
}

/// What failed in a task, one line for each mistake: the first test that it made fail, in the
/// order of the rubric, and how many more.
pub fn failures(mark: &TaskMark) -> Vec<String> {
    let mut groups: Vec<(&str, &Failure, usize)> = Vec::new();
    for (test, failure) in &mark.failed {
        match groups.iter_mut().find(|(_, first, _)| first.is_like(failure)) {
            Some((_, _, count)) => *count += 1,
            None => groups.push((test, failure, 1)),
        }
    }
    groups
        .into_iter()
        .map(|(test, failure, count)| match count {
            1 => format!("{test}: {}", failure.message()),
            _ => format!("{test} and {} more: {}", count - 1, failure.message()),
        })
        .collect()
}

/// The marks of all folders, as JSON.
pub fn json(rubric: &Rubric, marks: &[Marks], skipped: &[(String, String)]) -> String {
    let folders: Vec<Value> = marks
        .iter()
        .map(|marks| {
            json!({
                "folder": shown(&marks.folder),
                "points": number(marks.tenths()),
                "max_points": 100,
                "problems": marks.problems,
                "tasks": rubric.tasks.iter().zip(&marks.tasks).map(|(task, mark)| json!({
                    "title": task.title,
                    "points": number(mark.tenths),
                    "max_points": task.points,
                    "section": format!("NOTES.md#{}", task.section),
                    "tests": mark.tests,
                    "passed": mark.tests - mark.failed.len(),
                    "failed": mark.failed.iter().map(|(test, failure)| json!({
                        "test": test,
                        "message": failure.message(),
                    })).collect::<Vec<_>>(),
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let skipped: Vec<Value> = skipped
        .iter()
        .map(|(folder, reason)| json!({ "folder": folder, "reason": reason }))
        .collect();
    format!("{:#}\n", json!({ "folders": folders, "skipped": skipped }))
}

/// A row for each folder, as RFC 4180 writes a table. The first row names the columns.
pub fn csv(rubric: &Rubric, marks: &[Marks]) -> String {
    let titles = rubric.tasks.iter().map(|task| task.title.clone());
    let mut table =
        row(["folder".into()].into_iter().chain(titles).chain(["total".into(), "problems".into()]));
    for marks in marks {
        let tasks = marks.tasks.iter().map(|mark| points(mark.tenths));
        let end = [points(marks.tenths()), marks.problems.join("; ")];
        table += &row([shown(&marks.folder)].into_iter().chain(tasks).chain(end));
    }
    // Spreadsheets take a file for the system's own character set, unless it begins with a byte
    // order mark. Other programs may stumble over one, so it is there only when it matters.
    if table.is_ascii() { table } else { format!("\u{feff}{table}") }
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells
        .map(|mut cell| {
            // A spreadsheet would take this for a formula and compute it.
            if cell.starts_with(['=', '+', '-', '@']) {
                cell.insert(0, '\'');
            }
            match cell.contains([',', '"', '\n', '\r']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell,
            }
        })
        .collect();
    cells.join(",") + "\r\n"
}

/// What Gradescope reads as `results.json`:
/// <https://gradescope-autograders.readthedocs.io/en/latest/specs/>.
pub fn gradescope(rubric: &Rubric, marks: &Marks) -> String {
    let tests: Vec<Value> = rubric.tasks.iter().zip(&marks.tasks).map(|(task, mark)| json!({
        "name": task.title,
        "score": number(mark.tenths),
        "max_score": task.points,
        "status": if mark.failed.is_empty() { "passed" } else { "failed" },
        "output": match failures(mark) {
            lines if lines.is_empty() => format!("{} passed", counted(mark.tests as u64, "test")),
            lines => lines.join("\n"),
        },
    })).collect();
    format!("{:#}\n", json!({ "score": number(marks.tenths()), "tests": tests }))
}

/// Points as a text, such as `7.5`.
pub fn points(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn number(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}

/// A folder's name, safe to show.
pub fn shown(folder: &Path) -> String {
    one_line(&folder.display().to_string())
}
