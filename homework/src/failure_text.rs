//! A failed test as a conversation: who did what, until the place where something else came than
//! was expected.

use ::tests::{Action, Difference, Endpoint, Excerpt, Report, TestStep, message};
use common::one_line;
use unicode_width::UnicodeWidthStr;

use crate::grading::marks::{Failure, TaskMark};
use crate::messages::Messages;

/// The most lines of one conversation.
const LINES: usize = 12;

/// How many of them stand at its start when some are left out.
const FIRST: usize = 3;

/// The columns of what the test does, left of the arrows.
const COLUMNS: usize = 34;

/// Draws what happened, line by line.
pub fn draw(messages: &Messages, failure: &Failure) -> Vec<String> {
    let report = match failure {
        Failure::Reported(report) => report,
        Failure::TimedOut(seconds) => {
            return vec![messages.fill("stopped", &[("seconds", &seconds.to_string())])];
        }
        Failure::Crashed(what) => {
            return vec![messages.fill("broken", &[("what", &one_line(what))])];
        }
    };
    let mut lines: Vec<String> = steps(messages, report).iter().map(line).collect();
    let end = format!("✗ {}", summary(messages, failure));
    if lines.len() >= LINES {
        let left_out = lines.len() + 2 - LINES;
        let count = left_out.to_string();
        let middle = messages.fill("left-out", &[("count", &count)]);
        lines.splice(FIRST..FIRST + left_out, [middle]);
    }
    lines.push(end);
    lines
}

/// What was expected and what was seen instead, in one line.
pub fn summary(messages: &Messages, failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => {
            let expected = messages.show(&message!("expected", what = &report.expected));
            let actual = messages.show(&message!("actual", what = full_actual(messages, report)));
            one_line(&format!("{expected}{}{actual}", messages.get("and")))
        }
        _ => draw(messages, failure).concat(),
    }
}

/// Only what was seen.
pub fn actual(messages: &Messages, failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => full_actual(messages, report),
        _ => summary(messages, failure),
    }
}

/// The section of the notes that helps with a failure.
pub fn section(messages: &Messages, mark: &TaskMark, failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => messages.section(&report.section),
        _ => messages.section(&mark.task.section),
    }
}

/// One step of a conversation.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// With which program or socket.
    pub endpoint: Endpoint,
    /// Who acts.
    pub who: Who,
    /// What is done.
    pub text: String,
}

/// Who acts in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The test starts a program.
    Start,
    /// The test: it points to the right.
    Test,
    /// A program: it points to the left.
    Program,
}

/// What the test did and what came, step by step. That a server is started is not said: it is
/// always the same, and what is done with it follows.
pub fn steps(messages: &Messages, report: &Report) -> Vec<Step> {
    report.steps.iter().filter_map(|action| step(messages, report, action)).collect()
}

fn line(Step { who, text, .. }: &Step) -> String {
    match who {
        Who::Start => text.clone(),
        Who::Test => format!("{text}{} ──>", " ".repeat(COLUMNS.saturating_sub(text.width()))),
        Who::Program => format!("{:COLUMNS$} <── {text}", ""),
    }
}

fn step(
    messages: &Messages,
    report: &Report,
    TestStep { endpoint, action }: &TestStep,
) -> Option<Step> {
    let several = report.steps.iter().any(|step| match (step.endpoint, endpoint) {
        (Endpoint::Socket(one), Endpoint::Socket(other)) => one != *other,
        _ => false,
    });
    let socket = match endpoint {
        Endpoint::Socket(number) if several => format!("#{number} "),
        _ => String::new(),
    };
    let step = |who, text: &str| Step { endpoint: *endpoint, who, text: format!("{socket}{text}") };
    let to = |text: &str| Some(step(Who::Test, text));
    let from = |text: &str| Some(step(Who::Program, text));
    let end = messages.get("did-end-of-file");
    match action {
        Action::Start { command } => {
            let who = match command {
                _ if command.contains("server") => return None,
                _ if command.contains("client") => "your-client",
                _ => "your-program",
            };
            let values = [("who", messages.get(who)), ("command", &one_line(command))];
            Some(step(Who::Start, &messages.fill("did-start", &values)))
        }
        Action::Write { bytes } => {
            to(&messages.fill("did-write", &[("bytes", &messages.show(bytes))]))
        }
        Action::EndInput => to(messages.get("did-end-input")),
        Action::Signal { name } => to(name),
        Action::Connect { .. } => to(messages.get("did-connect")),
        Action::Accept { .. } => from(messages.get("did-connect")),
        Action::Send { bytes } | Action::Exchange { bytes } | Action::SendTo { bytes, .. } => {
            to(&messages.show(bytes))
        }
        Action::Receive { bytes } | Action::ReceiveFrom { bytes, .. } => {
            from(&messages.show(bytes))
        }
        Action::ReceiveToEnd { bytes } if bytes.key == "no-bytes" => from(end),
        Action::ReceiveToEnd { bytes } => from(&format!("{}, {end}", messages.show(bytes))),
        Action::EndSending => to(messages.get("did-close-half")),
        Action::Reset | Action::Close => to(messages.get("did-close")),
    }
}

/// What was seen instead, with the place that differs where the message may be cut off before it.
fn full_actual(messages: &Messages, report: &Report) -> String {
    let place = match (report.cause.as_deref(), &report.differs) {
        (None | Some("differs"), Some(place)) => far(messages, place),
        _ => String::new(),
    };
    format!("{}{place}", messages.show(&report.actual))
}

/// The place that differs, where the message may be cut off before it.
fn far(messages: &Messages, place: &Difference) -> String {
    if !place.is_far() {
        return String::new();
    }
    let shown = |rest: &Excerpt| match rest.first.is_empty() {
        true => messages.get("differs-nothing").to_owned(),
        false => format!("\"{}\"", rest.shown()),
    };
    let (actual, expected) = (shown(&place.actual), shown(&place.expected));
    messages.show(&message!("differs-far", at = place.at, actual, expected))
}

#[cfg(test)]
mod tests {
    use ::tests::show;

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
            let said = summary(&report, language);
            assert!(said.contains("1700") && said.contains("\"y\""), "{said}");
        }
        report.cause = None;
        assert!(summary(&report, Language::En).ends_with("at byte 1700: \"y\" instead of \"x\""));
    }
}
