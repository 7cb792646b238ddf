//! What the client sends: the messages of the command line, or the lines of standard input.

use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::vec;

use anyhow::{Context, Result};

use crate::arguments::ClientArguments;
use crate::datagram::LONGEST_MESSAGE;

/// Where the messages come from.
pub struct Input {
    messages: Option<vec::IntoIter<OsString>>,
    prompts: bool,
}

impl Input {
    /// The messages of the command line, or standard input.
    pub fn new(arguments: &ClientArguments) -> Self {
        let messages = arguments.messages.clone();
        let messages = (!messages.is_empty()).then(|| messages.into_iter());
        let steps = arguments.steps();
        let prompts = messages.is_none() && io::stdin().is_terminal() && !steps.quiet();
        if prompts {
            steps.note("type a message and press Enter; Ctrl-D ends");
        }
        Input { messages, prompts }
    }

    /// The next message, or `None` at the end of the input. An empty one is a message as well.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>> {
        match &mut self.messages {
            Some(messages) => Ok(messages.next().map(OsString::into_encoded_bytes)),
            None => self.read_line().context("cannot read standard input; give another input"),
        }
    }

    fn read_line(&self) -> io::Result<Option<Vec<u8>>> {
        if self.prompts {
            _ = io::stderr().write_all(b"> ");
        }
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        // A line may be as long as the disk: keep no more of it than shows that it is too long.
        let most = LONGEST_MESSAGE as u64 + 1;
        input.by_ref().take(most).read_until(b'\n', &mut line)?;
        if line.ends_with(b"\n") {
            line.pop();
        } else if line.len() > LONGEST_MESSAGE {
            input.skip_until(b'\n')?;
        } else if line.is_empty() {
            if self.prompts {
                // Ctrl-D left the cursor behind the prompt.
                _ = io::stderr().write_all(b"\n");
            }
            return Ok(None);
        }
        Ok(Some(line))
    }
}
