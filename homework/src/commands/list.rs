//! The tasks of the homework: which are done, and where the others are to be done.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use crate::commands::next_step;
use crate::grading::local_grader::LocalGrader;
use crate::grading::marks::{Marks, points};
use crate::messages::Messages;
use crate::process;

/// Columns of the titles.
const TITLE: usize = 28;

/// Marks the homework in the workspace at `root`, and lists its tasks.
///
/// # Errors
///
/// The tests do not build, or the system fails.
pub fn show(root: &Path, messages: &Messages) -> Result<ExitCode> {
    process::stop_on_ctrl_c()?;
    let marked = LocalGrader::build(root, false)?.grade()?;
    let mut text = lines(messages, root, &marked.marks).join("\n") + "\n\n";
    let points = points(marked.marks.tenths());
    text += &format!(
        "{}\n{}\n",
        messages.fill("of-100", &[("points", &points)]),
        messages.get("hints-of")
    );
    common::print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each task, with its number.
pub fn lines(messages: &Messages, root: &Path, marks: &Marks) -> Vec<String> {
    let line = |(index, mark): (usize, &crate::grading::marks::TaskMark)| {
        let sign = if mark.is_complete() { '✓' } else { '✗' };
        let name = messages.task(&mark.task.name);
        let room = " ".repeat(TITLE.saturating_sub(name.width()));
        let (one, all) = (points(mark.tenths()), mark.task.points.to_string());
        let earned = messages.fill("of", &[("one", &one), ("all", &all)]);
        let place = next_step::place(root, &mark.task);
        format!("{} {sign} {name}{room}{earned:>8}   {place}", index + 1)
    };
    marks.homework().enumerate().map(line).collect()
}
