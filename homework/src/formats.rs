//! The marks, as a table for people and in the formats of other programs. The numbers are the
//! same in all of them, and so are the three results of a test: passed, failed, not tried.

use std::fmt::Write as _;
use std::path::Path;

use lesson::one_line;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::arguments::Format;
use crate::conversation;
use crate::marking::mark::{Failure, Marks, TaskMark, points};
use crate::marking::rubric::Rubric;
use crate::reasons::{not_tried, reason};
use crate::texts::Texts;

/// Columns of the titles in a table.
const TITLE: usize = 30;

/// A folder that was not marked, and why.
pub type Skipped = (String, String);

/// What was marked, and with what.
#[derive(Debug)]
pub struct Marked<'a> {
    /// The rubric that they are for.
    pub rubric: &'a Rubric,
    /// The marks of each folder.
    pub marks: &'a [Marks],
    /// The folders without marks.
    pub skipped: &'a [Skipped],
    /// From what the words that the tests sent were made.
    pub seed: u32,
}

/// The marks in a format. Below a table stands how to see more, a text of the table of texts.
pub fn print(texts: &Texts, format: Format, marked: &Marked, more: &str) -> String {
    let Marked { rubric, marks, skipped, seed } = *marked;
    match format {
        Format::Table => {
            let tables = marks.iter().map(|marks| table(texts, rubric, marks));
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
        Format::Json => json(texts, rubric, marks, skipped, seed),
        Format::Csv => csv(texts, rubric, marks, seed),
        Format::Gradescope => marks.iter().map(|marks| gradescope(texts, marks, seed)).collect(),
    }
}

/// A table of one folder: each task, what failed in it, and the total.
pub fn table(texts: &Texts, rubric: &Rubric, marks: &Marks) -> String {
    let mut table = format!("{}\n\n", shown(&marks.student.folder));
    let [task, earned, tests] =
        ["column task", "column points", "column tests"].map(|column| texts.get(column));
    table += &row_of(task, earned, tests);
    for mark in marks.lost() {
        let lost = texts.fill("lost", &[("task", texts.task(&mark.task.name))]);
        _ = writeln!(table, "  ! {lost}");
        lines(texts, mark, &mut table);
    }
    for mark in marks.homework() {
        task_row(texts, mark, &mut table);
    }
    let total = of(texts, &points(marks.tenths()), "100");
    table += &row_of(texts.get("total"), &total, "");
    let beyond = points(marks.beyond_tenths());
    let all = rubric.beyond_points().to_string();
    _ = writeln!(table, "\n  {}", texts.fill("beyond", &[("one", &beyond), ("all", &all)]));
    for mark in marks.beyond() {
        task_row(texts, mark, &mut table);
    }
    table
}

fn task_row(texts: &Texts, mark: &TaskMark, table: &mut String) {
    let earned = of(texts, &points(mark.tenths()), &mark.task.points.to_string());
    let tests = of(texts, &mark.passed().to_string(), &mark.tests.len().to_string());
    *table += &row_of(texts.task(&mark.task.name), &earned, &tests);
    lines(texts, mark, table);
}

fn row_of(title: &str, points: &str, tests: &str) -> String {
    let pad = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(text.width()));
    let line = format!("  {title}{}{}{points}   {tests}", pad(title, TITLE), pad(points, 12));
    format!("{}\n", line.trim_end())
}

fn of(texts: &Texts, one: &str, all: &str) -> String {
    texts.fill("of", &[("one", one), ("all", all)])
}

/// What failed in a task and what was not tried, one line for each mistake: the first test that
/// it made fail, and how many more.
fn lines(texts: &Texts, mark: &TaskMark, table: &mut String) {
    for line in failures(texts, mark).into_iter().chain(not_tried(texts, mark, reason)) {
        _ = writeln!(table, "      - {line}");
    }
}

/// What failed in a task, one line for each mistake.
pub fn failures(texts: &Texts, mark: &TaskMark) -> Vec<String> {
    let mut groups: Vec<(&str, &Failure, usize)> = Vec::new();
    for (test, failure) in mark.failed() {
        match groups.iter_mut().find(|(_, first, _)| is_like(first, failure)) {
            Some((_, _, count)) => *count += 1,
            None => groups.push((test, failure, 1)),
        }
    }
    groups
        .into_iter()
        .map(|(test, failure, count)| {
            let more = match count {
                1 => String::new(),
                _ => format!(" (+ {})", count - 1),
            };
            let read =
                texts.fill("read", &[("notes", &conversation::section(texts, mark, failure))]);
            let summary = conversation::summary(texts, failure);
            format!("{}{more}: {summary}{}{read}", texts.test_with_name(test), texts.get("and"))
        })
        .collect()
}

/// Whether two tests saw the same.
fn is_like(one: &Failure, other: &Failure) -> bool {
    match (one, other) {
        (Failure::Seen(one), Failure::Seen(other)) => match (&one.cause, &other.cause) {
            (Some(one), Some(other)) => one.is_like(other),
            _ => false,
        },
        _ => false,
    }
}

/// The marks of all folders, as JSON.
pub fn json(
    texts: &Texts,
    rubric: &Rubric,
    marks: &[Marks],
    skipped: &[Skipped],
    seed: u32,
) -> String {
    let folder = |marks: &Marks| {
        let lost = marks.lost().map(|mark| task_json(texts, mark)).collect::<Vec<_>>();
        json!({
            "folder": shown(&marks.student.folder),
            "points": number(marks.tenths()),
            "max_points": 100,
            "problems": problems(texts, marks),
            "lost": lost,
            "tasks": marks.homework().map(|mark| task_json(texts, mark)).collect::<Vec<_>>(),
            "beyond": {
                "points": number(marks.beyond_tenths()),
                "max_points": rubric.beyond_points(),
                "tasks": marks.beyond().map(|mark| task_json(texts, mark)).collect::<Vec<_>>(),
            },
        })
    };
    let folders: Vec<Value> = marks.iter().map(folder).collect();
    let skipped: Vec<Value> = skipped
        .iter()
        .map(|(folder, reason)| json!({ "folder": folder, "reason": reason }))
        .collect();
    format!("{:#}\n", json!({ "seed": seed, "folders": folders, "skipped": skipped }))
}

