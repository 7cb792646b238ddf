//! Shows the progress of grading: a bar with the time left on a terminal, and a line for each step elsewhere.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal as _, Write as _};
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

/// Shows the progress.
pub struct Progress<'a> {
    messages: &'a Messages,
    bar: Option<ProgressBar>,
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
    /// Starts to show the progress of `all` submissions.
    pub fn new(messages: &'a Messages, all: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(all as u64);
            let style = ProgressStyle::with_template("  {bar:24} {so_far}\n  {wide_msg}");
            let own = messages.clone();
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key(
                "so_far",
                move |state: &ProgressState, to: &mut dyn fmt::Write| {
                    _ = to.write_str(&so_far(&own, state));
                },
            );
            bar.set_style(style);
            bar.enable_steady_tick(TICK);
            bar
        });
        Self { messages, bar, state: Mutex::new(State { all, ..State::default() }) }
    }

    /// A submission is being compiled.
    pub fn building(&self, student: &Student) {
        let mut state = self.state();
        state.begun += 1;
        let (number, all) = (state.begun.to_string(), state.all.to_string());
        let name = shown(&student.folder);
        if self.bar.is_none() {
            let values = [("name", &*name), ("number", &number), ("all", &all)];
            self.step(self.messages.fill("building-one", &values));
        }
        state.built = Some(name);
        self.draw(&state);
    }

    /// All submissions are compiled, and some are still being tested.
    pub fn only_testing(&self, tests: usize) {
        let mut state = self.state();
        state.built = None;
        if self.bar.is_none() {
            let count = tests.to_string();
            self.step(self.messages.fill("testing-the-rest", &[("count", &count)]));
        }
        self.draw(&state);
    }

    /// A submission is being tested.
    pub fn testing(&self, student: &Student) {
        let mut state = self.state();
        state.tested.push(shown(&student.folder));
        self.draw(&state);
    }

    /// A submission is graded.
    pub fn graded(&self, marks: &Marks) {
        let mut state = self.state();
        let name = shown(&marks.student.folder);
        if let Some(place) = state.tested.iter().position(|other| *other == name) {
            state.tested.remove(place);
        }
        state.graded += 1;
        if self.bar.is_none() && !interrupted() {
            let number = (state.graded + state.skipped).to_string();
            let points = points(marks.tenths());
            let all = state.all.to_string();
            let values =
                [("name", &*name), ("points", &points), ("number", &number), ("all", &all)];
            note(self.messages.fill("graded-one", &values));
        }
        self.draw(&state);
    }

    /// A submission can't be graded.
    pub fn skipped(&self, student: &Student, why: &Message) {
        let mut state = self.state();
        state.skipped += 1;
        if !interrupted() {
            let why = one_line(&self.messages.show(why));
            let values = [("name", &*shown(&student.folder)), ("why", &why)];
            let text = self.messages.fill("skipped", &values);
            self.print(|| print_error(&anyhow::anyhow!(text)));
        }
        self.draw(&state);
    }

    /// Removes the bar.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn step(&self, what: impl Display) {
        if !interrupted() {
            self.print(|| progress(what));
        }
    }

    /// Prints without disturbing the bar.
    fn print(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
        _ = io::stderr().flush();
    }

    fn draw(&self, state: &State) {
        let Some(bar) = &self.bar else { return };
        bar.set_length((state.all - state.skipped) as u64);
        bar.set_position(state.graded as u64);
        let tested = state.tested.join(", ");
        let built = state.built.as_deref().unwrap_or("-");
        let values = [("built", built), ("tested", if tested.is_empty() { "-" } else { &tested })];
        bar.set_message(one_line(&self.messages.fill("at-work", &values)));
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
