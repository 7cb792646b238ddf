//! Lays out the whole screen: the score, the next task, the open page, and the keys.

use homework::commands::next_step;
use homework::grading::marks::{Marks, points};

use crate::app_state::{AppState, Page};
use crate::glyphs::Glyphs;
use crate::styled_text::{BOLD, DIM, GOOD, Line, PLAIN};
use crate::task_page::Body;
use crate::{list_page, question_page, task_page};

/// From this many rows on there are empty lines between the parts.
const ROOMY: usize = 18;

/// Narrowest layout in columns. On a narrower screen lines are cut.
const MIN_WIDTH: usize = 10;

const MIN_PAGE_ROWS: usize = 3;

#[derive(Debug)]
pub struct Frame {
    pub lines: Vec<Line>,
    /// Column and row of the cursor, if it's visible.
    pub cursor: Option<(usize, usize)>,
    /// Scroll offset of the page in lines, and its maximum.
    pub scroll: (usize, usize),
}

pub fn draw(app: &AppState, glyphs: Glyphs, (width, height): (usize, usize)) -> Frame {
    // The last column stays empty: some terminals wrap after it.
    let width = width.saturating_sub(1).max(MIN_WIDTH);
    let is_roomy = height >= ROOMY;
    let questions = match &app.page {
        Page::Questions(questions) => Some(questions),
        _ => None,
    };
    let mut head = vec![score(app, width).cut(width)];
    if is_roomy {
        head.push(Line::default());
    }
    if questions.is_none() || is_roomy {
        head.extend(next_step(app, width));
    }
    if is_roomy {
        head.push(Line::default());
    }
    let status = status(app);
    let mut foot = Vec::new();
    if is_roomy || status.is_some() {
        foot = status.unwrap_or_default().wrapped(width, 2);
    }
    foot.extend(keys(app, width));

    let page_rows = MIN_PAGE_ROWS.min(height);
    foot.truncate(height.saturating_sub(page_rows + 1));
    head.truncate(height.saturating_sub(foot.len() + page_rows).max(1));
    let room = height.saturating_sub(head.len() + foot.len());
    let (page, focus) = page(app, width);
    let max_scroll = page.len().saturating_sub(room);
    let scroll = match questions {
        // The line being typed stays visible.
        Some(_) => max_scroll,
        None => app.scroll.unwrap_or(focus.saturating_sub(1)).min(max_scroll),
    };
    let cursor = questions.map(|questions| {
        let before = Line::new(PLAIN, format!("> {}", questions.editor.before_cursor()));
        (before.width().min(width), head.len() + focus - scroll.min(focus))
    });
    let mut lines = head;
    lines.extend(page.into_iter().skip(scroll).take(room));
    lines.resize(height.saturating_sub(foot.len()), Line::default());
    lines.extend(foot);
    lines.truncate(height);
    // An ASCII replacement may be longer than the original.
    let lines = lines.into_iter().map(|line| glyphs.apply(line).cut(width)).collect();
    Frame { lines, cursor, scroll: (scroll, max_scroll) }
}

fn page(app: &AppState, width: usize) -> Body {
    let text = |style, text: &str| (Line::new(style, text).wrapped(width, 0), 0);
    match &app.page {
        Page::Task => task_page::body(app, width),
        Page::List(selected) => list_page::tasks(app, *selected),
        Page::Reset(program) => {
            text(BOLD, &app.messages.fill("reset-question", &[("program", program)]))
        }
        Page::Questions(questions) => question_page::body(app, questions, width),
        Page::ExtraCredit => match &app.extra_credit {
            Some(marks) => list_page::extra_credit(app, marks, width),
            None => text(PLAIN, app.messages.get("extra-credit-runs")),
        },
        Page::Calls(None) => text(PLAIN, app.messages.get("calls-come")),
        // Wrapping would break the columns of the diagram.
        Page::Calls(Some(lines)) => (lines.iter().map(|line| Line::new(PLAIN, line)).collect(), 0),
    }
}

fn score(app: &AppState, width: usize) -> Line {
    let messages = &app.messages;
    let title = Line::new(BOLD, format!("{}  ", messages.get("day")));
    let Some(marks) = app.marks() else { return title };
    let points = messages.fill("of-100", &[("points", &points(marks.tenths()))]);
    let points = Line::new(BOLD, format!("  {points}"));
    let room = width.saturating_sub(title.width() + points.width()).min(56);
    let bar = if room >= 14 { progress_bar(marks, room) } else { Line::default() };
    Line([title.0, bar.0, points.0].concat())
}

