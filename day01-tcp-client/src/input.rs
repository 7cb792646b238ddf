//! What to send: the messages of the command line, the lines that a person types, or a file.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::io::{self, BufRead, IsTerminal, Read};
use std::vec;

use anyhow::{Result, anyhow};
use common::{counted, uninterrupted};

use crate::arguments::Arguments;
use crate::errors::Trouble;
use crate::progress::Progress;
use crate::screen::Screen;

/// The most bytes of a file that are read at once: what fits into a pipe on Linux.
const LONGEST_PIECE: usize = 65_536;

/// The input of the client.
pub struct Input {
    source: Source,
    /// The piece that is sent now.
    piece: Vec<u8>,
    progress: Progress,
    screen: Screen,
}

enum Source {
    Messages(vec::IntoIter<OsString>),
    /// Lines that a person types.
    Terminal,
    /// A file, or the output of another program.
    Stream,
}

#[allow(dead_code, reason = "the finished program takes pieces, the class version messages")]
impl Input {
    /// The messages of the command line, or standard input.
    pub fn new(arguments: &Arguments, progress: &Progress, screen: &Screen) -> Self {
        let source = match arguments.messages.clone() {
            messages if !messages.is_empty() => Source::Messages(messages.into_iter()),
            _ if io::stdin().is_terminal() => Source::Terminal,
            _ => Source::Stream,
        };
        Input { source, piece: Vec::new(), progress: progress.clone(), screen: screen.clone() }
    }

    /// The next message: one of the command line as a line, a line that was typed, or a line of a
    /// file. `None` at the end: after the last one, for an empty line that was typed, for Ctrl-D.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        match &mut self.source {
            Source::Messages(messages) => {
                Ok(messages.next().map(|message| [message.as_encoded_bytes(), b"\n"].concat()))
            }
            Source::Terminal => {
                self.screen.prompt()?;
                let line = self.read_line()?;
                self.screen.typed(&line);
                Ok(Some(line).filter(|line| !matches!(&line[..], b"" | b"\n" | b"\r\n")))
            }
            Source::Stream => Ok(Some(self.read_line()?).filter(|line| !line.is_empty())),
        }
    }

    /// The same, but of a file whatever is there, whether it ends a line or not: for a program
    /// that does not wait for a reply to each line.
    pub fn next_piece(&mut self) -> Result<Option<&[u8]>, Trouble> {
        if let Source::Stream = self.source {
            self.piece.resize(LONGEST_PIECE, 0);
            let read = self.progress.while_input_is_awaited(|| {
                uninterrupted(|| io::stdin().lock().read(&mut self.piece))
            });
            let length = read.map_err(unreadable)?;
            return Ok(Some(&self.piece[..length]).filter(|piece| !piece.is_empty()));
        }
        let Some(message) = self.next_message()? else { return Ok(None) };
        self.piece = message;
        Ok(Some(&self.piece))
    }

    /// Fails if messages of the command line are left.
    pub fn check_all_sent(&self) -> Result<()> {
        match &self.source {
            Source::Messages(left) if left.len() > 0 => Err(anyhow!(
                "{} not sent: the class version sends one message and ends; the homework makes it \
                 go on (NOTES.md#homework)",
                counted(left.len() as u64, "message")
            )),
            _ => Ok(()),
        }
    }

    fn read_line(&self) -> Result<Vec<u8>, Trouble> {
        let mut line = Vec::new();
        let read = self.progress.while_input_is_awaited(|| {
            // A line may be as long as the disk: a part of it will do.
            io::stdin().lock().take(LONGEST_PIECE as u64).read_until(b'\n', &mut line)
        });
        read.map_err(unreadable)?;
        Ok(line)
    }
}

fn unreadable(error: io::Error) -> Trouble {
    anyhow!("cannot read standard input: {error}: give another input").into()
}

impl Display for Input {
    fn fmt(&self, line: &mut fmt::Formatter) -> fmt::Result {
        match &self.source {
            Source::Messages(messages) => {
                let number = counted(messages.len() as u64, "message");
                write!(line, "{number}, then the sending half is closed")
            }
            Source::Terminal => {
                line.write_str("type a message and press Enter; an empty line or Ctrl-D ends")
            }
            Source::Stream => line.write_str("standard input, then the sending half is closed"),
        }
    }
}
