//! Watch mode of the homework, full screen: rebuilds and re-tests on every save. It shows the score,
//! the next task, and what the tests saw.
//!
//! It's a library so that the tests can use the terminal on its own. `main` only calls [`run`].

#![expect(missing_docs, reason = "public only for the tests")]

mod answers_file; // the fields of answers.toml
mod app_state; // results, current task, open page
mod background_jobs; // builds and tests in the background
mod event_loop; // handles keys and events
mod file_watcher; // reports saved files
mod glyphs; // colour or not, Unicode or ASCII
mod interactive_session; // talk to the student's programs by hand
mod keyboard; // reads keys
mod line_editor; // edits one line
mod list_page; // the task list, the extra credit
mod listener; // accepts the student's client
mod question_page; // one question
mod questions; // which question, and the answer being typed
mod screen_layout; // lays out the whole screen
mod session_program; // one of the student's programs as a child process
pub mod styled_text; // measures, cuts and wraps coloured text
mod task_page; // test results of the current task
pub mod tui_terminal; // raw mode and the alternate screen
mod watch_event; // the events of other threads

use std::process::ExitCode;
use std::sync::mpsc;

use anyhow::Result;
use homework::messages::{Language, Messages};

use crate::app_state::AppState;
use crate::background_jobs::TestRunner;
use crate::event_loop::EventLoop;
use crate::glyphs::Glyphs;
use crate::tui_terminal::Terminal;

/// Capacity of the event queue. A program that floods its output blocks instead of filling memory.
const QUEUE_CAPACITY: usize = 64;

/// Runs watch mode until the student quits.
pub fn run(language: Language) -> Result<ExitCode> {
    let messages = Messages::new(language);
    watch(&messages).map_err(|error| messages.error(error))
}

fn watch(messages: &Messages) -> Result<ExitCode> {
    let root = homework::workspace();
    let glyphs = Glyphs::of_environment(messages.language);
    let app = AppState::new(root.clone(), messages.clone());
    let (sender, events) = mpsc::sync_channel(QUEUE_CAPACITY);
    file_watcher::watch(&root, sender.clone())?;
    let terminal = Terminal::open()?;
    keyboard::listen(sender.clone());
    let runner = TestRunner::start(&root, glyphs.colours, messages.clone(), sender.clone());
    let result = EventLoop { app, glyphs, terminal, runner, sender, events }.run();
    tests::ChildProcess::kill_all();
    result.map(|()| ExitCode::SUCCESS)
}
