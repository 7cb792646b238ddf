//! A failed test as a conversation: who did what, until the place where something else came than
//! was expected.

use ::tests::{Action, Cause, Did, Difference, Expected, Report, Rest, With};
use common::one_line;
use unicode_width::UnicodeWidthStr;

use crate::grading::mark::{Failure, TaskMark};
use crate::texts::Texts;

/// The most lines of one conversation.
const LINES: usize = 12;

/// How many of them stand at its start when some are left out.
const FIRST: usize = 3;

/// The columns of what the test does, left of the arrows.
const COLUMNS: usize = 34;

/// Draws what happened, line by line.
pub fn draw(texts: &Texts, failure: &Failure) -> Vec<String> {
    let report = match failure {
        Failure::Seen(report) => report,
        Failure::Stopped(seconds) => {
            return vec![texts.fill("stopped", &[("seconds", &seconds.to_string())])];
        }
        Failure::Broken(what) => return vec![texts.fill("broken", &[("what", &one_line(what))])],
    };
    let mut lines: Vec<String> = steps(texts, report).iter().map(line).collect();
    let end = format!("✗ {}", summary(texts, failure));
    if lines.len() >= LINES {
        let left_out = lines.len() + 2 - LINES;
        let count = left_out.to_string();
        let middle = texts.fill("left out", &[("count", &count)]);
        lines.splice(FIRST..FIRST + left_out, [middle]);
    }
    lines.push(end);
    lines
}

/// What came instead of what was expected, in one line.
pub fn summary(texts: &Texts, failure: &Failure) -> String {
    match failure {
        Failure::Seen(report) => {
            let expected = texts.fill("expected", &[("what", &expected(texts, report))]);
            let came = texts.fill("came", &[("what", &came(texts, report))]);
            one_line(&format!("{expected}{}{came}", texts.get("and")))
        }
        _ => draw(texts, failure).concat(),
    }
}

/// What came, alone.
pub fn seen(texts: &Texts, failure: &Failure) -> String {
    match failure {
        Failure::Seen(report) => came(texts, report),
        _ => summary(texts, failure),
    }
}

/// The section of the notes that helps with a failure.
pub fn section(texts: &Texts, mark: &TaskMark, failure: &Failure) -> String {
    match failure {
        Failure::Seen(report) => texts.section(&report.section),
        _ => texts.section(&mark.task.section),
    }
}

/// One step of a conversation.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// With which program or socket.
    pub with: With,
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
pub fn steps(texts: &Texts, report: &Report) -> Vec<Step> {
    report.actions.iter().filter_map(|action| step(texts, report, action)).collect()
}

fn line(Step { who, text, .. }: &Step) -> String {
    match who {
        Who::Start => text.clone(),
        Who::Test => format!("{text}{} ──>", " ".repeat(COLUMNS.saturating_sub(text.width()))),
        Who::Program => format!("{:COLUMNS$} <── {text}", ""),
    }
}

fn step(texts: &Texts, report: &Report, Action { with, did }: &Action) -> Option<Step> {
    let several = report.actions.iter().any(|action| match (action.with, with) {
        (With::Socket(one), With::Socket(other)) => one != *other,
        _ => false,
    });
    let socket = match with {
        With::Socket(number) if several => format!("#{number} "),
        _ => String::new(),
    };
    let step = |who, text: &str| Step { with: *with, who, text: format!("{socket}{text}") };
    let to = |text: &str| Some(step(Who::Test, text));
    let from = |text: &str| Some(step(Who::Program, text));
    let end = texts.get("did end of file");
    match did {
        Did::Start { command } => {
            let who = match command {
                _ if command.contains("server") => return None,
                _ if command.contains("client") => "your client",
                _ => "your program",
            };
            let values = [("who", texts.get(who)), ("command", &one_line(command))];
            Some(step(Who::Start, &texts.fill("did start", &values)))
        }
        Did::Write { bytes } => to(&texts.fill("did write", &[("bytes", &texts.say(bytes))])),
        Did::EndInput => to(texts.get("did end input")),
        Did::Signal { name } => to(name),
        Did::Connect { .. } => to(texts.get("did connect")),
        Did::Accept { .. } => from(texts.get("did connect")),
        Did::Send { bytes } | Did::Exchange { bytes } | Did::SendTo { bytes, .. } => {
            to(&texts.say(bytes))
        }
        Did::Receive { bytes } | Did::ReceiveFrom { bytes, .. } => from(&texts.say(bytes)),
        Did::ReceiveToEnd { bytes } if bytes == "0 bytes" => from(end),
        Did::ReceiveToEnd { bytes } => from(&format!("{}, {end}", texts.say(bytes))),
        Did::EndSending => to(texts.get("did close half")),
        Did::Reset | Did::Close => to(texts.get("did close")),
    }
}

