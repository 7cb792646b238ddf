//! What Gradescope reads as `results.json`:
//! <https://gradescope-autograders.readthedocs.io/en/latest/specs/>.

use common::one_line;
use serde_json::{Value, json};

use crate::failure_text;
use crate::formats::{again, number, problems, shown};
use crate::grading::marks::{Failure, Marks, Outcome, TaskMark};
use crate::messages::Messages;
use crate::reasons::reason;
use crate::test_diagram;

/// The colour of what went wrong, and of nothing special: all other escape sequences in an output
/// are those that a submission printed, made visible.
const RED: &str = "\u{1b}[31m";
const PLAIN: &str = "\u{1b}[0m";

/// An entry for each test. extra credit, and what was given, has no score there.
pub fn gradescope(messages: &Messages, marks: &Marks, seed: u32) -> String {
    let tests = marks.tasks.iter().enumerate();
    let tests = tests.flat_map(|(number, mark)| entries(messages, number, mark, seed));
    let student = &marks.student;
    let results = json!({
        // The sum of what the tests are worth can differ by a tenth of a point: where not all
        // tests of a task have passed, its points are rounded down.
        "score": number(marks.tenths()),
        "output": problems(messages, marks).join("\n"),
        "output_format": "text",
        "visibility": "visible",
        // What the grader itself says is for the teacher.
        "stdout_visibility": "hidden",
        "extra_data": {
            "seed": seed,
            "name": one_line(&student.name),
            "folder": shown(&student.folder),
            "submitted": student.submitted.as_deref().map(one_line),
        },
        "tests": tests.collect::<Vec<_>>(),
    });
    format!("{results:#}\n")
}

/// For what cannot be marked.
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
        let mut entry = json!({
            "name": format!("{}: {}", messages.task(&mark.task.name), messages.test(test)),
            "number": format!("{}.{}", task + 1, place + 1),
            "status": if outcome.is_passed() { "passed" } else { "failed" },
            "output": output(messages, mark, test, outcome, seed),
            "output_format": "ansi",
            "visibility": "visible",
            "tags": [section(messages, mark, outcome)],
        });
        if counts {
            entry["score"] = json!(if outcome.is_passed() { number(worth) } else { 0.0 });
            entry["max_score"] = json!(number(worth));
        }
        entry
    };
    tests.map(entry).collect()
}

/// The section of the notes that helps.
fn section(messages: &Messages, mark: &TaskMark, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(failure) => failure_text::section(messages, mark, failure),
        _ => messages.section(&mark.task.section),
    }
}

fn output(
    messages: &Messages,
    mark: &TaskMark,
    test: &str,
    outcome: &Outcome,
    seed: u32,
) -> String {
    match outcome {
        Outcome::Failed(failure) => failed(messages, mark, test, failure, seed),
        Outcome::Skipped(because) => {
            let reason = reason(messages, because);
            messages.fill("not-tried-alone", &[("because", &reason)])
        }
        _ => String::new(),
    }
}

fn failed(
    messages: &Messages,
    mark: &TaskMark,
    test: &str,
    failure: &Failure,
    seed: u32,
) -> String {
    let mut lines = test_diagram::summarise(messages, failure);
    if let Some(end) = lines.last_mut() {
        *end = format!("{RED}{end}{PLAIN}");
    }
    let notes = failure_text::section(messages, mark, failure);
    lines.push(messages.fill("read", &[("notes", &notes)]));
    lines.push(messages.fill("again", &[("command", &again(test, seed))]));
    lines.join("\n")
}
