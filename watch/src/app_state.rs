//! The state of watch mode: the results, the current task, and the open page.

use std::path::PathBuf;

use common::one_line;
use homework::grading::local_grader::Graded;
use homework::grading::marks::{Marks, SkipReason, TaskMark};
use homework::messages::Messages;

use crate::questions::Questions;

#[derive(Debug)]
pub enum Page {
    Task,
    /// The list of tasks, and the index of the selected one.
    List(usize),
    /// Asks whether to reset this program.
    Reset(String),
    Questions(Questions),
    ExtraCredit,
    /// The system calls of a program, once they are known.
    Calls(Option<Vec<String>>),
}

#[derive(Debug)]
pub struct AppState {
    pub root: PathBuf,
    pub messages: Messages,
    /// The homework as it was last graded.
    pub graded: Option<Graded>,
    /// The extra credit, if the student has asked for it.
    pub extra_credit: Option<Marks>,
    task: Option<String>,
    /// The test of the current task that passed most recently. Its sequence diagram is shown.
    pub passed: Option<String>,
    pub hints: usize,
    /// The first line of the page on the screen, once the student scrolls.
    pub scroll: Option<usize>,
    pub is_busy: bool,
    /// What the last key did. The next key removes it.
    pub notice: Option<String>,
    /// Why the test runner failed.
    pub error: Option<String>,
    pub page: Page,
}

impl AppState {
    pub fn new(root: PathBuf, messages: Messages) -> Self {
        AppState {
            root,
            messages,
            graded: None,
            extra_credit: None,
            task: None,
            passed: None,
            hints: 0,
            scroll: None,
            is_busy: true,
            notice: None,
            error: None,
            page: Page::Task,
        }
    }

    pub fn marks(&self) -> Option<&Marks> {
        self.graded.as_ref().map(|graded| &graded.marks)
    }

    /// Returns the tasks of the homework, without the extra credit.
    pub fn tasks(&self) -> Vec<&TaskMark> {
        self.marks().into_iter().flat_map(Marks::homework).collect()
    }

    pub fn task(&self) -> Option<&TaskMark> {
        self.find_task(self.task.as_ref()?)
    }

    fn find_task(&self, name: &str) -> Option<&TaskMark> {
        self.marks()?.tasks.iter().find(|mark| mark.task.name == name)
    }

    /// Returns what to work on: the current task, or the unfinished task that it depends on.
    pub fn task_to_do(&self) -> Option<&TaskMark> {
        let mut mark = self.task()?;
        // A task depends only on earlier tasks, so this ends.
        while let Some((_, SkipReason::Task(needed))) = mark.skipped().next() {
            mark = self.find_task(needed)?;
        }
        Some(mark)
    }

    /// Returns the next unfinished task after the current one, or else the first before it.
    pub fn next_task(&self) -> Option<&TaskMark> {
        let Some(current) = self.task().filter(|mark| !mark.is_complete()) else {
            return self.marks()?.next();
        };
        let tasks = self.tasks();
        let at = tasks.iter().position(|mark| mark.task.name == current.task.name);
        let (before, after) = tasks.split_at(at.map_or(0, |at| at + 1));
        let mut others = after.iter().chain(before).copied();
        others.find(|mark| !mark.is_complete() && mark.task.name != current.task.name)
    }

    /// Shows a task. Without a name, shows the current one again and hides its hints.
    pub fn show_task(&mut self, name: Option<String>) {
        if name != self.task {
            (self.hints, self.passed) = (0, None);
        }
        self.task = name.or(self.task.take());
        (self.page, self.scroll) = (Page::Task, None);
    }

    pub fn show_task_at(&mut self, index: usize) {
        if let Some(name) = self.tasks().get(index).map(|mark| mark.task.name.clone()) {
            self.show_task(Some(name));
        }
    }

    pub fn show_error(&mut self, error: anyhow::Error) {
        self.notice = Some(one_line(&format!("{:#}", self.messages.error(error))));
    }

    /// Takes over new results. The current task stays the same, even if it's complete: unfinished
    /// code may pass by accident.
    pub fn update(&mut self, graded: Graded) {
        let has_passed = |mark: &TaskMark, test: &str| {
            mark.tests.iter().any(|(name, outcome)| name == test && outcome.is_passed())
        };
        if let Some(before) = self.task() {
            let after = graded.marks.tasks.iter().find(|mark| mark.task.name == before.task.name);
            let tests = after.iter().flat_map(|after| &after.tests);
            let mut passed = tests.filter(|(_, outcome)| outcome.is_passed());
            if let Some((test, _)) = passed.find(|(test, _)| !has_passed(before, test)) {
                self.passed = Some(test.clone());
            }
        }
        (self.is_busy, self.error, self.scroll) = (false, None, None);
        self.graded = Some(graded);
        if self.task.is_none() {
            let next = self.marks().and_then(Marks::next).or_else(|| self.tasks().pop());
            self.task = next.map(|mark| mark.task.name.clone());
        }
    }
}
