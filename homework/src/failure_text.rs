//! What a failed test expected, and what happened instead, as text. Remarks on tests that passed.

use ::tests::{Excerpt, Report, message};
use common::one_line;

use crate::grading::marks::{Failure, Outcome, TaskMark};
use crate::messages::Messages;

/// What was expected, what happened instead, and what can be concluded from it, in one line.
pub fn summary(messages: &Messages, failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => {
            let expected = messages.show(&message!("expected", what = &report.expected));
            let actual = messages.show(&message!("actual", what = full_actual(messages, report)));
            let mut summary = format!("{expected}{}{actual}", messages.get("and"));
            if let Some(finding) = &report.finding {
                let finding = messages.show(finding);
                summary += &messages.show(&message!("finding", finding));
            }
            one_line(&summary)
        }
        Failure::TimedOut(seconds) => messages.show(&message!("stopped", seconds = *seconds)),
        Failure::Crashed(output) => messages.show(&message!("broken", what = one_line(output))),
    }
}

/// Only what happened.
pub fn actual(messages: &Messages, failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => full_actual(messages, report),
        _ => summary(messages, failure),
    }
}

pub fn section(messages: &Messages, mark: &TaskMark, failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => messages.section(&report.section),
        _ => messages.section(&mark.task.section),
    }
}

/// The remark on a test that passed, in one line.
pub fn remark(messages: &Messages, outcome: &Outcome) -> Option<String> {
    let remark = outcome.remark()?;
    Some(one_line(&messages.show(&message!("remark", remark))))
}

/// The remarks on the tests of a task.
pub fn remarks(messages: &Messages, mark: &TaskMark) -> impl Iterator<Item = String> {
    mark.tests.iter().filter_map(|(_, outcome)| remark(messages, outcome))
}

/// What happened instead, with the place that differs if the message may be cut off before it.
fn full_actual(messages: &Messages, report: &Report) -> String {
    let mut text = messages.show(&report.actual);
    if let None | Some("differs") = report.cause.as_deref()
        && let Some(place) = report.differs.as_ref().filter(|place| place.is_far())
    {
        let shown = |rest: &Excerpt| match rest.first.is_empty() {
            true => messages.get("differs-nothing").to_owned(),
            false => format!("\"{}\"", rest.shown()),
        };
        let (actual, expected) = (shown(&place.actual), shown(&place.expected));
        text += &messages.show(&message!("differs-far", at = place.at, actual, expected));
    }
    text
}

#[cfg(test)]
mod tests {
    use ::tests::{Difference, show};

    use super::*;
    use crate::messages::Language;

    #[test]
    fn the_place_that_differs_is_in_the_summary_of_a_long_message() {
        let rest =
            |first: &str| Excerpt { first: first.into(), next: String::new(), left_out: 1300 };
        let long = vec![b'x'; 3000];
        let mut report = Report {
            expected: show(&long),
            actual: show(&long),
            cause: Some("differs".to_owned()),
            differs: Some(Difference {
                at: 1700,
                left_out: 1680,
                equal: "x".repeat(20),
                expected: rest("x"),
                actual: rest("y"),
            }),
            ..Report::default()
        };
        let summary = |report: &Report, language| {
            summary(&Messages::new(language), &Failure::Reported(Box::new(report.clone())))
        };
        for language in [Language::En, Language::Zh] {
            let text = summary(&report, language);
            assert!(text.contains("1700") && text.contains("\"y\""), "{text}");
        }
        report.cause = None;
        assert!(summary(&report, Language::En).ends_with("at byte 1700: \"y\" instead of \"x\""));
    }
}