fn problems(texts: &Texts, marks: &Marks) -> Vec<String> {
    marks.problems.iter().map(|problem| texts.say(problem)).collect()
}

fn task_json(texts: &Texts, mark: &TaskMark) -> Value {
    let failed = mark.failed().map(|(test, failure)| {
        let report = match failure {
            Failure::Seen(report) => json!(report),
            _ => Value::Null,
        };
        json!({
            "test": test,
            "message": conversation::summary(texts, failure),
            "section": conversation::section(texts, mark, failure),
            "conversation": conversation::draw(texts, failure),
            "report": report,
        })
    });
    let not_tried = mark
        .not_tried()
        .map(|(test, because)| json!({ "test": test, "because": reason(texts, because) }));
    json!({
        "name": mark.task.name,
        "title": texts.task(&mark.task.name),
        "points": number(mark.tenths()),
        "max_points": mark.task.points,
        "section": texts.section(&mark.task.section),
        "tests": mark.tests.len(),
        "passed": mark.passed(),
        "failed": failed.collect::<Vec<_>>(),
        "not_tried": not_tried.collect::<Vec<_>>(),
    })
}

/// A row for each folder, as RFC 4180 writes a table. The first row names the columns.
pub fn csv(texts: &Texts, rubric: &Rubric, marks: &[Marks], seed: u32) -> String {
    let titles = rubric.tasks().filter(|task| task.points > 0 && !task.beyond);
    let titles = titles.map(|task| texts.task(&task.name).to_owned());
    let ends = ["total", "beyond the homework", "not tried", "problems", "first failure", "seed"];
    let mut table = row(["folder".into()].into_iter().chain(titles).chain(ends.map(String::from)));
    for marks in marks {
        let tasks = marks.homework().map(|mark| points(mark.tenths()));
        let not_tried: usize = marks.homework().map(|mark| mark.not_tried().count()).sum();
        let failed = marks.lost().chain(marks.homework());
        let first = failed.flat_map(|mark| failures(texts, mark)).next().unwrap_or_default();
        let end = [
            points(marks.tenths()),
            points(marks.beyond_tenths()),
            not_tried.to_string(),
            problems(texts, marks).join("; "),
            first,
            seed.to_string(),
        ];
        table += &row([shown(&marks.student.folder)].into_iter().chain(tasks).chain(end));
    }
    // Spreadsheets take a file for the system's own character set, unless it begins with a byte
    // order mark. Other programs may stumble over one, so it is there only when it matters.
    if table.is_ascii() { table } else { format!("\u{feff}{table}") }
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells
        .map(|mut cell| {
            // A spreadsheet would take this for a formula and compute it.
            if cell.starts_with(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠']) {
                cell.insert(0, '\'');
            }
            match cell.contains([',', ';', '"', '\t', '\n', '\r']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell,
            }
        })
        .collect();
    cells.join(",") + "\r\n"
}

/// What Gradescope reads as `results.json`:
/// <https://gradescope-autograders.readthedocs.io/en/latest/specs/>. What lies beyond the homework
/// has no score there: its scores are the points.
pub fn gradescope(texts: &Texts, marks: &Marks, seed: u32) -> String {
    let entry = |mark: &TaskMark| {
        let output: Vec<String> = mark
            .failed()
            .flat_map(|(test, failure)| {
                let read =
                    texts.fill("read", &[("notes", &conversation::section(texts, mark, failure))]);
                let head = format!("{}: {read}", texts.test(test));
                [head].into_iter().chain(conversation::draw(texts, failure))
            })
            .chain(not_tried(texts, mark, reason))
            .collect();
        let passed = of(texts, &mark.passed().to_string(), &mark.tests.len().to_string());
        let mut entry = json!({
            "name": texts.task(&mark.task.name),
            "status": if mark.is_complete() { "passed" } else { "failed" },
            "output": if output.is_empty() { passed } else { output.join("\n") },
        });
        if !mark.task.beyond {
            entry["score"] = json!(number(mark.tenths()));
            entry["max_score"] = json!(mark.task.points);
        }
        entry
    };
    let tests: Vec<Value> = marks.homework().chain(marks.beyond()).map(entry).collect();
    format!(
        "{:#}\n",
        json!({
            "score": number(marks.tenths()),
            "tests": tests,
            "extra_data": { "seed": seed },
        })
    )
}

fn number(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}

/// A folder's name, safe to show.
pub fn shown(folder: &Path) -> String {
    one_line(&folder.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_is_two() {
        let cells = ["=1+1", "＝1", "－1", "a;b", "a\tb", "\"a\"", "plain", "@a,b"];
        let expected = "'=1+1,'＝1,'－1,\"a;b\",\"a\tb\",\"\"\"a\"\"\",plain,\"'@a,b\"\r\n";
        assert_eq!(row(cells.into_iter().map(String::from)), expected);
    }

    #[test]
    fn the_name_of_a_folder_cannot_act_on_a_terminal() {
        let name = Path::new("a\x1b[2J\n\u{202e}b");
        assert_eq!(shown(name), "a\\x1b[2J \\u{202e}b");
    }
}
