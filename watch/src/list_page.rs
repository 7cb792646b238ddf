//! The pages with lists: the tasks, and the extra credit.

use homework::commands::list;
use homework::failure_text;
use homework::grading::marks::{Marks, points};
use homework::messages::message;

use crate::app_state::AppState;
use crate::styled_text::{BOLD, DIM, GOOD, Line, PLAIN};
use crate::task_page::Body;

pub fn tasks(app: &AppState, selected: usize) -> Body {
    let lines = app.marks().map(|marks| list::lines(&app.messages, &app.root, marks));
    let lines = lines.unwrap_or_default().into_iter().enumerate();
    let lines = lines.map(|(index, line)| match index == selected {
        true => Line::new(BOLD, format!("> {line}")),
        false => Line::new(PLAIN, format!("  {line}")),
    });
    (lines.collect(), selected)
}

pub fn extra_credit(app: &AppState, marks: &Marks, width: usize) -> Body {
    let messages = &app.messages;
    let one = points(marks.extra_credit_tenths());
    let all: u32 = marks.extra_credit().map(|mark| mark.task.points).sum();
    let title = messages.show(&message!("extra-credit", one, all));
    let mut lines = vec![Line::new(BOLD, title), Line::default()];
    for mark in marks.extra_credit() {
        let (style, sign) = if mark.is_complete() { (GOOD, '✓') } else { (PLAIN, '✗') };
        let score = messages.of(points(mark.tenths()), mark.task.points);
        let (task, file) = (messages.task(&mark.task.name), &mark.task.file);
        let line = Line::new(style, format!("{sign} {task}  {score}  {file}"));
        lines.extend(line.wrapped(width, 4));
        if let Some((test, failure)) = mark.failed().next() {
            let seen = failure_text::actual(messages, failure);
            let line = Line::new(DIM, format!("    {}: {seen}", messages.test(test)));
            lines.extend(line.wrapped(width, 6));
        }
    }
    lines.push(Line::default());
    lines.extend(Line::new(PLAIN, messages.get("one-of-them")).wrapped(width, 0));
    (lines, 0)
}
