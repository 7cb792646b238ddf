//! What is seen while folders are marked: on a terminal a bar, with what is done, what is at work
//! and the time left; elsewhere a line for each step.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use homework::bounded::{interrupted, note, progress};
use homework::formats::shown;
use homework::marking::mark::{Marks, Student, points};
use homework::texts::Texts;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use lesson::{one_line, print_error};

/// How often the time left is drawn anew.
const TICK: Duration = Duration::from_millis(500);

/// The bar, and what is at work.
pub struct Screen<'a> {
    texts: &'a Texts,
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: usize,
    begun: usize,
    done: usize,
    built: Option<String>,
    tested: Vec<String>,
}

impl<'a> Screen<'a> {
    /// For so many folders.
    pub fn new(texts: &'a Texts, all: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(all as u64);
            let style = ProgressStyle::with_template("  {bar:24} {prefix}\n  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(TICK);
            bar
        });
        Self { texts, bar, state: Mutex::new(State { all, ..State::default() }) }
    }

    /// A folder is compiled.
    pub fn building(&self, student: &Student) {
        let mut state = self.state();
        state.begun += 1;
        let (number, all) = (state.begun.to_string(), state.all.to_string());
        let name = shown(&student.folder);
        if self.bar.is_none() {
            let values = [("name", &*name), ("number", &number), ("all", &all)];
            self.step(self.texts.fill("building one", &values));
        }
        state.built = Some(name);
        self.draw(&state);
    }

    /// All are compiled, and some are tested still, with so many tests.
    pub fn only_testing(&self, tests: usize) {
        let mut state = self.state();
        state.built = None;
        if self.bar.is_none() {
            let count = tests.to_string();
            self.step(self.texts.fill("testing the rest", &[("count", &count)]));
        }
        self.draw(&state);
    }

    /// A folder is tested.
    pub fn testing(&self, student: &Student) {
        let mut state = self.state();
        state.tested.push(shown(&student.folder));
        self.draw(&state);
    }

    /// A folder is marked.
    pub fn marked(&self, marks: &Marks) {
        let mut state = self.state();
        let name = shown(&marks.student.folder);
        if let Some(place) = state.tested.iter().position(|other| *other == name) {
            state.tested.remove(place);
        }
        state.done += 1;
        if self.bar.is_none() && !interrupted() {
            let (points, number) = (points(marks.tenths()), state.done.to_string());
            let all = state.all.to_string();
            let values =
                [("name", &*name), ("points", &points), ("number", &number), ("all", &all)];
            note(self.texts.fill("marked one", &values));
        }
        self.draw(&state);
    }

    /// A folder cannot be marked.
    pub fn skipped(&self, student: &Student, why: &str) {
        let mut state = self.state();
        state.done += 1;
        if !interrupted() {
            let values = [("name", &*shown(&student.folder)), ("why", why)];
            let text = self.texts.fill("skipped", &values);
            self.aside(|| print_error(&anyhow::anyhow!(text)));
        }
        self.draw(&state);
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn step(&self, what: impl Display) {
        if !interrupted() {
            self.aside(|| progress(what));
        }
    }

    /// Prints something without disturbing the bar.
    fn aside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
        _ = io::stderr().flush();
    }

    fn draw(&self, state: &State) {
        let Some(bar) = &self.bar else { return };
        let State { all, done, built, tested, .. } = state;
        let (one, all) = (done.to_string(), all.to_string());
        bar.set_position(*done as u64);
        let mut prefix = self.texts.fill("marked so far", &[("one", &one), ("all", &all)]);
        // Nobody knows before the first is done.
        if *done > 0 {
            let time = HumanDuration(bar.eta()).to_string();
            prefix += &format!("   {}", self.texts.fill("time left", &[("time", &time)]));
        }
        bar.set_prefix(prefix);
        let (built, tested) = (built.as_deref().unwrap_or("-"), tested.join(", "));
        let tested = if tested.is_empty() { "-" } else { &tested };
        let values = [("built", built), ("tested", tested)];
        bar.set_message(one_line(&self.texts.fill("at work", &values)));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
