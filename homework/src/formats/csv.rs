//! The marks as a table that a spreadsheet opens.

use common::one_line;

use crate::formats::{again, mistakes, problems, shown};
use crate::grading::marks::{Marks, points};
use crate::grading::rubric::Rubric;
use crate::messages::Messages;

/// A row for each folder, as RFC 4180 writes a table. The first row names the columns.
pub fn csv(messages: &Messages, rubric: &Rubric, marks: &[Marks], seed: u32) -> String {
    let titles = rubric.tasks().filter(|task| task.points > 0 && !task.extra_credit);
    let titles = titles.map(|task| messages.task(&task.name).to_owned());
    let column = |name: &str| messages.get(&format!("csv-{name}")).to_owned();
    let starts = ["folder", "name", "submitted"].map(column);
    let ends = ["total", "extra-credit", "not-tried", "problems", "first-failure"].map(column);
    let ends = ends.into_iter().chain(["show-it-again", "seed"].map(column));
    let mut table = row(starts.into_iter().chain(titles).chain(ends));
    for marks in marks {
        let tasks = marks.homework().map(|mark| points(mark.tenths()));
        let not_tried: usize = marks.homework().map(|mark| mark.skipped().count()).sum();
        let failed = marks.regressions().chain(marks.homework());
        let first = failed.flat_map(|mark| mistakes(messages, mark)).next();
        let (first, again) = first.map(|it| (it.line, again(it.test, seed))).unwrap_or_default();
        let end = [
            points(marks.tenths()),
            points(marks.extra_credit_tenths()),
            not_tried.to_string(),
            problems(messages, marks).join("; "),
            first,
            again,
            seed.to_string(),
        ];
        let student = &marks.student;
        let submitted = student.submitted.as_deref().map(one_line).unwrap_or_default();
        let start = [shown(&student.folder), one_line(&student.name), submitted];
        table += &row(start.into_iter().chain(tasks).chain(end));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_is_two() {
        let cells = ["=1+1", "＝1", "－1", "a;b", "a\tb", "\"a\"", "plain", "@a,b"];
        let expected = "'=1+1,'＝1,'－1,\"a;b\",\"a\tb\",\"\"\"a\"\"\",plain,\"'@a,b\"\r\n";
        assert_eq!(row(cells.into_iter().map(String::from)), expected);
    }
}
