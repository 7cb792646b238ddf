//! What came instead of what was expected: in the words of the notes, and as what can be seen of
//! it from outside.

use std::fmt;
use std::io::{self, ErrorKind};
use std::mem;

use serde::{Deserialize, Serialize};

use crate::escaped_bytes::{Difference, difference, first_that_differ, in_lines, show};

/// What happened, where it has a name: the few words before the likely mistake, which a test
/// can only guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// A socket: the program closed its end.
    EndOfFile,
    /// A socket: the program closed its end with bytes left unreceived, or was stopped.
    Reset,
    /// A socket: the program closed its end, and more was sent to it.
    BrokenPipe,
    /// A socket: nobody listens.
    Refused,
    /// A socket: nothing happened until the deadline.
    TimedOut,
    /// A socket: the test cannot have this address.
    InUse,
    /// Bytes came, and others than expected.
    Differs {
        /// The first bytes that differ.
        actual: String,
        /// What was expected there.
        instead_of: String,
    },
    /// A program: it did not print what was waited for until the deadline.
    NotPrinted,
    /// A program: it did not end until the deadline.
    StillRunning {
        /// The deadline.
        seconds: u64,
    },
    /// No program is left that could send a datagram.
    NobodyLeft,
    /// The server ended, and nobody had asked it to.
    ServerEnded {
        /// Its exit status, in words.
        how: String,
    },
    /// A program ended where it was to do something else.
    Ended {
        /// Its exit status in words, and what it said last.
        how: String,
    },
    /// There is no program to test.
    Missing {
        /// Its name.
        program: String,
    },
    /// The program cannot be started.
    CannotStart {
        /// What the system says.
        why: String,
    },
    /// The program closed its connection, and connected again.
    ConnectedAgain,
    /// An answer that has not been given yet.
    Blank {
        /// Which one.
        name: String,
    },
    /// An answer that is none of the words that it can be.
    NoWord {
        /// Which one.
        name: String,
        /// The words.
        words: String,
    },
    /// A part of the answers in which not everything is right.
    NotRight {
        /// Which part.
        name: String,
    },
    /// A quote or comma as Chinese has it, where the form needs the one of ASCII.
    FullWidth {
        /// The line.
        line: usize,
        /// The character.
        character: String,
    },
    /// A file of answers that cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
}

impl Cause {
    /// The name of what happened.
    pub fn name(&self) -> String {
        let shown = format!("{self:?}");
        shown.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
    }

    /// Whether the same happened, with other bytes or in another way.
    pub fn is_like(&self, other: &Self) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::EndOfFile => f.write_str("end of file"),
            Cause::Reset => f.write_str("reset by peer"),
            Cause::BrokenPipe => f.write_str("the program closed its socket"),
            Cause::Refused => f.write_str("nobody listens there"),
            Cause::TimedOut => f.write_str("nothing moved for 5 s"),
            Cause::InUse => f.write_str("the address is in use"),
            Cause::Differs { actual, instead_of } => {
                write!(f, "other bytes came: {actual} instead of {instead_of}")
            }
            Cause::NotPrinted => f.write_str("nothing came for 5 s"),
            Cause::StillRunning { seconds } => write!(f, "it did not end in {seconds} s"),
            Cause::NobodyLeft => f.write_str("the program has ended"),
            Cause::ServerEnded { how } => write!(f, "the server ended by itself ({how})"),
            Cause::Ended { how } => write!(f, "the program ended ({how})"),
            Cause::Missing { program } => write!(f, "there is no {program}"),
            Cause::CannotStart { why } => write!(f, "it cannot be started: {why}"),
            Cause::ConnectedAgain => {
                f.write_str("the program closed its connection, and connected again")
            }
            Cause::Blank { name } => write!(f, "{name} is blank"),
            Cause::NoWord { name, words } => write!(f, "{name} is none of the words: {words}"),
            Cause::NotRight { name } => write!(f, "not everything in [{name}] is right yet"),
            Cause::FullWidth { line, character } => {
                write!(f, "line {line} has {character}, where the form needs its ASCII counterpart")
            }
            Cause::Unreadable { why } => f.write_str(why),
        }
    }
}

/// What came, in words, and what happened.
#[derive(Debug)]
pub(crate) struct Actual {
    pub(crate) text: String,
    /// The bytes that came before it went wrong, if there were some.
    pub(crate) bytes: Option<String>,
    /// Where they first differ from the expected ones.
    pub(crate) differs: Option<Box<Difference>>,
    pub(crate) cause: Option<Cause>,
}

impl Actual {
    pub(crate) fn new(text: impl Into<String>, cause: Cause) -> Self {
        Self { text: text.into(), bytes: None, differs: None, cause: Some(cause) }
    }

    /// Bytes, with the place where they differ from the expected ones.
    pub(crate) fn bytes(expected: &[u8], actual: &[u8]) -> Self {
        let text = show(actual);
        let Some(differs) = difference(expected, actual) else { return text.into() };
        let there = first_that_differ(expected, actual, differs.at);
        let cause = there.map(|[actual, instead_of]| Cause::Differs { actual, instead_of });
        let bytes = (!actual.is_empty()).then(|| text.clone());
        let text = format!("{text}\n{}", in_lines(expected, actual, differs.at));
        Self { text, bytes, differs: Some(Box::new(differs)), cause }
    }

    /// The same behind these words.
    pub(crate) fn behind(self, words: &str) -> Self {
        Self { text: format!("{words}{}", self.text), ..self }
    }

    /// And in the next line an error, behind these words.
    pub(crate) fn then(self, words: &str, error: &io::Error) -> Self {
        let Actual { text, cause, .. } = Actual::from(error).behind(words);
        Self { text: format!("{}\n{text}", self.text), cause: self.cause.or(cause), ..self }
    }
}

impl From<&str> for Actual {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Actual {
    fn from(text: String) -> Self {
        Self { text, bytes: None, differs: None, cause: None }
    }
}

/// An error of a socket, with what usually causes it.
impl From<&io::Error> for Actual {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Actual::new(
                "end of file: the program closed its socket (or ended) before it had sent all \
                 this. See NOTES.md#close",
                Cause::EndOfFile,
            ),
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Actual::new(
                "reset by peer: the program closed its socket while bytes that it never received \
                 were waiting there, or it was stopped. See NOTES.md#close",
                Cause::Reset,
            ),
            ErrorKind::BrokenPipe => Actual::new(
                "broken pipe: the program closed its socket, nobody receives any more. \
                 See NOTES.md#close",
                Cause::BrokenPipe,
            ),
            ErrorKind::ConnectionRefused => Actual::new(
                "refused: nobody listens at this address. The program ended, listens at another \
                 address, or did not call listen. See NOTES.md#server-listen",
                Cause::Refused,
            ),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Actual::new(
                "timed out after 5 s: the program waits in a blocking call for something that \
                 never comes, holds back what it should have sent, or is far too slow. \
                 See NOTES.md#blocking",
                Cause::TimedOut,
            ),
            ErrorKind::AddrInUse => Actual::new(
                "address in use: another program listens there already. See NOTES.md#ports",
                Cause::InUse,
            ),
            _ => error.to_string().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bytes_are_the_cause_also_when_nothing_comes_after_them() {
        let late = ErrorKind::TimedOut.into();
        let cause = |actual| Actual::bytes(b"hello!", actual).then("then ", &late).cause.unwrap();
        assert_eq!(cause(b"hello?").to_string(), r#"other bytes came: "?" instead of "!""#);
        assert_eq!(cause(b"hell"), Cause::TimedOut);
    }
}
