//! A failed test as a conversation: who did what, until the place where something else came than
//! was expected.

use ::tests::{Action, Cause, Difference, Endpoint, Excerpt, Expected, Report, TestStep};
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

/// What came instead of what was expected, in one line.
pub fn summary(messages: &Messages, failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => {
            let expected = messages.fill("expected", &[("what", &expected(messages, report))]);
            let came = messages.fill("came", &[("what", &full_actual(messages, report))]);
            one_line(&format!("{expected}{}{came}", messages.get("and")))
        }
        _ => draw(messages, failure).concat(),
    }
}

/// What came, alone.
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
            to(&messages.fill("did-write", &[("bytes", &messages.say(bytes))]))
        }
        Action::EndInput => to(messages.get("did-end-input")),
        Action::Signal { name } => to(name),
        Action::Connect { .. } => to(messages.get("did-connect")),
        Action::Accept { .. } => from(messages.get("did-connect")),
        Action::Send { bytes } | Action::Exchange { bytes } | Action::SendTo { bytes, .. } => {
            to(&messages.say(bytes))
        }
        Action::Receive { bytes } | Action::ReceiveFrom { bytes, .. } => from(&messages.say(bytes)),
        Action::ReceiveToEnd { bytes } if bytes == "0 bytes" => from(end),
        Action::ReceiveToEnd { bytes } => from(&format!("{}, {end}", messages.say(bytes))),
        Action::EndSending => to(messages.get("did-close-half")),
        Action::Reset | Action::Close => to(messages.get("did-close")),
    }
}

/// What was expected.
pub fn expected(messages: &Messages, report: &Report) -> String {
    match &report.expected {
        Expected::Text(text) => messages.say(text),
        Expected::Receive { bytes } => messages.say(bytes),
        Expected::Connection => messages.get("expected-connection").to_owned(),
        Expected::Listener => messages.get("expected-listener").to_owned(),
        Expected::Closed => messages.get("expected-closed").to_owned(),
        Expected::Exit { status } => {
            messages.fill("expected-exit", &[("status", &status.to_string())])
        }
        Expected::Line { start } => messages.fill("expected-line", &[("line", start)]),
        Expected::Output { shown } => {
            messages.fill("expected-output", &[("bytes", &messages.say(shown))])
        }
        Expected::Start { program } => messages.fill("expected-start", &[("program", program)]),
        Expected::Answers { part } => messages.fill("expected-answers", &[("part", part)]),
    }
}

/// What came instead, with the place that differs, where it may be cut off.
fn full_actual(messages: &Messages, report: &Report) -> String {
    let place = match (&report.cause, &report.differs) {
        (None | Some(Cause::Differs { .. }), Some(place)) => far(messages, place),
        _ => String::new(),
    };
    format!("{}{place}", short_actual(messages, report))
}

/// What came instead: the first bytes of it, where there are many.
pub fn short_actual(messages: &Messages, report: &Report) -> String {
    let first = report.actual.lines().next().unwrap_or_default();
    let Some(cause) = &report.cause else {
        return messages.say(if report.differs.is_some() { first } else { &report.actual });
    };
    let key = format!("cause-{}", cause.name());
    let said = match cause {
        Cause::Differs { .. } => return messages.say(first),
        Cause::StillRunning { seconds } => {
            messages.fill(&key, &[("seconds", &seconds.to_string())])
        }
        Cause::ServerEnded { how } | Cause::Ended { how } => {
            messages.fill(&key, &[("how", &messages.say(how))])
        }
        Cause::Missing { program } => messages.fill(&key, &[("program", program)]),
        Cause::CannotStart { why } | Cause::Unreadable { why } => {
            messages.fill(&key, &[("why", &messages.say(why))])
        }
        Cause::Blank { name } | Cause::NotRight { name } => {
            messages.fill(&key, &[("name", &messages.say(name))])
        }
        Cause::NoWord { name, words } => messages.fill(&key, &[("name", name), ("words", words)]),
        Cause::FullWidth { line, character } => {
            messages.fill(&key, &[("line", &line.to_string()), ("character", character)])
        }
        _ => messages.get(&key).to_owned(),
    };
    match &report.bytes {
        Some(bytes) => {
            messages.fill("and-then", &[("bytes", &messages.say(bytes)), ("cause", &said)])
        }
        None => said,
    }
}

/// The place that differs, where it may be cut off in what came.
fn far(messages: &Messages, place: &Difference) -> String {
    if !place.is_far() {
        return String::new();
    }
    let shown = |rest: &Excerpt| match rest.first.is_empty() {
        true => messages.get("differs-nothing").to_owned(),
        false => format!("\"{}\"", rest.shown()),
    };
    let (came, expected) = (shown(&place.actual), shown(&place.expected));
    let at = place.at.to_string();
    messages.fill("differs-far", &[("at", &at), ("came", &came), ("expected", &expected)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;

    #[test]
    fn the_place_that_differs_is_in_the_summary_of_a_long_message() {
        let rest =
            |first: &str| Excerpt { first: first.into(), next: String::new(), left_out: 1300 };
        let mut report = Report {
            expected: Expected::Receive { bytes: "3000 bytes \"xxx\"...".to_owned() },
            actual: "3000 bytes \"xxx\"...\nfirst difference at byte 1700".to_owned(),
            cause: Some(Cause::Differs { actual: "?".to_owned(), instead_of: "!".to_owned() }),
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
            assert!(!said.contains("first difference"), "{said}");
        }
        report.cause = None;
        assert!(summary(&report, Language::En).ends_with("at byte 1700: \"y\" instead of \"x\""));
    }
}
