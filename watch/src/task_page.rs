//! The task that is being done: what came of the last save, as a conversation or in the compiler's
//! words.

use homework::commands::hints;
use homework::conversation;
use homework::grading::mark::{Because, Failure, Outcome, TaskMark};
use homework::ladder;
use homework::reasons;

use crate::app_state::AppState;
use crate::styled_text::{BAD, DIM, GOOD, Line, PLAIN};

/// The lines of a page, and the one that is to be seen where there is no room for all.
pub type Body = (Vec<Line>, usize);

/// The task in so many columns.
pub fn body(app: &AppState, width: usize) -> Body {
    let mut page = Page { app, width, lines: Vec::new(), focus: 0 };
    if let Some(trouble) = &app.trouble {
        page.add(Line::new(BAD, format!("✗ {trouble}")));
    }
    match app.task().zip(app.first_of_task()) {
        Some((own, first)) => {
            page.hints(first);
            page.why_not(own);
            page.task(first);
        }
        None if app.trouble.is_none() => {
            page.add(Line::new(PLAIN, app.messages.get("first-build")));
        }
        None => {}
    }
    (page.lines, page.focus)
}

struct Page<'a> {
    app: &'a AppState,
    width: usize,
    lines: Vec<Line>,
    focus: usize,
}

impl Page<'_> {
    fn add(&mut self, line: Line) {
        self.lines.extend(line.wrapped(self.width, 2));
    }

    fn hints(&mut self, mark: &TaskMark) {
        let AppState { messages, root, .. } = self.app;
        for step in 1..=self.app.hints {
            let hint = hints::hint(messages, root, &mark.task, step);
            self.add(Line::new(PLAIN, format!("{step}/{}  {hint}", hints::STEPS)));
        }
        if self.app.hints > 0 {
            self.lines.push(Line::default());
        }
    }

    /// That another task comes first.
    fn why_not(&mut self, mark: &TaskMark) {
        let messages = &self.app.messages;
        if let Some((_, because @ Because::Task(_))) = mark.not_tried().next() {
            let (because, count) = (reasons::reason(messages, because), mark.not_tried().count());
            let values = [("because", because.as_str()), ("count", &count.to_string())];
            self.add(Line::new(DIM, messages.fill("not-tried", &values)));
        }
    }

    fn task(&mut self, mark: &TaskMark) {
        let messages = &self.app.messages;
        if let Some((_, Because::Program(program, problem))) = mark.not_tried().next() {
            return self.compiler(program, problem);
        }
        if let Some((_, failure)) = mark.failed().find(|(_, failure)| failure.is_of_the_file()) {
            // Nothing is known of any answer.
            let seen = conversation::seen(messages, failure);
            return self.add(Line::new(BAD, format!("✗ {}: {seen}", mark.task.file)));
        }
        let mut shown = mark.failed().next().map(|(test, _)| test.to_owned());
        if shown.is_none() {
            let own = |wanted: &str| mark.tests.iter().any(|(test, _)| test == wanted);
            let passed = self.app.passed.clone().filter(|test| own(test));
            shown = passed.or_else(|| mark.tests.first().map(|(test, _)| test.clone()));
        }
        for (test, outcome) in &mark.tests {
            let is_shown = shown.as_ref() == Some(test);
            self.test(test, outcome, is_shown);
        }
    }

    fn test(&mut self, test: &str, outcome: &Outcome, is_shown: bool) {
        let messages = &self.app.messages;
        let columns = self.width.saturating_sub(2);
        match outcome {
            Outcome::Passed(report) => {
                self.add(Line::new(GOOD, format!("✓ {}", messages.test(test))));
                if let Some(report) = report.as_ref().filter(|_| is_shown) {
                    self.conversation(ladder::draw(messages, report, columns), None);
                }
            }
            Outcome::Failed(failure) => {
                if is_shown {
                    self.focus = self.lines.len();
                }
                let seen = match failure {
                    // Of a question there is no conversation.
                    Failure::Seen(report) if report.steps.is_empty() => {
                        format!("{} ", conversation::seen(messages, failure))
                    }
                    _ => String::new(),
                };
                if !seen.is_empty() {
                    let line = Line::new(BAD, format!("✗ {}", messages.test(test)));
                    return self.add(line.and(PLAIN, format!("  {seen}")));
                }
                self.add(Line::new(BAD, format!("✗ {}", messages.test_with_name(test))));
                if is_shown {
                    let said = match failure {
                        Failure::Seen(report) => ladder::draw_broken(messages, report, columns),
                        _ => Vec::new(),
                    };
                    self.conversation(said, Some(conversation::summary(messages, failure)));
                }
            }
            Outcome::NotTried(_) => self.add(Line::new(DIM, format!("· {}", messages.test(test)))),
        }
    }

    /// What was said, and at its end the place where it went wrong.
    fn conversation(&mut self, said: Vec<String>, end: Option<String>) {
        for line in said {
            let style = if line.contains('✗') { BAD } else { PLAIN };
            self.lines.extend(Line::new(style, format!("  {line}")).wrapped(self.width, 4));
        }
        if let Some(end) = end {
            self.lines.extend(Line::new(BAD, format!("  ✗ {end}")).wrapped(self.width, 4));
        }
    }

    /// What the compiler says first.
    fn compiler(&mut self, program: &str, problem: &str) {
        let marked = self.app.marked.as_ref();
        match marked.and_then(|marked| marked.programs.compiler_of(program)) {
            Some(error) => {
                for line in error.trim_end().lines() {
                    let line = Line::with_colours(&line.replace('\t', "    "));
                    // Its arrows point at columns: a line that is too long is cut.
                    self.lines.push(line.cut(self.width));
                }
            }
            None => self.add(Line::new(BAD, format!("✗ {problem}"))),
        }
    }
}
