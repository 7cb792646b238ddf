//! The screen: the replies of the server, and the prompt for a person who types. Whatever moves
//! the cursor of the terminal goes through here.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::{Steps, TerminalText};

use crate::arguments::Arguments;
use crate::errors::Trouble;

/// How long a person waits for the reply before the next prompt comes all the same.
const WAIT_FOR_REPLY: Duration = Duration::from_secs(1);

/// How long the prompt waits for more of a reply that has not ended its line.
const WAIT_FOR_MORE: Duration = Duration::from_millis(100);

/// A handle of the screen, for both threads.
#[derive(Clone)]
pub struct Screen(Arc<(Mutex<State>, Condvar)>);

struct State {
    steps: Steps,
    /// What a server sends may not act on a terminal; a pipe or a file takes it as it is.
    terminal: Option<TerminalText>,
    cursor: Cursor,
    /// What is known of the reply to the last line that was typed.
    reply: Reply,
    finished: bool,
}

/// Where the cursor of the terminal stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cursor {
    AtLineStart,
    BehindPrompt,
    BehindReply,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reply {
    NotAsked,
    Missing,
    Begun,
    Whole,
}

impl Screen {
    /// A screen with nothing on it.
    pub fn new(arguments: &Arguments) -> Self {
        let state = State {
            steps: arguments.steps(),
            terminal: io::stdout().is_terminal().then(TerminalText::default),
            cursor: Cursor::AtLineStart,
            reply: Reply::NotAsked,
            finished: false,
        };
        Screen(Arc::new((Mutex::new(state), Condvar::new())))
    }

    /// Shows what the server has sent.
    pub fn show(&self, piece: &[u8]) -> anyhow::Result<()> {
        let mut state = self.lock();
        // A reply that comes late finds the prompt on the screen.
        let at_prompt = state.cursor == Cursor::BehindPrompt;
        if at_prompt {
            state.end_line();
        }
        match &mut state.terminal {
            Some(text) => common::print(text.show(piece).as_bytes())?,
            None => common::print(piece)?,
        }
        let line_ended = piece.ends_with(b"\n");
        if state.terminal.is_some() && !line_ended && !piece.is_empty() {
            state.cursor = Cursor::BehindReply;
        } else if line_ended {
            state.cursor = Cursor::AtLineStart;
        }
        state.reply = if line_ended { Reply::Whole } else { Reply::Begun };
        if at_prompt && line_ended {
            state.prompt();
        }
        self.0.1.notify_all();
        Ok(())
    }

    /// Asks a person for a line, once the reply to the line before is shown, or does not come.
    pub fn prompt(&self) -> Result<(), Trouble> {
        let state = self.wait(WAIT_FOR_REPLY, |reply| reply == Reply::Missing);
        if state.reply == Reply::Missing {
            if state.finished {
                return Err(Trouble::ClosedFirst);
            }
            state.steps.note("no reply yet; it is shown when it comes");
        }
        drop(state);
        // A part of a line: the rest may be on its way.
        let mut state = self.wait(WAIT_FOR_MORE, |reply| reply == Reply::Begun);
        state.end_line();
        state.prompt();
        Ok(())
    }

    /// A person has typed something, and ended it with Enter or with Ctrl-D.
    pub fn typed(&self, line: &[u8]) {
        let mut state = self.lock();
        if line.ends_with(b"\n") {
            // Enter moved the cursor; Ctrl-D did not.
            state.cursor = Cursor::AtLineStart;
        }
        state.reply = Reply::Missing;
    }

    /// Nothing more will come: shows what was left of an unfinished character, and ends the line.
    pub fn finish(&self) -> anyhow::Result<()> {
        let mut state = self.lock();
        state.finished = true;
        if let Some(text) = &mut state.terminal {
            let rest = text.finish();
            common::print(rest.as_bytes())?;
        }
        state.end_line();
        self.0.1.notify_all();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as the reply is so, at most for a time.
    fn wait(&self, time: Duration, so: impl Fn(Reply) -> bool) -> MutexGuard<'_, State> {
        let state = self
            .0
            .1
            .wait_timeout_while(self.lock(), time, |state| so(state.reply) && !state.finished);
        state.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl State {
    fn prompt(&mut self) {
        if !self.steps.quiet() {
            _ = io::stderr().write_all(b"> ");
            self.cursor = Cursor::BehindPrompt;
        }
    }

    /// Starts a new line in the terminal, if the cursor stands behind something.
    fn end_line(&mut self) {
        if self.cursor != Cursor::AtLineStart {
            _ = io::stderr().write_all(b"\n");
            self.cursor = Cursor::AtLineStart;
        }
    }
}
