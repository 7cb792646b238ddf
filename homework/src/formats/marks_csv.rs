//! Marks as a table for spreadsheets.

use common::one_line;
use csv::{QuoteStyle, Terminator, WriterBuilder};

use crate::formats::{again, mistakes, problems, shown};
use crate::grading::marks::{Marks, points};
use crate::grading::rubric::Rubric;
use crate::messages::Messages;

/// Formats a row for each folder, below a row with the names of the columns.
pub fn csv(messages: &Messages, rubric: &Rubric, marks: &[Marks]) -> String {
    let titles = rubric.tasks().filter(|task| task.points > 0 && !task.extra_credit);
    let titles = titles.map(|task| messages.task(&task.name).to_owned());
    let column = |name: &str| messages.get(&format!("csv-{name}")).to_owned();
    let starts = ["folder", "name", "submitted"].map(column);
    let ends = ["total", "extra-credit", "not-tried", "problems", "first-failure"].map(column);
    let ends = ends.into_iter().chain(["show-it-again", "seed"].map(column));
    let mut rows = vec![starts.into_iter().chain(titles).chain(ends).collect()];
    for marks in marks {
        let tasks = marks.homework().map(|mark| points(mark.tenths()));
        let skipped: usize = marks.homework().map(|mark| mark.skipped().count()).sum();
        let failed = marks.regressions().chain(marks.homework());
        let first = failed.flat_map(|mark| mistakes(messages, mark)).next();
        let (first, again) =
            first.map(|it| (it.line, again(it.test, marks.seed))).unwrap_or_default();
        let end = [
            points(marks.tenths()),
            points(marks.extra_credit_tenths()),
            skipped.to_string(),
            problems(messages, marks).join("; "),
            first,
            again,
            marks.seed.to_string(),
        ];
        let student = &marks.student;
        let submitted = student.submitted.as_deref().map(one_line).unwrap_or_default();
        let start = [shown(&student.folder), one_line(&student.name), submitted];
        rows.push(start.into_iter().chain(tasks).chain(end).collect());
    }
    let table = table(rows);
    // Spreadsheets need a byte order mark to recognise UTF-8. Other programs don't expect one, so it's
    // only added if it makes a difference.
    if table.is_ascii() { table } else { format!("\u{feff}{table}") }
}

fn table(rows: Vec<Vec<String>>) -> String {
    // Some spreadsheets split cells at semicolons and tabs too, so every text is quoted.
    let mut builder = WriterBuilder::new();
    builder.quote_style(QuoteStyle::NonNumeric).terminator(Terminator::CRLF);
    let mut writer = builder.from_writer(Vec::new());
    for mut row in rows {
        for cell in &mut row {
            // A spreadsheet would evaluate this as a formula.
            if cell.starts_with(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠']) {
                cell.insert(0, '\'');
            }
        }
        // Writing to memory doesn't fail.
        _ = writer.write_record(row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let cells = ["=1+1", "＝1", "－1", "a;b", "a\tb", "\"a\"", "7.5", "@a,b"];
        let expected =
            "\"'=1+1\",\"'＝1\",\"'－1\",\"a;b\",\"a\tb\",\"\"\"a\"\"\",7.5,\"'@a,b\"\r\n";
        assert_eq!(table(vec![cells.map(String::from).to_vec()]), expected);
    }
}
