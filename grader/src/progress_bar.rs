//! Shows the progress of grading: a bar with the time left on a terminal, and a line for each step elsewhere.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::{one_line, print_error};
use homework::formats::shown;
use homework::grading::marks::{Marks, Student, points};
use homework::messages::{Message, Messages};
use homework::process::interrupted;
use homework::progress::{note, progress};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// The bar is redrawn at this interval.
const TICK: Duration = Duration::from_millis(500);

pub struct Progress<'a> {
    messages: &'a Messages,
    /// Hidden if standard error isn't a terminal.
    bar: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: usize,
    begun: usize,
    graded: usize,
    skipped: usize,
    built: Option<String>,
    tested: Vec<String>,
}

impl<'a> Progress<'a> {
    pub fn new(messages: &'a Messages, all: usize) -> Self {
        let bar = ProgressBar::new(all as u64);
        if !bar.is_hidden() {
            let own = messages.clone();
            let style = ProgressStyle::with_template("  {bar:24} {so_far}\n  {wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key(
                "so_far",
                move |state: &ProgressState, to: &mut dyn fmt::Write| {
                    _ = to.write_str(&so_far(&own, state));
                },
            );
            bar.set_style(style);
            bar.enable_steady_tick(TICK);
        }
        Self { messages, bar, state: Mutex::new(State { all, ..State::default() }) }
    }

    pub fn building(&self, student: &Student) {
        let mut state = self.state();
        state.begun += 1;
        let (number, all) = (state.begun.to_string(), state.all.to_string());
        let name = shown(&student.folder);
        self.step("building-one", &[("name", &name), ("number", &number), ("all", &all)]);
        state.built = Some(name);
        self.draw(&state);
    }

    /// All submissions are compiled, and some are still being tested.
    pub fn only_testing(&self, tests: usize) {
        let mut state = self.state();
        state.built = None;
        self.step("testing-the-rest", &[("count", &tests.to_string())]);
        self.draw(&state);
    }

    pub fn testing(&self, student: &Student) {
        let mut state = self.state();
        state.tested.push(shown(&student.folder));
        self.draw(&state);
    }

    pub fn graded(&self, marks: &Marks) {
        let mut state = self.state();
        let name = shown(&marks.student.folder);
        if let Some(place) = state.tested.iter().position(|other| *other == name) {
            state.tested.remove(place);
        }
        state.graded += 1;
        if self.bar.is_hidden() && !interrupted() {
            let number = (state.graded + state.skipped).to_string();
            let (points, all) = (points(marks.tenths()), state.all.to_string());
            let values =
                [("name", &*name), ("points", &points), ("number", &number), ("all", &all)];
            note(self.messages.fill("graded-one", &values));
        }
        self.draw(&state);
    }

    pub fn skipped(&self, student: &Student, why: &Message) {
        let mut state = self.state();
        state.skipped += 1;
        if !interrupted() {
            let why = one_line(&self.messages.show(why));
            let values = [("name", &*shown(&student.folder)), ("why", &why)];
            let text = self.messages.fill("skipped", &values);
            self.bar.suspend(|| print_error(&anyhow::anyhow!(text)));
        }
        self.draw(&state);
    }

    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Prints a step if there's no bar that shows it.
    fn step(&self, key: &str, values: &[(&str, &str)]) {
        if self.bar.is_hidden() && !interrupted() {
            progress(self.messages.fill(key, values));
        }
    }

    fn draw(&self, state: &State) {
        self.bar.set_length((state.all - state.skipped) as u64);
        self.bar.set_position(state.graded as u64);
        let tested = state.tested.join(", ");
        let built = state.built.as_deref().unwrap_or("-");
        let values = [("built", built), ("tested", if tested.is_empty() { "-" } else { &tested })];
        self.bar.set_message(one_line(&self.messages.fill("at-work", &values)));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns how many submissions are graded, and the time left.
fn so_far(messages: &Messages, state: &ProgressState) -> String {
    let all = state.len().unwrap_or_default();
    let values = [("one", &*state.pos().to_string()), ("all", &all.to_string())];
    let so_far = messages.fill("graded-so-far", &values);
    // Without a graded submission there's no estimate.
    if !(1..all).contains(&state.pos()) {
        return so_far;
    }
    let seconds = state.eta().as_secs();
    let time = format!("{}:{:02}", seconds / 60, seconds % 60);
    format!("{so_far}   {}", messages.fill("time-left", &[("time", &time)]))
}
