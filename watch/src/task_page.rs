//! The page of the current task: its test results, with the sequence diagram of the first failure, or
//! the output of the compiler.

use common::one_line;
use homework::commands::hints;
use homework::failure_text;
use homework::grading::marks::{Failure, Outcome, SkipReason, TaskMark};
use homework::messages::{Message, message};
use homework::skip_reasons;
use homework::test_diagram;

use crate::app_state::AppState;
use crate::styled_text::{BAD, DIM, GOOD, Line, PLAIN};

/// The lines of a page, and the index of the one that stays visible where there's no room for all.
pub type Body = (Vec<Line>, usize);

pub fn body(app: &AppState, width: usize) -> Body {
    let mut page = TaskPage { app, width, lines: Vec::new(), focus: 0 };
    if let Some(error) = &app.error {
        page.add(Line::new(BAD, format!("✗ {error}")));
    }
    match app.task().zip(app.task_to_do()) {
        Some((current, to_do)) => {
            page.add_hints(to_do);
            page.add_reason(current);
            page.add_results(to_do);
        }
        None if app.error.is_none() => {
            page.add(Line::new(PLAIN, app.messages.get("first-build")));
        }
        None => {}
    }
    (page.lines, page.focus)
}

struct TaskPage<'a> {
    app: &'a AppState,
    width: usize,
    lines: Vec<Line>,
    focus: usize,
}

impl TaskPage<'_> {
    fn add(&mut self, line: Line) {
        self.lines.extend(line.wrapped(self.width, 2));
    }

    fn add_hints(&mut self, mark: &TaskMark) {
        let AppState { messages, root, .. } = self.app;
        for step in 1..=self.app.hints {
            let hint = hints::hint(messages, root, &mark.task, mark.failed().next(), step);
            self.add(Line::new(PLAIN, format!("{step}/{}  {hint}", hints::STEPS)));
        }
        if self.app.hints > 0 {
            self.lines.push(Line::default());
        }
    }

    /// Says why the tests of this task didn't run, if they depend on another task.
    fn add_reason(&mut self, mark: &TaskMark) {
        let messages = &self.app.messages;
        if let Some((_, because @ SkipReason::Task(_))) = mark.skipped().next() {
            let (because, count) =
                (skip_reasons::reason(messages, because), mark.skipped().count());
            self.add(Line::new(DIM, messages.show(&message!("not-tried", because, count))));
        }
    }

    fn add_results(&mut self, mark: &TaskMark) {
        let messages = &self.app.messages;
        if let Some((_, SkipReason::Program(program, problem))) = mark.skipped().next() {
            return self.add_compiler_output(program, problem);
        }
        if let Some((_, failure)) = mark.failed().find(|(_, failure)| failure.is_unreadable_file())
        {
            // The file can't be read, so there are no results of single tests.
            let seen = failure_text::actual(messages, failure);
            return self.add(Line::new(BAD, format!("✗ {}: {seen}", mark.task.file)));
        }
        // One test is shown in full: the first that failed, or the one that passed most recently.
        let passed = self.app.passed.as_deref();
        let passed = passed.filter(|passed| mark.tests.iter().any(|(test, _)| test == passed));
        let first = mark.tests.first().map(|(test, _)| test.as_str());
        let in_full = mark.failed().next().map(|(test, _)| test).or(passed).or(first);
        for (test, outcome) in &mark.tests {
            self.add_test(test, outcome, in_full == Some(test));
        }
    }

    fn add_test(&mut self, test: &str, outcome: &Outcome, in_full: bool) {
        let messages = &self.app.messages;
        let columns = self.width.saturating_sub(2);
        match outcome {
            Outcome::Skipped(_) => {
                self.add(Line::new(DIM, format!("· {}", messages.test(test))));
            }
            Outcome::Passed(report) => {
                self.add(Line::new(GOOD, format!("✓ {}", messages.test(test))));
                if let Some(remark) = failure_text::remark(messages, outcome) {
                    self.add(Line::new(PLAIN, format!("  {remark}")));
                }
                if let Some(report) = report.as_ref().filter(|_| in_full) {
                    self.add_diagram(test_diagram::draw(messages, report, columns));
                }
            }
            // The tests of the questions send nothing, so there's no diagram.
            Outcome::Failed(failure @ Failure::Reported(report)) if report.steps.is_empty() => {
                self.focus = if in_full { self.lines.len() } else { self.focus };
                let seen = failure_text::actual(messages, failure);
                let line = Line::new(BAD, format!("✗ {}", messages.test(test)));
                self.add(line.with(PLAIN, format!("  {seen}")));
            }
            Outcome::Failed(failure) => {
                let start = self.lines.len();
                self.add(Line::new(BAD, format!("✗ {}", messages.test_with_name(test))));
                if in_full {
                    self.focus = start;
                    if let Failure::Reported(report) = failure {
                        self.add_diagram(test_diagram::draw_failed(messages, report, columns));
                    }
                    let summary = failure_text::summary(messages, failure);
                    self.add_diagram(vec![format!("✗ {summary}")]);
                }
            }
        }
    }

    fn add_diagram(&mut self, lines: Vec<String>) {
        for line in lines {
            let style = if line.contains('✗') { BAD } else { PLAIN };
            self.lines.extend(Line::new(style, format!("  {line}")).wrapped(self.width, 4));
        }
    }

    fn add_compiler_output(&mut self, program: &str, problem: &Message) {
        let graded = self.app.graded.as_ref();
        match graded.and_then(|graded| graded.programs.compiler_error_of(program)) {
            Some(output) => {
                let lines = output.trim_end().lines().map(|line| line.replace('\t', "    "));
                // The compiler's arrows point at columns, so long lines are cut instead of wrapped.
                self.lines.extend(lines.map(|line| Line::from_ansi(&line).cut(self.width)));
            }
            None => {
                let problem = one_line(&self.app.messages.show(problem));
                self.add(Line::new(BAD, format!("✗ {problem}")));
            }
        }
    }
}
