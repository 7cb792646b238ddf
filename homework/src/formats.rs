//! The marks, as a table for people and in the formats of other programs. The numbers are the
//! same in all of them, and so are the three results of a test: passed, failed, not tried.

mod classroom50;
mod csv;
mod gradescope;
mod json;
mod markdown;
mod table;

use std::path::Path;

use lesson::one_line;
use serde_json::Value;

use crate::arguments::Format;
use crate::conversation;
use crate::marking::mark::{Failure, Marks, Student, TaskMark};
use crate::marking::rubric::Rubric;
use crate::texts::Texts;

pub use gradescope::gradescope;

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
    /// What came of every client with every server, where that was asked for.
    pub pairs: Option<&'a Value>,
}

/// The marks in a format. Below a table stands how to see more, a text of the table of texts.
pub fn print(texts: &Texts, format: Format, marked: &Marked, more: &str) -> String {
    let Marked { rubric, marks, skipped, seed, pairs } = *marked;
    match format {
        Format::Table => table::tables(texts, marked, more),
        Format::Json => json::json(texts, rubric, marks, (skipped, pairs), seed),
        Format::Csv => csv::csv(texts, rubric, marks, seed),
        Format::Markdown => markdown::tables(texts, marks, seed),
        Format::Gradescope => marks.iter().map(|marks| gradescope(texts, marks, seed)).collect(),
        Format::Classroom50 => {
            marks.iter().map(|marks| classroom50::result(texts, marks)).collect()
        }
    }
}

/// The command that runs a test again on the programs of the folder in which it is typed, with the
/// same words.
pub fn again(test: &str, seed: u32) -> String {
    match seed {
        0 => format!("cargo run -p homework -- try {test}"),
        _ => format!("cargo run -p homework -- try {test} --seed {seed}"),
    }
}

/// What keeps whole programs from being tested.
fn problems(texts: &Texts, marks: &Marks) -> Vec<String> {
    marks.problems.iter().map(|problem| texts.say(problem)).collect()
}

/// One mistake in a task.
struct Mistake<'a> {
    /// The first test that it made fail.
    test: &'a str,
    /// What came of it, in one line.
    line: String,
}

/// What failed in a task, one line for each mistake.
pub fn failures(texts: &Texts, mark: &TaskMark) -> Vec<String> {
    mistakes(texts, mark).into_iter().map(|mistake| mistake.line).collect()
}

/// What failed in a task, mistake by mistake.
fn mistakes<'a>(texts: &Texts, mark: &'a TaskMark) -> Vec<Mistake<'a>> {
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
            let title = texts.test_with_name(test);
            let line = format!("{title}{more}: {summary}{}{read}", texts.get("and"));
            Mistake { test, line }
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

fn number(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}

fn of(texts: &Texts, one: &str, all: &str) -> String {
    texts.fill("of", &[("one", one), ("all", all)])
}

/// A folder's name, safe to show.
pub fn shown(folder: &Path) -> String {
    one_line(&folder.display().to_string())
}

/// Whose folder it is, safe to show: the folder alone where nobody told the name.
fn whose(student: &Student) -> String {
    let folder = shown(&student.folder);
    let name = one_line(&student.name);
    let known = if student.is_known() { format!("{name} ({folder})") } else { folder };
    match &student.submitted {
        Some(time) => format!("{known}, {}", one_line(time)),
        None => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_folder_cannot_act_on_a_terminal() {
        let name = Path::new("a\x1b[2J\n\u{202e}b");
        assert_eq!(shown(name), "a\\x1b[2J \\u{202e}b");
    }

    #[test]
    fn a_folder_goes_by_the_name_of_who_handed_it_in() {
        let mut student = Student::of(Path::new("submissions/one"));
        assert_eq!(whose(&student), "submissions/one");
        student.name = "王\u{1b}小明".to_owned();
        student.submitted = Some("2026-03-01".to_owned());
        assert_eq!(whose(&student), "王\\x1b小明 (submissions/one), 2026-03-01");
    }
}
