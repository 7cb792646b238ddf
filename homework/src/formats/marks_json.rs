//! Marks as JSON: every folder and task, and the tests that failed or were skipped.

use common::one_line;
use serde_json::{Value, json};

use crate::failure_text;
use crate::formats::{Gradebook, again, number, problems, shown};
use crate::grading::marks::{Failure, Marks, TaskMark};
use crate::messages::Messages;
use crate::skip_reasons::reason;
use crate::test_diagram;

pub fn json(messages: &Messages, gradebook: &Gradebook) -> String {
    let Gradebook { rubric, marks, skipped, seed, pairs } = *gradebook;
    let folder = |marks: &Marks| {
        let task = |mark: &TaskMark| task_json(messages, mark, marks.seed);
        json!({
            "folder": shown(&marks.student.folder),
            "name": one_line(&marks.student.name),
            "submitted": marks.student.submitted.as_deref().map(one_line),
            "points": number(marks.tenths()),
            "max_points": 100,
            "seed": marks.seed,
            "problems": problems(messages, marks),
            "lost": marks.regressions().map(task).collect::<Vec<_>>(),
            "tasks": marks.homework().map(task).collect::<Vec<_>>(),
            "extra_credit": {
                "points": number(marks.extra_credit_tenths()),
                "max_points": rubric.extra_credit_points(),
                "tasks": marks.extra_credit().map(task).collect::<Vec<_>>(),
            },
        })
    };
    let folders: Vec<Value> = marks.iter().map(folder).collect();
    let skipped = skipped.iter();
    let skipped = skipped.map(|(folder, reason)| json!({ "folder": folder, "reason": reason }));
    let skipped: Vec<Value> = skipped.collect();
    let mut graded =
        json!({ "seed": seed.unwrap_or_default(), "folders": folders, "skipped": skipped });
    if let Some(pairs) = pairs {
        graded["pairs"] = pairs.clone();
    }
    format!("{graded:#}\n")
}

fn task_json(messages: &Messages, mark: &TaskMark, seed: u32) -> Value {
    let failed = mark.failed().map(|(test, failure)| {
        let report = match failure {
            Failure::Reported(report) => json!(report),
            _ => Value::Null,
        };
        json!({
            "test": test,
            "message": failure_text::summary(messages, failure),
            "again": again(test, seed),
            "section": failure_text::section(messages, mark, failure),
            "conversation": test_diagram::summarise(messages, failure),
            "report": report,
        })
    });
    let skipped = mark
        .skipped()
        .map(|(test, because)| json!({ "test": test, "because": reason(messages, because) }));
    let remarks = mark.tests.iter().filter_map(|(test, outcome)| {
        Some(json!({ "test": test, "message": failure_text::remark(messages, outcome)? }))
    });
    json!({
        "name": mark.task.name,
        "title": messages.task(&mark.task.name),
        "points": number(mark.tenths()),
        "max_points": mark.task.points,
        "section": messages.section(&mark.task.section),
        "tests": mark.tests.len(),
        "passed": mark.passed(),
        "failed": failed.collect::<Vec<_>>(),
        "not_tried": skipped.collect::<Vec<_>>(),
        "remarks": remarks.collect::<Vec<_>>(),
    })
}
