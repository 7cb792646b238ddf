//! The other pages: the list of tasks, what lies beyond, a question, what is asked before a reset.

use homework::commands::list;
use homework::conversation;
use homework::grading::mark::{Failure, Outcome, TaskMark, points};
use homework::messages::Language;

use crate::app_state::AppState;
use crate::questions::Questions;
use crate::styled_text::{BAD, BOLD, DIM, GOOD, Line, PLAIN};
use crate::task_page::Body;

/// The tasks, one of them chosen.
pub fn list(app: &AppState, chosen: usize) -> Body {
    let Some(marks) = app.marks() else { return Body::default() };
    let lines = list::lines(&app.messages, &app.root, marks);
    let mark = |(at, line): (usize, String)| match at == chosen {
        true => Line::new(BOLD, format!("> {line}")),
        false => Line::new(PLAIN, format!("  {line}")),
    };
    (lines.into_iter().enumerate().map(mark).collect(), chosen)
}

/// What lies beyond the homework.
pub fn beyond(app: &AppState, width: usize) -> Body {
    let messages = &app.messages;
    let Some(marks) = &app.beyond else {
        return (Line::new(PLAIN, messages.get("beyond-comes")).wrapped(width, 0), 0);
    };
    let all: u32 = marks.beyond().map(|mark| mark.task.points).sum();
    let values = [("one", points(marks.beyond_tenths())), ("all", all.to_string())];
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut lines = vec![Line::new(BOLD, messages.fill("beyond", &values)), Line::default()];
    for mark in marks.beyond() {
        let style = if mark.is_complete() { GOOD } else { PLAIN };
        let sign = if mark.is_complete() { '✓' } else { '✗' };
        let (one, all) = (points(mark.tenths()), mark.task.points.to_string());
        let earned = messages.fill("of", &[("one", &one), ("all", &all)]);
        let line =
            format!("{sign} {}  {earned}  {}", messages.task(&mark.task.name), mark.task.file);
        lines.extend(Line::new(style, line).wrapped(width, 4));
        if let Some((test, failure)) = mark.failed().next() {
            let seen = conversation::seen(messages, failure);
            let line = format!("    {}: {seen}", messages.test(test));
            lines.extend(Line::new(DIM, line).wrapped(width, 6));
        }
    }
    lines.push(Line::default());
    lines.extend(Line::new(PLAIN, messages.get("one-of-them")).wrapped(width, 0));
    (lines, 0)
}

/// A question. The line that is typed into is the last.
pub fn question(app: &AppState, questions: &Questions, width: usize) -> Body {
    let messages = &app.messages;
    let Some(blank) = questions.blank() else { return Body::default() };
    let part = blank.path.first().map_or("", String::as_str);
    let (number, all) = ((questions.at + 1).to_string(), questions.blanks.len().to_string());
    let number = messages.fill("question", &[("one", &number), ("all", &all)]);
    let mut lines = Line::new(BOLD, format!("[{part}]  {number}")).wrapped(width, 2);
    for line in paragraphs(blank.question(&questions.text, app.language), app.language) {
        lines.extend(Line::new(PLAIN, line).wrapped(width, 0));
    }
    lines.extend(state(app, part).map(|line| line.wrapped(width, 2)).unwrap_or_default());
    lines.push(Line::new(BOLD, blank.path[1..].join(".").replace('_', " ")).cut(width));
    let focus = lines.len();
    lines.push(Line::new(PLAIN, format!("> {}", questions.entry.text())).cut(width));
    (lines, focus)
}

/// Lines that go on in the next, together. One that is indented stands for itself.
fn paragraphs(lines: Vec<String>, language: Language) -> Vec<String> {
    let between = if language == Language::Zh { "" } else { " " };
    let mut paragraphs: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        match paragraphs.last_mut().filter(|_| goes_on && !line.starts_with(' ')) {
            Some(last) => *last += &format!("{between}{line}"),
            None => paragraphs.push(line.clone()),
        }
        goes_on = !line.starts_with(' ') && !line.ends_with(['.', '?', '。', '？', ':', '：']);
    }
    paragraphs
}

/// What is known of a part of the answers.
fn state(app: &AppState, part: &str) -> Option<Line> {
    let messages = &app.messages;
    let is_asked = |mark: &&TaskMark| mark.task.name == "questions";
    let mark = app.marks()?.tasks.iter().find(is_asked)?;
    let (_, outcome) = mark
        .tests
        .iter()
        .find(|(test, _)| messages.test(test).starts_with(&format!("[{part}]")))?;
    match outcome {
        Outcome::Passed(_) => Some(Line::new(GOOD, format!("✓ {}", messages.get("passed")))),
        Outcome::Failed(failure @ Failure::Seen(report)) => {
            let seen = conversation::seen(messages, failure);
            let section = messages.section(&report.section);
            let read = messages.fill("read", &[("notes", &section)]);
            Some(Line::new(BAD, format!("✗ {seen}")).and(PLAIN, format!("  {read}")))
        }
        _ => None,
    }
}

/// What is asked before a reset.
pub fn reset(app: &AppState, program: &str, width: usize) -> Body {
    let asked = app.messages.fill("reset-question", &[("program", program)]);
    (Line::new(BOLD, asked).wrapped(width, 0), 0)
}
