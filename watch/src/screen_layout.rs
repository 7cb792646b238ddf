//! The whole screen: where the student stands, the next thing to do, the page, and the keys.

use homework::commands::next;
use homework::grading::mark::{Marks, points};

use crate::app_state::{AppState, Page};
use crate::glyphs::Glyphs;
use crate::list_page;
use crate::styled_text::{BOLD, DIM, GOOD, Line, PLAIN};
use crate::task_page::{self, Body};

/// From so many rows on there is room for empty lines.
const ROOMY: usize = 18;

/// The screen: its lines, and where the cursor is, if there is one.
#[derive(Debug)]
pub struct Frame {
    /// As many as there are rows.
    pub lines: Vec<Line>,
    /// Column and row.
    pub cursor: Option<(usize, usize)>,
    /// How far down the page is scrolled, and how far it can be.
    pub scroll: (usize, usize),
}

/// Draws the screen in so many columns and rows.
pub fn draw(app: &AppState, glyphs: Glyphs, (width, height): (usize, usize)) -> Frame {
    // The last column stays free: some terminals begin a new line behind it.
    let width = width.saturating_sub(1).max(10);
    let mut head = vec![standing(app, width).cut(width)];
    let is_roomy = height >= ROOMY;
    if is_roomy {
        head.push(Line::default());
    }
    if !matches!(app.page, Page::Questions(_)) || is_roomy {
        head.extend(what_next(app, width));
    }
    if is_roomy {
        head.push(Line::default());
    }
    let mut foot = keys(app, width);
    let said = said(app);
    if is_roomy || said.is_some() {
        foot.splice(0..0, said.unwrap_or_default().wrapped(width, 2));
    }
    // The page comes first: of a head that leaves it no room there is less.
    let least = 3.min(height);
    foot.truncate(height.saturating_sub(least + 1));
    head.truncate(height.saturating_sub(foot.len() + least).max(1));
    let room = height.saturating_sub(head.len() + foot.len());
    let (page, focus) = page(app, width);
    let most = page.len().saturating_sub(room);
    let scroll = app.scroll.unwrap_or(focus.saturating_sub(1)).min(most);
    let scroll = match app.page {
        // What is typed is always seen.
        Page::Questions(_) => most,
        _ if page.len() <= room => 0,
        _ => scroll,
    };
    let mut cursor = None;
    if let Page::Questions(questions) = &app.page {
        let before = Line::new(PLAIN, format!("> {}", questions.entry.before())).width();
        cursor = Some((before.min(width), head.len() + focus - scroll.min(focus)));
    }
    let mut lines = head;
    lines.extend(page.into_iter().skip(scroll).take(room));
    lines.resize(height.saturating_sub(foot.len()), Line::default());
    lines.extend(foot);
    lines.truncate(height);
    // A sign of ASCII may be longer than what it stands for.
    let lines = lines.into_iter().map(|line| glyphs.show(line).cut(width)).collect();
    Frame { lines, cursor, scroll: (scroll, most) }
}

fn page(app: &AppState, width: usize) -> Body {
    match &app.page {
        Page::Task => task_page::body(app, width),
        Page::List(chosen) => list_page::list(app, *chosen),
        Page::Reset(program) => list_page::reset(app, program, width),
        Page::Questions(questions) => list_page::question(app, questions, width),
        Page::Beyond => list_page::beyond(app, width),
        Page::Calls(None) => {
            (Line::new(PLAIN, app.messages.get("calls-come")).wrapped(width, 0), 0)
        }
        // Its columns have a meaning: what is too long is cut at the edge.
        Page::Calls(Some(lines)) => (lines.iter().map(|line| Line::new(PLAIN, line)).collect(), 0),
    }
}

/// The bar over the tasks, and the points.
fn standing(app: &AppState, width: usize) -> Line {
    let messages = &app.messages;
    let title = Line::new(BOLD, format!("{}  ", messages.get("day")));
    let Some(marks) = app.marks() else { return title };
    let points = messages.fill("of-100", &[("points", &points(marks.tenths()))]);
    let points = Line::new(BOLD, format!("  {points}"));
    let room = width.saturating_sub(title.width() + points.width()).min(56);
    let mut line = title;
    if room >= 14 {
        line.0.extend(bar(marks, room).0);
    }
    line.0.extend(points.0);
    line
}

