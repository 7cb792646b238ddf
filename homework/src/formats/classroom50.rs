//! Marks as a `result.json` for Classroom 50:
//! <https://github.com/foundation50/classroom50/wiki/Advanced-Autograding>.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::failure_text;
use crate::grading::marks::{Marks, Outcome, TaskMark};
use crate::messages::{Messages, message};
use crate::skip_reasons::reason;

/// The fields that its runner passes in environment variables.
const VARIABLES: [(&str, &str); 6] = [
    ("classroom", "CLASSROOM"),
    ("assignment", "ASSIGNMENT"),
    ("submission", "SUBMISSION_TAG"),
    ("commit", "COMMIT_URL"),
    ("release", "RELEASE_URL"),
    ("review", "REVIEW_URL"),
];

/// Formats the tests of the homework. Classroom 50 has whole points only, so some tests of a task may be
/// worth a point more than others, and the points of an incomplete task can differ by one from other
/// formats.
pub fn result(messages: &Messages, marks: &Marks) -> String {
    with_tests(marks.homework().flat_map(|mark| entries(messages, mark)).collect())
}

pub fn refused(messages: &Messages, why: &str) -> String {
    with_tests(vec![json!({
        "test-name": messages.get("submitted"),
        "passed": false,
        "score": 0,
        "max-score": 100,
        "message": why,
    })])
}

fn with_tests(tests: Vec<Value>) -> String {
    let sum = |field: &str| tests.iter().filter_map(|test| test[field].as_u64()).sum::<u64>();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut result = json!({
        "schema": "classroom50/result/v1",
        "datetime": utc(seconds),
        "score": sum("score"),
        "max-score": sum("max-score"),
        "tests": tests,
    });
    for (field, variable) in VARIABLES {
        result[field] = json!(env::var(variable).unwrap_or_default());
    }
    if result["review"] == "" {
        result["review"] = result["commit"].clone();
    }
    format!("{result:#}\n")
}

fn entries(messages: &Messages, mark: &TaskMark) -> Vec<Value> {
    let tests = mark.tests.iter().zip(mark.shares(1));
    let entry = |((test, outcome), worth): (&(String, Outcome), u32)| {
        let passed = outcome.is_passed();
        let mut entry = json!({
            "test-name": format!("{}: {}", messages.task(&mark.task.name), messages.test(test)),
            "passed": passed,
            "score": if passed { worth } else { 0 },
            "max-score": worth,
        });
        // Classroom 50 keeps fields that it doesn't know.
        match outcome {
            Outcome::Failed(failure) => {
                entry["message"] = json!(failure_text::summary(messages, failure));
                entry["read"] = json!(failure_text::section(messages, mark, failure));
            }
            Outcome::Skipped(because) => {
                let message = message!("not-tried-alone", because = reason(messages, because));
                entry["message"] = json!(messages.show(&message));
            }
            Outcome::Passed(_) => {
                if let Some(remark) = failure_text::remark(messages, outcome) {
                    entry["message"] = json!(remark);
                }
            }
        }
        entry
    };
    tests.map(entry).collect()
}

/// Formats seconds since 1970 as an ISO 8601 time.
fn utc(seconds: u64) -> String {
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let day = days + 1;
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_iso_8601() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(utc(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(utc(1_798_761_599), "2026-12-31T23:59:59Z");
    }
}
