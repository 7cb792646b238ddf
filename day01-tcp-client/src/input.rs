//! What to send: the messages of the command line, typed lines, or standard input.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::io::{self, BufRead, IsTerminal, Read};
use std::vec;

use anyhow::anyhow;
use common::{counted, retry_interrupted};

use crate::connection::Connection;
use crate::errors::Failure;
use crate::reply_output::ReplyOutput;

/// The most bytes read from standard input at once: the capacity of a pipe on Linux.
const LONGEST_PIECE: usize = 65_536;

/// The input of the client. Displays as a description of it.
pub struct Input {
    source: Source,
    piece: Vec<u8>,
    connection: Connection,
    output: ReplyOutput,
}

enum Source {
    Messages(vec::IntoIter<OsString>),
    Terminal,
    Stream,
}

#[allow(dead_code, reason = "the starter code reads messages, the finished client pieces")]
impl Input {
    /// The messages of the command line, or standard input if there are none.
    pub fn new(messages: &[OsString], connection: &Connection, output: &ReplyOutput) -> Self {
        let source = match messages {
            [_, ..] => Source::Messages(Vec::from(messages).into_iter()),
            _ if io::stdin().is_terminal() => Source::Terminal,
            _ => Source::Stream,
        };
        let (connection, output) = (connection.clone(), output.clone());
        Input { source, piece: Vec::new(), connection, output }
    }

    /// Reads a message: one of the command line with a newline, a typed line, or a line of a file.
    /// Returns `None` at the end of the input, for Ctrl-D, and for an empty line that was typed.
    pub fn read_message(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        match &mut self.source {
            Source::Messages(messages) => {
                Ok(messages.next().map(|message| [message.as_encoded_bytes(), b"\n"].concat()))
            }
            Source::Terminal => {
                self.output.prompt()?;
                let line = self.read_line()?;
                self.output.line_was_typed(&line);
                Ok(Some(line).filter(|line| !matches!(&line[..], b"" | b"\n" | b"\r\n")))
            }
            Source::Stream => Ok(Some(self.read_line()?).filter(|line| !line.is_empty())),
        }
    }

    /// Like [`read_message`](Self::read_message), but of a file or a pipe, returns what's there
    /// without waiting for the end of the line.
    pub fn read_piece(&mut self) -> Result<Option<&[u8]>, Failure> {
        if !matches!(self.source, Source::Stream) {
            let Some(message) = self.read_message()? else { return Ok(None) };
            self.piece = message;
            return Ok(Some(&self.piece));
        }
        self.piece.resize(LONGEST_PIECE, 0);
        let read = self
            .connection
            .wait_for_input(|| retry_interrupted(|| io::stdin().lock().read(&mut self.piece)));
        let length = read.map_err(unreadable)?;
        Ok(Some(&self.piece[..length]).filter(|piece| !piece.is_empty()))
    }

    fn read_line(&self) -> Result<Vec<u8>, Failure> {
        let mut line = Vec::new();
        let read = self.connection.wait_for_input(|| {
            // A line may be as long as the disk is large, so a part of it counts as a line.
            io::stdin().lock().take(LONGEST_PIECE as u64).read_until(b'\n', &mut line)
        });
        read.map_err(unreadable)?;
        Ok(line)
    }
}

fn unreadable(error: io::Error) -> Failure {
    anyhow!("can't read standard input: {error}: give another input").into()
}

impl Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.source {
            Source::Messages(messages) => {
                let number = counted(messages.len() as u64, "message");
                write!(f, "{number}, then the sending half is closed")
            }
            Source::Terminal => {
                f.write_str("type a message and press Enter; an empty line or Ctrl-D ends")
            }
            Source::Stream => f.write_str("standard input, then the sending half is closed"),
        }
    }
}
