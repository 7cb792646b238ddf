//! Formats marks as a table for people, and in the formats of other programs.

mod classroom50;
mod gradescope;
mod marks_csv;
mod marks_json;
mod marks_markdown;
mod marks_table;

use std::path::Path;

use clap::ValueEnum;
use common::one_line;
use serde_json::Value;

use crate::failure_text;
use crate::grading::marks::{Failure, Marks, Student, TaskMark};
use crate::grading::rubric::Rubric;
use crate::messages::Messages;

pub use gradescope::gradescope;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for each folder, for people
    Table,
    /// Every folder and task, with failed tests
    Json,
    /// A row for each folder, for a spreadsheet
    Csv,
    /// A table for each folder, for a page of a code host
    Markdown,
    /// The results.json of Gradescope, for one folder
    Gradescope,
    /// The result.json of Classroom 50, for one folder
    Classroom50,
}

/// A folder that wasn't graded, and why.
pub type Skipped = (String, String);

/// The marks of a class, and what they were graded with.
#[derive(Debug)]
pub struct Gradebook<'a> {
    pub rubric: &'a Rubric,
    pub marks: &'a [Marks],
    pub skipped: &'a [Skipped],
    /// The seed of all marks, if the teacher chose one. Otherwise each submission has its own.
    pub seed: Option<u32>,
    /// The results of every client with every server, if asked for.
    pub pairs: Option<&'a Value>,
}

/// Formats the marks. `more` is the key of a message about other output, which goes below a table.
pub fn print(messages: &Messages, format: Format, gradebook: &Gradebook, more: &str) -> String {
    let Gradebook { rubric, marks, skipped, .. } = *gradebook;
    match format {
        Format::Table => marks_table::tables(messages, gradebook, more),
        Format::Json => marks_json::json(messages, gradebook),
        Format::Csv => marks_csv::csv(messages, rubric, marks),
        Format::Markdown => marks_markdown::tables(messages, marks),
        Format::Gradescope => match (marks, skipped) {
            ([one, ..], _) => gradescope(messages, one),
            ([], [(_, why), ..]) => gradescope::refused(why),
            ([], []) => String::new(),
        },
        Format::Classroom50 => match (marks, skipped) {
            ([one, ..], _) => classroom50::result(messages, one),
            ([], [(_, why), ..]) => classroom50::refused(messages, why),
            ([], []) => String::new(),
        },
    }
}

/// Returns the command that repeats a test with the same data.
pub fn again(test: &str, seed: u32) -> String {
    match seed {
        0 => format!("cargo run -p homework -- try {test}"),
        _ => format!("cargo run -p homework -- try {test} --seed {seed}"),
    }
}

/// The reasons why whole programs weren't tested.
fn problems(messages: &Messages, marks: &Marks) -> Vec<String> {
    marks.problems.iter().map(|problem| one_line(&messages.show(problem))).collect()
}

/// Tests of a task that failed in the same way.
struct Mistake<'a> {
    /// The first of them.
    test: &'a str,
    /// What happened, in one line.
    line: String,
}

fn mistakes<'a>(messages: &Messages, mark: &'a TaskMark) -> Vec<Mistake<'a>> {
    let mut groups: Vec<(&'a str, &Failure, usize)> = Vec::new();
    for (test, failure) in mark.failed() {
        match groups.iter_mut().find(|(_, first, _)| is_like(first, failure)) {
            Some((_, _, count)) => *count += 1,
            None => groups.push((test, failure, 1)),
        }
    }
    let mistake = |(test, failure, count): (&'a str, &Failure, usize)| {
        let more = if count > 1 { format!(" (+ {})", count - 1) } else { String::new() };
        let read = messages.read(&failure_text::section(messages, mark, failure));
        let summary = failure_text::summary(messages, failure);
        let title = messages.test_with_name(test);
        let line = format!("{title}{more}: {summary}{}{read}", messages.get("and"));
        Mistake { test, line }
    };
    groups.into_iter().map(mistake).collect()
}

/// Returns whether two tests failed in the same way.
fn is_like(one: &Failure, other: &Failure) -> bool {
    match (one, other) {
        (Failure::Reported(one), Failure::Reported(other)) => {
            one.cause.is_some() && one.cause == other.cause
        }
        _ => false,
    }
}

fn number(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}

/// The name of a folder, without control characters.
pub fn shown(folder: &Path) -> String {
    one_line(&folder.display().to_string())
}