/// A piece for each task, as long as its points, filled as far as it is done.
fn bar(marks: &Marks, room: usize) -> Line {
    let mut line = Line::default();
    let pieces = marks.homework().count();
    let cells = room.saturating_sub(pieces + 1);
    line = line.and(DIM, "│");
    for mark in marks.homework() {
        let length = (cells * mark.task.points as usize / 100).max(1);
        let done = length * mark.passed() / mark.tests.len().max(1);
        line = line.and(GOOD, "█".repeat(done)).and(DIM, "░".repeat(length - done)).and(DIM, "│");
    }
    line
}

/// The one next thing: what is asked, where, and what to read.
fn what_next(app: &AppState, width: usize) -> Vec<Line> {
    let AppState { messages, root, marked, .. } = app;
    let Some(mark) = app.first_of_task() else { return Vec::new() };
    let compiler = marked.as_ref().and_then(|marked| marked.programs.compiler.as_deref());
    if mark.is_complete() {
        let task = messages.task(&mark.task.name);
        let mut line =
            Line::new(GOOD, format!("✓ {}", messages.fill("task-done", &[("task", task)])));
        line = match app.next_task() {
            Some(next) => {
                let next =
                    messages.fill("enter-goes-on", &[("task", messages.task(&next.task.name))]);
                line.and(PLAIN, format!("  {next}"))
            }
            None => line.and(BOLD, format!("  {}", messages.get("done"))),
        };
        return line.wrapped(width, 2);
    }
    let ask = next::ask(messages, mark, compiler, "ask-build-below");
    let mut lines = Line::new(BOLD, messages.fill("next", &[("ask", &ask)])).wrapped(width, 2);
    let read = messages.fill("read", &[("notes", &messages.section(&mark.task.section))]);
    let place = next::place_of_mark(root, mark);
    lines.extend(
        Line::new(PLAIN, format!("{place}{}{read}", messages.get("and"))).wrapped(width, 2),
    );
    lines
}

/// What is going on, or what the last key did.
fn said(app: &AppState) -> Option<Line> {
    let messages = &app.messages;
    match (&app.notice, app.at_work) {
        (Some(notice), _) => Some(Line::new(BOLD, notice)),
        (None, true) => Some(Line::new(DIM, messages.get("building-and-testing"))),
        (None, false) => None,
    }
}

/// The keys, as many in a line as fit.
fn keys(app: &AppState, width: usize) -> Vec<Line> {
    let key = match app.page {
        Page::Task => "keys",
        Page::List(_) => "keys-list",
        Page::Reset(_) => "keys-reset",
        Page::Questions(_) => "keys-questions",
        Page::Beyond | Page::Calls(_) => "keys-page",
    };
    let mut lines: Vec<Line> = Vec::new();
    for part in app.messages.get(key).split("  ") {
        let (letter, what) = part.split_once(' ').unwrap_or((part, ""));
        let own = Line::new(BOLD, letter).and(DIM, format!(" {what}"));
        match lines.last_mut().filter(|line| line.width() + 2 + own.width() <= width) {
            Some(line) => {
                line.0.push(Line::new(PLAIN, "  ").0.remove(0));
                line.0.extend(own.0);
            }
            None => lines.push(own),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use homework::messages::Language;

    use super::*;
    use crate::questions::Questions;

    #[test]
    fn no_size_is_too_small_and_no_line_too_long() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for language in [Language::En, Language::Zh] {
            let mut app = AppState::new(root.clone(), language);
            app.trouble = Some("cannot read 你好，世界 ".repeat(9));
            for page in [
                Page::Task,
                Page::Reset("day01-tcp-server".to_owned()),
                Page::Questions(Questions::open(&root).unwrap()),
                Page::Beyond,
                Page::Calls(Some(vec!["5 recv 65536 ──> 6 \"hello\\n\"".repeat(5)])),
            ] {
                app.page = page;
                for unicode in [true, false] {
                    let glyphs = Glyphs { colours: true, unicode };
                    for (width, height) in (1..90).flat_map(|w| [1, 2, 5, 10, 24].map(|h| (w, h))) {
                        let frame = draw(&app, glyphs, (width, height));
                        assert_eq!(frame.lines.len(), height, "{width} x {height}");
                        for line in &frame.lines {
                            assert!(line.width() < width.max(11), "{width}: {}", line.text());
                        }
                        let (column, row) = frame.cursor.unwrap_or_default();
                        assert!(
                            column < width.max(11) && row < height.max(3),
                            "{width} x {height}"
                        );
                    }
                }
            }
        }
    }
}