/// What was expected.
pub fn expected(texts: &Texts, report: &Report) -> String {
    match &report.expected {
        Expected::Text(text) => texts.say(text),
        Expected::Receive { bytes } => texts.say(bytes),
        Expected::Connection => texts.get("expected connection").to_owned(),
        Expected::Listener => texts.get("expected listener").to_owned(),
        Expected::Closed => texts.get("expected closed").to_owned(),
        Expected::Exit { status } => {
            texts.fill("expected exit", &[("status", &status.to_string())])
        }
        Expected::Line { start } => texts.fill("expected line", &[("line", start)]),
        Expected::Output { shown } => {
            texts.fill("expected output", &[("bytes", &texts.say(shown))])
        }
        Expected::Start { program } => texts.fill("expected start", &[("program", program)]),
        Expected::Answers { part } => texts.fill("expected answers", &[("part", part)]),
    }
}

/// What came instead, with the place that differs, where it may be cut off.
fn came(texts: &Texts, report: &Report) -> String {
    let place = match (&report.cause, &report.differs) {
        (None | Some(Cause::Differs { .. }), Some(place)) => far(texts, place),
        _ => String::new(),
    };
    format!("{}{place}", came_in_short(texts, report))
}

/// What came instead: the first bytes of it, where there are many.
pub fn came_in_short(texts: &Texts, report: &Report) -> String {
    let first = report.came.lines().next().unwrap_or_default();
    let Some(cause) = &report.cause else {
        return texts.say(if report.differs.is_some() { first } else { &report.came });
    };
    let key = format!("cause {}", cause.name());
    let said = match cause {
        Cause::Differs { .. } => return texts.say(first),
        Cause::StillRunning { seconds } => texts.fill(&key, &[("seconds", &seconds.to_string())]),
        Cause::ServerEnded { how } | Cause::Ended { how } => {
            texts.fill(&key, &[("how", &texts.say(how))])
        }
        Cause::Missing { program } => texts.fill(&key, &[("program", program)]),
        Cause::CannotStart { why } | Cause::Unreadable { why } => {
            texts.fill(&key, &[("why", &texts.say(why))])
        }
        Cause::Blank { name } | Cause::NotRight { name } => {
            texts.fill(&key, &[("name", &texts.say(name))])
        }
        Cause::NoWord { name, words } => texts.fill(&key, &[("name", name), ("words", words)]),
        Cause::FullWidth { line, character } => {
            texts.fill(&key, &[("line", &line.to_string()), ("character", character)])
        }
        _ => texts.get(&key).to_owned(),
    };
    match &report.bytes {
        Some(bytes) => texts.fill("and then", &[("bytes", &texts.say(bytes)), ("cause", &said)]),
        None => said,
    }
}

/// The place that differs, where it may be cut off in what came.
fn far(texts: &Texts, place: &Difference) -> String {
    if !place.is_far() {
        return String::new();
    }
    let shown = |rest: &Rest| match rest.first.is_empty() {
        true => texts.get("differs nothing").to_owned(),
        false => format!("\"{}\"", rest.shown()),
    };
    let (came, expected) = (shown(&place.came), shown(&place.expected));
    let at = place.at.to_string();
    texts.fill("differs far", &[("at", &at), ("came", &came), ("expected", &expected)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Language;

    #[test]
    fn the_place_that_differs_is_in_the_summary_of_a_long_message() {
        let rest = |first: &str| Rest { first: first.into(), next: String::new(), left_out: 1300 };
        let mut report = Report {
            expected: Expected::Receive { bytes: "3000 bytes \"xxx\"...".to_owned() },
            came: "3000 bytes \"xxx\"...\nfirst difference at byte 1700".to_owned(),
            cause: Some(Cause::Differs { came: "?".to_owned(), instead_of: "!".to_owned() }),
            differs: Some(Difference {
                at: 1700,
                left_out: 1680,
                equal: "x".repeat(20),
                expected: rest("x"),
                came: rest("y"),
            }),
            ..Report::default()
        };
        let summary = |report: &Report, language| {
            summary(&Texts::new(language), &Failure::Seen(Box::new(report.clone())))
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
