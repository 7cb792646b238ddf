//! What a test saw instead of what it expected.

use std::io::{self, ErrorKind};

use crate::catalogue::Message;
use crate::escaped_bytes::{Difference, show};
use crate::message;

/// What a test saw.
#[derive(Debug)]
pub(crate) struct Actual {
    /// What happened, or what the program printed.
    pub(crate) message: Message,
    /// The bytes that were received before it.
    pub(crate) bytes: Option<Message>,
    /// The key of the message that tells what went wrong, if one alone does.
    pub(crate) cause: Option<String>,
    /// Where the bytes first differ from the expected ones.
    pub(crate) differs: Option<Box<Difference>>,
    /// What can be concluded from it for certain, with a question.
    pub(crate) finding: Option<Message>,
}

impl Actual {
    /// An event that tells what went wrong.
    pub(crate) fn cause(message: Message) -> Self {
        Self::from(Message::default()).because(message)
    }

    /// Bytes, with the first difference from the expected ones.
    pub(crate) fn bytes(expected: &[u8], actual: &[u8]) -> Self {
        let differs = Difference::between(expected, actual);
        let cause = differs.as_ref().filter(|differs| differs.is_within_both());
        Self {
            cause: cause.map(|_| "differs".to_owned()),
            bytes: (!actual.is_empty()).then(|| show(actual)),
            differs: differs.map(Box::new),
            ..show(actual).into()
        }
    }

    /// Bytes that were received before something else went wrong.
    pub(crate) fn bytes_before(actual: &[u8]) -> Self {
        Self { bytes: Some(show(actual)), ..show(actual).into() }
    }

    /// Adds what happened after the bytes. If the bytes differ, that remains the cause.
    pub(crate) fn then(self, next: Actual) -> Self {
        match self.cause {
            Some(_) => self,
            None => Self { message: next.message, cause: next.cause, ..self },
        }
    }

    /// Adds what can be concluded, unless there is a finding already.
    pub(crate) fn with_finding(mut self, finding: impl FnOnce() -> Option<Message>) -> Self {
        self.finding = self.finding.or_else(finding);
        self
    }

    /// Sets the cause.
    pub(crate) fn because(self, message: Message) -> Self {
        Self { cause: Some(message.key.clone()), message, ..self }
    }

    /// Whether the connection has ended, or its other end no longer receives.
    pub(crate) fn is_end_of_connection(&self) -> bool {
        let keys = ["end-of-file", "connection-reset", "broken-pipe"];
        self.cause.as_ref().is_some_and(|cause| keys.contains(&cause.as_str()))
    }

    /// Returns the message and the key of the cause.
    pub(crate) fn into_message(self) -> (Message, Option<String>) {
        let message = match self.bytes {
            Some(bytes) if bytes != self.message => {
                message!("bytes-then", bytes, then = self.message)
            }
            _ => self.message,
        };
        (message, self.cause)
    }
}

impl From<Message> for Actual {
    fn from(message: Message) -> Self {
        Self { message, bytes: None, cause: None, differs: None, finding: None }
    }
}

/// What an error on a test's socket means for the program at the other end.
impl From<&io::Error> for Actual {
    fn from(error: &io::Error) -> Self {
        // Where the program is blocked.
        if let Some(message) = error.get_ref().and_then(|inner| inner.downcast_ref::<Message>()) {
            return Actual::cause(message.clone());
        }
        Actual::cause(match error.kind() {
            ErrorKind::UnexpectedEof => message!("end-of-file"),
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                message!("connection-reset")
            }
            ErrorKind::BrokenPipe => message!("broken-pipe"),
            ErrorKind::ConnectionRefused => message!("refused"),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => message!("timed-out"),
            ErrorKind::AddrInUse => message!("in-use"),
            _ => return Message::from(error.to_string()).into(),
        })
    }
}
