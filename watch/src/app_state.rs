//! An watch over the homework: what is known, what is on the screen, and what each key does.

use std::path::PathBuf;

use homework::commands::own::Marked;
use homework::grading::mark::{Because, Marks, Outcome, TaskMark};
use homework::messages::{Language, Messages};

use crate::questions::Questions;

/// What is on the screen.
#[derive(Debug)]
pub enum Page {
    /// The task that is being done.
    Task,
    /// The list of tasks, and the place in it.
    List(usize),
    /// Whether this program is to be reset.
    Reset(String),
    /// The questions, one at a time.
    Questions(Questions),
    /// What lies beyond the homework.
    Beyond,
    /// The calls of a program, once they are known.
    Calls(Option<Vec<String>>),
}

/// An watch.
#[derive(Debug)]
pub struct AppState {
    /// The workspace.
    pub root: PathBuf,
    /// The language of what is said.
    pub language: Language,
    /// All that is said.
    pub messages: Messages,
    /// What came of the last run.
    pub marked: Option<Marked>,
    /// What lies beyond the homework, when it was asked for.
    pub beyond: Option<Marks>,
    /// The task that is being done.
    task: Option<String>,
    /// The test whose conversation is worth seeing: the first that has passed since.
    pub passed: Option<String>,
    /// How many hints for it were taken.
    pub hints: usize,
    /// How far down it is scrolled, once somebody scrolls.
    pub scroll: Option<usize>,
    /// Whether programs are being built and tested.
    pub at_work: bool,
    /// A line at the foot, until the next key.
    pub notice: Option<String>,
    /// Why nothing is known.
    pub trouble: Option<String>,
    /// What is on the screen.
    pub page: Page,
}

impl AppState {
    /// The start of an watch in the workspace at `root`.
    pub fn new(root: PathBuf, language: Language) -> Self {
        AppState {
            root,
            language,
            messages: Messages::new(language),
            marked: None,
            beyond: None,
            task: None,
            passed: None,
            hints: 0,
            scroll: None,
            at_work: true,
            notice: None,
            trouble: None,
            page: Page::Task,
        }
    }

    /// The marks, once there are some.
    pub fn marks(&self) -> Option<&Marks> {
        self.marked.as_ref().map(|marked| &marked.marks)
    }

    /// The names of the tasks of the homework.
    pub fn tasks(&self) -> Vec<String> {
        let tasks = self.marks().into_iter().flat_map(Marks::homework);
        tasks.map(|mark| mark.task.name.clone()).collect()
    }

    /// The task that is being done.
    pub fn task(&self) -> Option<&TaskMark> {
        let name = self.task.as_ref()?;
        self.marks()?.tasks.iter().find(|mark| mark.task.name == *name)
    }

    /// What has to be done for that task first: itself, or a task that it needs.
    pub fn first_of_task(&self) -> Option<&TaskMark> {
        let mut mark = self.task()?;
        // Each task needs only those before it, so this ends.
        while let Some((_, Because::Task(needed))) = mark.not_tried().next() {
            mark = self.marks()?.tasks.iter().find(|mark| mark.task.name == *needed)?;
        }
        Some(mark)
    }

    /// The task that comes when this one is done, or left for later.
    pub fn next_task(&self) -> Option<&TaskMark> {
        let marks = self.marks()?;
        let is_open = |mark: &&TaskMark| !mark.is_complete();
        match self.task().filter(is_open) {
            None => marks.next(),
            // The next of those that are open, in the order of the list.
            Some(own) => {
                let all: Vec<&TaskMark> = marks.homework().collect();
                let at = all.iter().position(|mark| mark.task.name == own.task.name);
                let after = at.map_or(0, |at| at + 1);
                let mut others = all[after..].iter().chain(&all[..after]).copied();
                others.find(|mark| is_open(mark) && mark.task.name != own.task.name)
            }
        }
    }

    /// Goes to another task.
    pub fn go_to(&mut self, name: Option<String>) {
        if name != self.task {
            (self.hints, self.passed) = (0, None);
        }
        if name.is_some() {
            self.task = name;
        }
        (self.page, self.scroll) = (Page::Task, None);
    }

    /// Takes in what came of a run. The task stays: work in progress can be right by accident.
    pub fn take(&mut self, marked: Marked) {
        let passed = |marks: &Marks, test: &str| {
            let tests = marks.tasks.iter().flat_map(|mark| &mark.tests);
            tests.filter(|(name, _)| name == test).any(|(_, outcome)| outcome.is_passed())
        };
        let new = self.task().and_then(|own| {
            let now = marked.marks.tasks.iter().find(|mark| mark.task.name == own.task.name)?;
            let is_new = |(test, _): &&(String, Outcome)| {
                passed(&marked.marks, test) && !self.marks().is_some_and(|old| passed(old, test))
            };
            now.tests.iter().find(is_new).map(|(test, _)| test.clone())
        });
        self.passed = new.or(self.passed.take());
        (self.at_work, self.trouble, self.scroll) = (false, None, None);
        self.marked = Some(marked);
        if self.task.is_none() {
            let marks = self.marks();
            let first = marks.and_then(Marks::next);
            // All is done: the last one shows that it does.
            let first = first.or_else(|| marks?.homework().last());
            self.task = first.map(|mark| mark.task.name.clone());
        }
    }
}
