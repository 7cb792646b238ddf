//! What `cargo test` shows in a hand-out: where the student stands, in the order of the lesson,
//! and the one thing to do next.

use std::fmt::Write as _;
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use crate::commands::next_step;
use crate::failure_text;
use crate::grading::marks::{Marks, TaskMark, points};
use crate::messages::Messages;
use crate::reasons;

/// Columns of the titles.
const TITLE: usize = 28;

/// The most lines of what the compiler says.
const COMPILER: usize = 14;

/// The state of the homework in the workspace at `root`, with the compiler's first error.
pub fn draw(messages: &Messages, root: &Path, marks: &Marks, compiler: Option<&str>) -> String {
    let title = messages.fill("title-own", &[("points", &points(marks.tenths()))]);
    let mut screen = format!("{title}\n");
    if let Some(error) = compiler {
        for line in error.trim_end().lines().take(COMPILER) {
            _ = writeln!(screen, "{line}");
        }
        screen.push('\n');
    }
    for mark in marks.regressions() {
        let task = messages.task(&mark.task.name);
        // What does not build says so by itself.
        let worked_once =
            mark.failed().next().is_some() && !next_step::has_command(root, &mark.task);
        let key = if worked_once { "lost" } else { "not-there" };
        _ = writeln!(screen, "✗ {}", messages.fill(key, &[("task", task)]));
        first_failure(messages, mark, &mut screen);
    }
    for mark in marks.homework() {
        let sign = if mark.is_complete() { '✓' } else { '✗' };
        let name = messages.task(&mark.task.name);
        let room = " ".repeat(TITLE.saturating_sub(name.width()));
        let (one, all) = (points(mark.tenths()), mark.task.points.to_string());
        let earned = messages.fill("of", &[("one", &one), ("all", &all)]);
        let why_not = reasons::not_tried(messages, mark, reasons::reason_in_short);
        let behind = match mark.failed().next() {
            _ if mark.is_complete() => String::new(),
            None => why_not.concat(),
            Some(_) => next_step::place(root, &mark.task),
        };
        _ = writeln!(
            screen,
            "{}",
            format!("{sign} {name}{room}{earned:>10}   {behind}").trim_end()
        );
        if mark.failed().next().is_some() {
            first_failure(messages, mark, &mut screen);
        }
    }
    screen.push('\n');
    match marks.next() {
        Some(mark) => screen += &what_next(messages, root, mark, compiler),
        None => _ = writeln!(screen, "{}", messages.get("done")),
    }
    _ = writeln!(screen, "{}", messages.get("more-commands"));
    screen
}

/// The first failure of a task as a conversation, and a line for what else of it has not passed.
fn first_failure(messages: &Messages, mark: &TaskMark, screen: &mut String) {
    if let Some((test, failure)) = mark.failed().next() {
        let more = mark.failed().count() - 1;
        if failure.is_unreadable_file() {
            // Nothing is known of any answer.
            _ = writeln!(
                screen,
                "    {}: {}",
                mark.task.file,
                failure_text::actual(messages, failure)
            );
            return;
        }
        let read =
            messages.fill("read", &[("notes", &failure_text::section(messages, mark, failure))]);
        let more = match more {
            0 => String::new(),
            _ => messages.fill("more-of-the-same", &[("count", &more.to_string())]),
        };
        let lines = failure_text::draw(messages, failure);
        _ = writeln!(
            screen,
            "    {}{more}{}{read}",
            messages.test_with_name(test),
            messages.get("and")
        );
        for line in lines {
            _ = writeln!(screen, "      {line}");
        }
    }
    for line in reasons::not_tried(messages, mark, reasons::reason_in_short) {
        _ = writeln!(screen, "    {line}");
    }
}

/// The next thing to do: what, and what to read.
fn what_next(messages: &Messages, root: &Path, mark: &TaskMark, compiler: Option<&str>) -> String {
    let ask = next_step::instruction(messages, mark, compiler, "ask-build");
    let (next, place) =
        (messages.fill("next", &[("ask", &ask)]), next_step::place(root, &mark.task));
    let notes = messages.section(&mark.task.section);
    let place = messages.fill("next-place", &[("place", &place), ("notes", &notes)]);
    format!("{next}\n{place}\n")
}
