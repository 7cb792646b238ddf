//! What the client sends: the messages of the command line, or the lines of standard input.

use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::vec;

use anyhow::{Context, Result};
use common::{print_note, steps_are_shown};

use crate::datagram::LONGEST_MESSAGE;

pub struct Input {
    messages: Option<vec::IntoIter<OsString>>,
    has_prompt: bool,
}

impl Input {
    /// The messages of the command line, or standard input if there are none.
    pub fn new(messages: &[OsString]) -> Self {
        let messages = (!messages.is_empty()).then(|| Vec::from(messages).into_iter());
        let has_prompt = messages.is_none() && io::stdin().is_terminal() && steps_are_shown();
        if has_prompt {
            print_note("type a message and press Enter; Ctrl-D ends");
        }
        Input { messages, has_prompt }
    }

    /// Reads a message, which may be empty. Returns `None` at the end of the input.
    pub fn read_message(&mut self) -> Result<Option<Vec<u8>>> {
        match &mut self.messages {
            Some(messages) => Ok(messages.next().map(OsString::into_encoded_bytes)),
            None => self.read_line().context("can't read standard input; give another input"),
        }
    }

    fn read_line(&self) -> io::Result<Option<Vec<u8>>> {
        if self.has_prompt {
            _ = io::stderr().write_all(b"> ");
        }
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        // A line may be as long as the disk is large: keep only enough to see that it's too long.
        let limit = LONGEST_MESSAGE as u64 + 1;
        input.by_ref().take(limit).read_until(b'\n', &mut line)?;
        if line.ends_with(b"\n") {
            line.pop();
        } else if line.len() > LONGEST_MESSAGE {
            input.skip_until(b'\n')?;
        } else if line.is_empty() {
            if self.has_prompt {
                // Ctrl-D leaves the cursor after the prompt.
                _ = io::stderr().write_all(b"\n");
            }
            return Ok(None);
        }
        Ok(Some(line))
    }
}
