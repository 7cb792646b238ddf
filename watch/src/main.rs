//! The place to sit in over the homework: it shows where one stands, the next thing to do, and after
//! each save what came of it. `homework` builds it and starts it when it is called without a command.
//!
//! ```text
//! cargo run -p homework
//! ```
//!
//! `span` < `signs`, `terminal`; `message` < `keyboard`, `files` < `watch`, `work`; `entry`, `form` <
//! `questions` < `watch` < `task_page` < `other_pages` < `frame`; `door`, `outputs`, `program` <
//! `talk`; `session` brings them together.

mod answers_file; // the blanks of answers.toml
mod entry; // a line that is being typed
mod files; // when each file was saved
mod frame; // the whole screen
mod glyphs; // what this terminal can show
mod keyboard; // the keys
mod listener; // a place where we listen for the client
mod message; // what happens meanwhile
mod other_pages; // the list, the questions, what lies beyond
mod outputs; // what programs print, in whole lines
mod program; // a program that runs while somebody talks to it
mod questions; // the questions, one at a time
mod session; // what each key does
mod span; // text with colours
mod talk; // a talk with one's own program
mod task_page; // what came of the last save
mod terminal; // the terminal, taken and given back
mod watch; // notices when a file is saved
mod watch_mode; // what is known, and what is on the screen
mod work; // builds and tests

use std::process::ExitCode;
use std::sync::mpsc;

use homework::arguments::Arguments;

use crate::glyphs::Glyphs;
use crate::session::Session;
use crate::terminal::Terminal;
use crate::watch_mode::WatchMode;
use crate::work::Worker;

/// How many messages may wait. A program that floods its output waits then, and no memory is eaten.
const WAITING: usize = 64;

fn main() -> ExitCode {
    common::run(|arguments: Arguments| {
        let (root, language) = (homework::workspace(), arguments.language());
        let signs = Glyphs::of_environment(language);
        let watch = WatchMode::new(root.clone(), language);
        let (sender, messages) = mpsc::sync_channel(WAITING);
        watch::watch(&root, watch.texts.get("cannot watch").to_owned(), sender.clone())?;
        let terminal = Terminal::take()?;
        keyboard::listen(sender.clone());
        let worker = Worker::start(&root, signs.colours, arguments.texts(), sender.clone());
        let ended = Session { watch, signs, terminal, worker, sender, messages }.run();
        homework::process::stop_for_good();
        ended?;
        Ok(ExitCode::SUCCESS)
    })
}