/// The student's name, folder and time of submission, as far as they are known.
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
    use ::tests::Report;

    use super::*;
    use crate::grading::marks::{Outcome, SkipReason};
    use crate::messages::Language;
    use serde_json::{Value, json};

    /// The marks of a student whose name has control characters: nine tests, of which one failed and one has a remark.
    fn marks() -> Marks {
        let task = json!({
            "name": "questions", "points": 100, "file": "f", "section": "osi", "tests": ["t"],
        });
        let test = |number: usize| {
            let outcome = match number {
                3 => Outcome::Failed(Failure::Crashed("\u{1b}[2J<b>|".to_owned())),
                4 => Outcome::Skipped(SkipReason::NotYet),
                5 => {
                    let remark = Some("busy\u{1b}".into());
                    Outcome::Passed(Some(Box::new(Report { remark, ..Report::default() })))
                }
                _ => Outcome::Passed(None),
            };
            (format!("module::test_{number}"), outcome)
        };
        let tests = (0..9).map(test).collect();
        let mut student = Student::from_folder(Path::new("submissions/\u{1b}[2J"));
        student.name = "=\u{1b}[2J王\u{202e}".to_owned();
        let tasks = vec![TaskMark { task: serde_json::from_value(task).unwrap(), tests }];
        Marks { student, seed: 7, problems: Vec::new(), tasks }
    }

    fn printed(format: Format, marks: &[Marks], skipped: &[Skipped]) -> String {
        let rubric = include_str!("../rubric.toml");
        let rubric: Rubric = toml::from_str(rubric).unwrap();
        let gradebook = Gradebook { rubric: &rubric, marks, skipped, seed: Some(7), pairs: None };
        print(&Messages::new(Language::En), format, &gradebook, "show-others")
    }

    #[test]
    fn every_format_for_people_has_the_remark() {
        let formats = [Format::Table, Format::Json, Format::Markdown];
        for format in formats.into_iter().chain([Format::Gradescope, Format::Classroom50]) {
            let printed = printed(format, &[marks()], &[]);
            assert!(printed.contains("costs no points: busy"), "{printed}");
        }
    }

    #[test]
    fn every_format_has_the_name_and_the_command_but_no_control_characters() {
        let again = "cargo run -p homework -- try module::test_3 --seed 7";
        for format in [Format::Table, Format::Json, Format::Csv, Format::Markdown] {
            let printed = printed(format, &[marks()], &[]);
            assert!(printed.contains('王') && printed.contains(again), "{printed}");
            assert!(!printed.contains(['\u{1b}', '\u{202e}']), "{printed:?}");
        }
        assert!(printed(Format::Csv, &[marks()], &[]).contains(",\"'=\\x1b[2J王"));
    }

    #[test]
    fn gradescope_gets_an_entry_for_each_test() {
        let printed = printed(Format::Gradescope, &[marks()], &[]);
        let results: Value = serde_json::from_str(&printed).unwrap();
        let tests = results["tests"].as_array().unwrap();
        let worth = |test: &Value| test["max_score"].as_f64().unwrap();
        assert!((tests.iter().map(worth).sum::<f64>() - 100.0).abs() < 0.001);
        assert_eq!((&results["score"], tests.len()), (&json!(77.7), 9));
        let failed = &tests[3];
        assert_eq!((&failed["number"], &failed["status"]), (&json!("1.4"), &json!("failed")));
        let output = failed["output"].as_str().unwrap();
        assert_eq!(output.matches('\u{1b}').count(), 2, "{output}");
        assert!(output.contains("read NOTES.md#osi") && output.contains("--seed 7"), "{output}");
        assert!(tests[4]["output"].as_str().unwrap().contains("no time left"), "{results:#}");
        assert!(results["extra_data"]["name"].as_str().unwrap().contains('王'));
    }

    #[test]
    fn classroom_50_gets_whole_points() {
        let printed = printed(Format::Classroom50, &[marks()], &[]);
        let result: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(result["schema"], "classroom50/result/v1");
        let tests = result["tests"].as_array().unwrap();
        let sum = |field: &str| tests.iter().map(|test| test[field].as_u64().unwrap()).sum::<u64>();
        assert_eq!((sum("max-score"), result["max-score"].as_u64()), (100, Some(100)));
        assert_eq!(Some(sum("score")), result["score"].as_u64());
        assert_eq!(tests[3]["passed"], false);
        let fields = ["classroom", "assignment", "submission", "commit", "release", "review"];
        assert!(fields.iter().all(|field| result[field].is_string()), "{result:#}");
    }

    #[test]
    fn platforms_get_the_reason_why_nothing_was_graded() {
        let skipped = [("folder".to_owned(), "not a submission".to_owned())];
        for format in [Format::Gradescope, Format::Classroom50] {
            let printed = printed(format, &[], &skipped);
            let result: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(result["score"].as_f64(), Some(0.0), "{result}");
            assert!(printed.contains("not a submission"), "{printed}");
        }
    }

    #[test]
    fn a_submission_is_shown_with_its_student() {
        let name = Path::new("a\x1b[2J\n\u{202e}b");
        assert_eq!(shown(name), "a\\x1b[2J \\u{202e}b");
        let mut student = Student::from_folder(Path::new("submissions/one"));
        assert_eq!(whose(&student), "submissions/one");
        student.name = "王\u{1b}小明".to_owned();
        student.submitted = Some("2026-03-01".to_owned());
        assert_eq!(whose(&student), "王\\x1b小明 (submissions/one), 2026-03-01");
    }
}
