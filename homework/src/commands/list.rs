//! `list`: the tasks of the homework, their points, and where to work on them.

use std::path::Path;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use crate::commands::next_step;
use crate::grading::local_grader::LocalGrader;
use crate::grading::marks::{Marks, TaskMark, points};
use crate::messages::Messages;
use crate::process;

const TITLE_WIDTH: usize = 28;

pub fn show(root: &Path, messages: &Messages) -> Result<String> {
    process::stop_on_ctrl_c()?;
    let marks = LocalGrader::build(root, false)?.grade()?.marks;
    let lines = lines(messages, root, &marks).join("\n");
    let total = messages.fill("of-100", &[("points", &points(marks.tenths()))]);
    Ok(format!("{lines}\n\n{total}\n{}\n", messages.get("hints-of")))
}

pub fn lines(messages: &Messages, root: &Path, marks: &Marks) -> Vec<String> {
    let line = |(index, mark): (usize, &TaskMark)| {
        let place = next_step::place(root, &mark.task);
        format!("{} {}", index + 1, line(messages, mark, 8, &place))
    };
    marks.homework().enumerate().map(line).collect()
}

/// Returns a line with a task's title, its points in a column of this width, and a note.
pub fn line(messages: &Messages, mark: &TaskMark, points_width: usize, note: &str) -> String {
    let sign = if mark.is_complete() { '✓' } else { '✗' };
    let title = messages.task(&mark.task.name);
    let space = " ".repeat(TITLE_WIDTH.saturating_sub(title.width()));
    let earned = messages.of(points(mark.tenths()), mark.task.points);
    format!("{sign} {title}{space}{earned:>points_width$}   {note}").trim_end().to_owned()
}