/// A segment for each task, as long as its points, filled as far as its tests pass.
fn progress_bar(marks: &Marks, room: usize) -> Line {
    let mut line = Line::new(DIM, "│");
    let cells = room.saturating_sub(marks.homework().count() + 1);
    for mark in marks.homework() {
        let length = (cells * mark.task.points as usize / 100).max(1);
        let filled = length * mark.passed() / mark.tests.len().max(1);
        line = line.with(GOOD, "█".repeat(filled)).with(DIM, "░".repeat(length - filled) + "│");
    }
    line
}

/// What to do next, where, and what to read about it.
fn next_step(app: &AppState, width: usize) -> Vec<Line> {
    let AppState { messages, root, graded, .. } = app;
    let Some(mark) = app.task_to_do() else { return Vec::new() };
    if mark.is_complete() {
        let done = messages.fill("task-done", &[("task", messages.task(&mark.task.name))]);
        let done = Line::new(GOOD, format!("✓ {done}  "));
        let line = match app.next_task() {
            Some(next) => {
                let task = messages.task(&next.task.name);
                done.with(PLAIN, messages.fill("enter-goes-on", &[("task", task)]))
            }
            None => done.with(BOLD, messages.get("done")),
        };
        return line.wrapped(width, 2);
    }
    let compiler = graded.as_ref().and_then(|graded| graded.programs.compiler_error());
    let ask = next_step::instruction(messages, mark, compiler, "ask-build-below");
    let ask = Line::new(BOLD, messages.fill("next", &[("ask", &ask)]));
    let place = next_step::place_to_fix(root, mark);
    let read = messages.read(&messages.section(&mark.task.section));
    let place = Line::new(PLAIN, format!("{place}{}{read}", messages.get("and")));
    [ask.wrapped(width, 2), place.wrapped(width, 2)].concat()
}

/// What the last key did, or that the test runner is busy.
fn status(app: &AppState) -> Option<Line> {
    let busy = || Line::new(DIM, app.messages.get("building-and-testing"));
    let notice = app.notice.as_ref().map(|notice| Line::new(BOLD, notice));
    notice.or_else(|| app.is_busy.then(busy))
}

fn keys(app: &AppState, width: usize) -> Vec<Line> {
    let key = match app.page {
        Page::Task => "keys",
        Page::List(_) => "keys-list",
        Page::Reset(_) => "keys-reset",
        Page::Questions(_) => "keys-questions",
        Page::ExtraCredit | Page::Calls(_) => "keys-page",
    };
    let mut lines: Vec<Line> = Vec::new();
    for part in app.messages.get(key).split("  ") {
        let (letter, label) = part.split_once(' ').unwrap_or((part, ""));
        let part = Line::new(BOLD, letter).with(DIM, format!(" {label}"));
        match lines.last_mut().filter(|line| line.width() + 2 + part.width() <= width) {
            Some(line) => line.0.extend(Line::new(PLAIN, "  ").0.into_iter().chain(part.0)),
            None => lines.push(part),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use homework::messages::{Language, Messages};

    use super::*;
    use crate::questions::Questions;

    #[test]
    fn every_page_fits_every_screen() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for language in [Language::En, Language::Zh] {
            let mut app = AppState::new(root.clone(), Messages::new(language));
            app.error = Some("can't read 你好，世界 ".repeat(9));
            for page in [
                Page::Task,
                Page::Reset("day01-tcp-server".to_owned()),
                Page::Questions(Questions::open(&root).unwrap()),
                Page::ExtraCredit,
                Page::Calls(Some(vec!["5 recv 65536 ──> 6 \"hello\\n\"".repeat(5)])),
            ] {
                app.page = page;
                for unicode in [true, false] {
                    let glyphs = Glyphs { colours: true, unicode };
                    for (width, height) in (1..90).flat_map(|w| [1, 2, 5, 10, 24].map(|h| (w, h))) {
                        let frame = draw(&app, glyphs, (width, height));
                        assert_eq!(frame.lines.len(), height, "{width} x {height}");
                        let max = width.max(MIN_WIDTH + 1);
                        for line in &frame.lines {
                            assert!(line.width() < max, "{width}: {}", line.text());
                        }
                        let (column, row) = frame.cursor.unwrap_or_default();
                        let is_inside = column < max && row < height.max(MIN_PAGE_ROWS);
                        assert!(is_inside, "{width} x {height}");
                    }
                }
            }
        }
    }
}
