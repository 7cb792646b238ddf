//! The place to sit in over the homework: it shows where one stands, the next thing to do, and after
//! each save what came of it. `homework` builds it and starts it when it is called without a command.
//!
//! ```text
//! cargo run -p homework
//! ```
//!
//! `span` < `signs`, `terminal`; `message` < `keyboard`, `files` < `watch`, `work`; `entry`, `form` <
//! `questions` < `evening` < `task_page` < `other_pages` < `frame`; `door`, `outputs`, `program` <
//! `talk`; `session` brings them together.

mod door; // a place where we listen for the client
mod entry; // a line that is being typed
mod evening; // what is known, and what is on the screen
mod files; // when each file was saved
mod form; // the blanks of answers.toml
mod frame; // the whole screen
mod keyboard; // the keys
mod message; // what happens meanwhile
mod other_pages; // the list, the questions, what lies beyond
mod outputs; // what programs print, in whole lines
mod program; // a program that runs while somebody talks to it
mod questions; // the questions, one at a time
mod session; // what each key does
mod signs; // what this terminal can show
mod span; // text with colours
mod talk; // a talk with one's own program
mod task_page; // what came of the last save
mod terminal; // the terminal, taken and given back
mod watch; // notices when a file is saved
mod work; // builds and tests

use std::process::ExitCode;
use std::sync::mpsc;

use homework::arguments::Arguments;

use crate::evening::Evening;
use crate::session::Session;
use crate::signs::Signs;
use crate::terminal::Terminal;
use crate::work::Worker;

/// How many messages may wait. A program that floods its output waits then, and no memory is eaten.
const WAITING: usize = 64;

fn main() -> ExitCode {
    lesson::run(|arguments: Arguments| {
        let (root, language) = (homework::workspace(), arguments.language());
        let signs = Signs::of_environment(language);
        let evening = Evening::new(root.clone(), language);
        let (sender, messages) = mpsc::sync_channel(WAITING);
        watch::watch(&root, evening.texts.get("cannot watch").to_owned(), sender.clone())?;
        let terminal = Terminal::take()?;
        keyboard::listen(sender.clone());
        let worker = Worker::start(&root, signs.colours, arguments.texts(), sender.clone());
        let ended = Session { evening, signs, terminal, worker, sender, messages }.run();
        homework::bounded::stop_for_good();
        ended?;
        Ok(ExitCode::SUCCESS)
    })
}
