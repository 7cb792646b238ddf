//! Marks as a `results.json` for Gradescope:
//! <https://gradescope-autograders.readthedocs.io/en/latest/specs/>.

use common::one_line;
use serde_json::{Value, json};

use crate::failure_text;
use crate::formats::{again, number, problems, shown};
use crate::grading::marks::{Marks, Outcome, TaskMark};
use crate::messages::{Messages, message};
use crate::skip_reasons::reason;
use crate::test_diagram;

/// The escape sequences around an error. All others, which a submission may have printed, are escaped.
const RED: &str = "\u{1b}[31m";
const PLAIN: &str = "\u{1b}[0m";

/// Formats an entry for each test. Tests of the starter code and for extra credit have no score.
pub fn gradescope(messages: &Messages, marks: &Marks) -> String {
    let tests = marks.tasks.iter().enumerate();
    let tests = tests.flat_map(|(number, mark)| entries(messages, number, mark, marks.seed));
    let student = &marks.student;
    let results = json!({
        // The points of an incomplete task are rounded down, so the sum of the tests' scores can differ
        // by a tenth of a point.
        "score": number(marks.tenths()),
        "output": problems(messages, marks).join("\n"),
        "output_format": "text",
        "visibility": "visible",
        // The output of the grader is for teachers.
        "stdout_visibility": "hidden",
        "extra_data": {
            "seed": marks.seed,
            "name": one_line(&student.name),
            "folder": shown(&student.folder),
            "submitted": student.submitted.as_deref().map(one_line),
        },
        "tests": tests.collect::<Vec<_>>(),
    });
    format!("{results:#}\n")
}

pub fn refused(why: &str) -> String {
    let results = json!({
        "score": 0.0,
        "output": why,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
    });
    format!("{results:#}\n")
}

fn entries(messages: &Messages, task: usize, mark: &TaskMark, seed: u32) -> Vec<Value> {
    let tests = mark.tests.iter().zip(mark.shares(10)).enumerate();
    let counts = !mark.task.extra_credit && mark.task.points > 0;
    let entry = |(place, ((test, outcome), worth)): (usize, (&(String, Outcome), u32))| {
        let section = match outcome {
            Outcome::Failed(failure) => failure_text::section(messages, mark, failure),
            _ => messages.section(&mark.task.section),
        };
        let mut entry = json!({
            "name": format!("{}: {}", messages.task(&mark.task.name), messages.test(test)),
            "number": format!("{}.{}", task + 1, place + 1),
            "status": if outcome.is_passed() { "passed" } else { "failed" },
            "output": output(messages, &section, test, outcome, seed),
            "output_format": "ansi",
            "visibility": "visible",
            "tags": [section],
        });
        if counts {
            entry["score"] = json!(if outcome.is_passed() { number(worth) } else { 0.0 });
            entry["max_score"] = json!(number(worth));
        }
        entry
    };
    tests.map(entry).collect()
}

fn output(messages: &Messages, section: &str, test: &str, outcome: &Outcome, seed: u32) -> String {
    match outcome {
        Outcome::Failed(failure) => {
            let mut lines = test_diagram::summarise(messages, failure);
            if let Some(end) = lines.last_mut() {
                *end = format!("{RED}{end}{PLAIN}");
            }
            lines.push(messages.read(section));
            lines.push(messages.show(&message!("again", command = again(test, seed))));
            lines.join("\n")
        }
        Outcome::Skipped(because) => {
            messages.show(&message!("not-tried-alone", because = reason(messages, because)))
        }
        Outcome::Passed(_) => failure_text::remark(messages, outcome).unwrap_or_default(),
    }
}
