//! The page with one question. Its last line is the answer being typed.

use homework::failure_text;
use homework::grading::marks::{Failure, Outcome};
use homework::messages::{Language, message};

use crate::app_state::AppState;
use crate::questions::Questions;
use crate::styled_text::{BAD, BOLD, GOOD, Line, PLAIN};
use crate::task_page::Body;

pub fn body(app: &AppState, questions: &Questions, width: usize) -> Body {
    let (field, language) = (questions.field(), app.messages.language);
    let (part, keys) = field.path.split_first().expect("a field has a key");
    let (one, all) = (questions.current + 1, questions.fields.len());
    let title = format!("[{part}]  {}", app.messages.show(&message!("question", one, all)));
    let mut lines = Line::new(BOLD, title).wrapped(width, 2);
    for paragraph in paragraphs(field.question(language), language) {
        lines.extend(Line::new(PLAIN, paragraph).wrapped(width, 0));
    }
    lines.extend(result(app, part).map(|line| line.wrapped(width, 2)).unwrap_or_default());
    lines.push(Line::new(BOLD, keys.join(".").replace('_', " ")).cut(width));
    let focus = lines.len();
    lines.push(Line::new(PLAIN, format!("> {}", questions.editor.text())).cut(width));
    (lines, focus)
}

/// Joins the lines of each paragraph. A sentence that ends at the end of a line ends a paragraph, and
/// an indented line is one of its own.
fn paragraphs<'a>(lines: impl Iterator<Item = &'a str>, language: Language) -> Vec<String> {
    let space = if language == Language::Zh { "" } else { " " };
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_unfinished = false;
    for line in lines {
        let is_indented = line.starts_with(' ');
        match paragraphs.last_mut().filter(|_| is_unfinished && !is_indented) {
            Some(last) => *last += &format!("{space}{line}"),
            None => paragraphs.push(line.to_owned()),
        }
        is_unfinished = !is_indented && !line.ends_with(['.', '?', '。', '？', ':', '：']);
    }
    paragraphs
}

/// Returns the test result of a part of the answers, if they were graded.
fn result(app: &AppState, part: &str) -> Option<Line> {
    let messages = &app.messages;
    let mark = app.marks()?.tasks.iter().find(|mark| mark.task.name == "questions")?;
    let is_of_part = |test: &str| messages.test(test).starts_with(&format!("[{part}]"));
    match &mark.tests.iter().find(|(test, _)| is_of_part(test))?.1 {
        Outcome::Passed(_) => Some(Line::new(GOOD, format!("✓ {}", messages.get("passed")))),
        Outcome::Failed(failure @ Failure::Reported(report)) => {
            let seen = failure_text::actual(messages, failure);
            let read = messages.read(&messages.section(&report.section));
            Some(Line::new(BAD, format!("✗ {seen}")).with(PLAIN, format!("  {read}")))
        }
        _ => None,
    }
}
