//! The messages that a client sends. Tests copy this file next to each client.

use std::io::{self, BufRead};

use crate::arguments::Arguments;

/// Returns the messages of the command line, or the lines of standard input up to an empty one.
pub fn read(arguments: &Arguments) -> Box<dyn Iterator<Item = String>> {
    if arguments.messages.is_empty() {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        return Box::new(lines.take_while(|line| !line.is_empty()).map(|line| line + "\n"));
    }
    let messages = arguments.messages.clone().into_iter();
    Box::new(messages.map(|message| message.to_string_lossy().into_owned() + "\n"))
}
