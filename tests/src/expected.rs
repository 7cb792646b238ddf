//! What a test expected.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a test expected, where it has a name, so that it can be said in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expected {
    /// Something else, in words.
    Text(String),
    /// To receive these bytes.
    Receive {
        /// With their length, as [`show`](crate::show) shows them.
        bytes: String,
    },
    /// That the program connects.
    Connection,
    /// That the program listens.
    Listener,
    /// That the program closes the connection.
    Closed,
    /// That the program ends.
    Exit {
        /// With this exit status.
        status: i32,
    },
    /// A line on standard output.
    Line {
        /// How it begins.
        start: String,
    },
    /// These lines on standard output.
    Output {
        /// As [`show`](crate::show) shows them.
        shown: String,
    },
    /// To start a program.
    Start {
        /// Its name.
        program: String,
    },
    /// The right answers.
    Answers {
        /// In this part of the form.
        part: String,
    },
}

impl Default for Expected {
    fn default() -> Self {
        Expected::Text(String::new())
    }
}

impl From<&str> for Expected {
    fn from(text: &str) -> Self {
        Expected::Text(text.to_owned())
    }
}

impl From<&String> for Expected {
    fn from(text: &String) -> Self {
        Expected::Text(text.clone())
    }
}

impl From<String> for Expected {
    fn from(text: String) -> Self {
        Expected::Text(text)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Text(text) => f.write_str(text),
            Expected::Receive { bytes } => write!(f, "to receive {bytes}"),
            Expected::Connection => f.write_str("the program connects"),
            Expected::Listener => f.write_str("to connect: the program listens"),
            Expected::Closed => f.write_str("the program closes the connection"),
            Expected::Exit { status } => write!(f, "the program ends with exit status {status}"),
            Expected::Line { start } => {
                write!(f, "a line on standard output that begins with `{start}`")
            }
            Expected::Output { shown } => write!(f, "on standard output: {shown}"),
            Expected::Start { program } => write!(f, "to start {program}"),
            Expected::Answers { part } => write!(f, "the right answers in [{part}]"),
        }
    }
}
