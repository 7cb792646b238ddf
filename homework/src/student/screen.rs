//! What `cargo test` shows in a hand-out: where the student stands, in the order of the lesson,
//! and the one thing to do next.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use crate::conversation;
use crate::marking::mark::{Marks, TaskMark, points};
use crate::marking::rubric::Task;
use crate::reasons;
use crate::texts::Texts;

/// Columns of the titles.
const TITLE: usize = 28;

/// The most lines of what the compiler says.
const COMPILER: usize = 14;

/// The state of the homework in the workspace at `root`, with the compiler's first error.
pub fn draw(texts: &Texts, root: &Path, marks: &Marks, compiler: Option<&str>) -> String {
    let title = texts.fill("title own", &[("points", &points(marks.tenths()))]);
    let mut screen = format!("\n{title}\n\n");
    if let Some(error) = compiler {
        for line in error.trim_end().lines().take(COMPILER) {
            _ = writeln!(screen, "{line}");
        }
        screen.push('\n');
    }
    for mark in marks.lost() {
        let lost = texts.fill("lost", &[("task", texts.task(&mark.task.name))]);
        _ = writeln!(screen, "✗ {lost}");
        first_failure(texts, mark, &mut screen);
    }
    for mark in marks.homework() {
        let sign = if mark.is_complete() { '✓' } else { '✗' };
        let name = texts.task(&mark.task.name);
        let room = " ".repeat(TITLE.saturating_sub(name.width()));
        let (one, all) = (points(mark.tenths()), mark.task.points.to_string());
        let earned = texts.fill("of", &[("one", &one), ("all", &all)]);
        _ = writeln!(screen, "{sign} {name}{room}{earned:>12}");
        first_failure(texts, mark, &mut screen);
    }
    screen.push('\n');
    let next = marks.lost().chain(marks.homework()).find(|mark| !mark.is_complete());
    match next {
        Some(mark) => screen += &what_next(texts, root, &mark.task),
        None => _ = writeln!(screen, "{}", texts.get("done")),
    }
    _ = writeln!(screen, "{}", texts.get("what lies beyond"));
    screen
}

/// The first failure of a task as a conversation, and a line for what else of it has not passed.
fn first_failure(texts: &Texts, mark: &TaskMark, screen: &mut String) {
    if let Some((test, failure)) = mark.failed().next() {
        _ = writeln!(screen, "    {}", texts.test(test));
        for line in conversation::draw(texts, failure) {
            _ = writeln!(screen, "      {line}");
        }
        let more = mark.failed().count() - 1;
        if more > 0 {
            let more = texts.fill("more of the same", &[("count", &more.to_string())]);
            _ = writeln!(screen, "    {more}");
        }
    }
    for line in reasons::not_tried(texts, mark, reasons::reason_in_short) {
        _ = writeln!(screen, "    {line}");
    }
}

/// The next thing to do: what, where, and what to read.
fn what_next(texts: &Texts, root: &Path, task: &Task) -> String {
    let (ask, notes) =
        (texts.get(&format!("ask {}", task.name)).to_owned(), texts.section(&task.section));
    let line = place(root, task).to_string();
    let place = [("file", task.file.as_str()), ("line", line.as_str()), ("notes", notes.as_str())];
    format!(
        "{}\n{}\n{}\n",
        texts.fill("next", &[("ask", &ask)]),
        texts.fill("next place", &place),
        texts.get("next again"),
    )
}

/// The line of a task's file where the work is to be done.
fn place(root: &Path, task: &Task) -> usize {
    let text = fs::read_to_string(root.join(&task.file)).unwrap_or_default();
    let found = |place: &String| text.lines().position(|line| line.contains(place.as_str()));
    task.places.iter().find_map(found).map_or(1, |line| line + 1)
}
