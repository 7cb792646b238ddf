//! Shows the replies of the server, and the prompt on a terminal. Everything that moves the cursor is
//! written here.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::{TerminalText, print_note, steps_are_shown};

use crate::errors::Failure;

/// How long the prompt waits for the reply to the line before.
const WAIT_FOR_REPLY: Duration = Duration::from_secs(1);

/// How long the prompt waits for the rest of a reply that hasn't ended its line.
const WAIT_FOR_REST: Duration = Duration::from_millis(100);

/// The output, shared by both threads.
#[derive(Clone)]
pub struct ReplyOutput(Arc<(Mutex<State>, Condvar)>);

struct State {
    /// Escapes the replies on a terminal. A pipe or a file gets them unchanged.
    terminal: Option<TerminalText>,
    cursor: Cursor,
    /// The reply to the last line that was typed. Complete if none was.
    reply: Reply,
    finished: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cursor {
    AtLineStart,
    AfterPrompt,
    AfterReply,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reply {
    Missing,
    Incomplete,
    Complete,
}

impl ReplyOutput {
    pub fn new() -> Self {
        let state = State {
            terminal: io::stdout().is_terminal().then(TerminalText::default),
            cursor: Cursor::AtLineStart,
            reply: Reply::Complete,
            finished: false,
        };
        ReplyOutput(Arc::new((Mutex::new(state), Condvar::new())))
    }

    pub fn show(&self, piece: &[u8]) -> anyhow::Result<()> {
        let mut state = self.lock();
        let is_late = state.cursor == Cursor::AfterPrompt;
        if is_late {
            state.end_line();
        }
        match &mut state.terminal {
            Some(text) => common::print(text.show(piece).as_bytes())?,
            None => common::print(piece)?,
        }
        let line_ended = piece.ends_with(b"\n");
        if line_ended {
            state.cursor = Cursor::AtLineStart;
        } else if state.terminal.is_some() && !piece.is_empty() {
            state.cursor = Cursor::AfterReply;
        }
        state.reply = if line_ended { Reply::Complete } else { Reply::Incomplete };
        if is_late && line_ended {
            state.prompt();
        }
        self.0.1.notify_all();
        Ok(())
    }

    /// Prompts for a line, once the reply to the previous line has been shown or is overdue.
    pub fn prompt(&self) -> Result<(), Failure> {
        let state = self.wait_while(Reply::Missing, WAIT_FOR_REPLY);
        if state.reply == Reply::Missing {
            if state.finished {
                return Err(Failure::ClosedFirst);
            }
            print_note("no reply yet; it's shown when it arrives");
        }
        drop(state);
        let mut state = self.wait_while(Reply::Incomplete, WAIT_FOR_REST);
        state.end_line();
        state.prompt();
        Ok(())
    }

    /// Notes a typed line, which ends with Enter or with Ctrl-D.
    pub fn line_was_typed(&self, line: &[u8]) {
        let mut state = self.lock();
        // Enter moves the cursor, Ctrl-D doesn't.
        if line.ends_with(b"\n") {
            state.cursor = Cursor::AtLineStart;
        }
        state.reply = Reply::Missing;
    }

    /// Ends the output: shows what's left of an incomplete character, and ends the line.
    pub fn finish(&self) -> anyhow::Result<()> {
        let mut state = self.lock();
        state.finished = true;
        if let Some(text) = &mut state.terminal {
            common::print(text.finish().as_bytes())?;
        }
        state.end_line();
        self.0.1.notify_all();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while the reply is in this state, unless the output is finished.
    fn wait_while(&self, reply: Reply, timeout: Duration) -> MutexGuard<'_, State> {
        let is_waiting = |state: &mut State| state.reply == reply && !state.finished;
        let state = self.0.1.wait_timeout_while(self.lock(), timeout, is_waiting);
        state.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl State {
    fn prompt(&mut self) {
        if steps_are_shown() {
            _ = io::stderr().write_all(b"> ");
            self.cursor = Cursor::AfterPrompt;
        }
    }

    fn end_line(&mut self) {
        if self.cursor != Cursor::AtLineStart {
            _ = io::stderr().write_all(b"\n");
            self.cursor = Cursor::AtLineStart;
        }
    }
}
