//! The keyboard, read by a thread of its own.

use std::sync::mpsc::SyncSender;
use std::thread;

use crossterm::event::{self, Event, KeyEventKind};

use crate::message::Message;

/// Passes on each key, and each change of the terminal's size.
pub fn listen(messages: SyncSender<Message>) {
    thread::spawn(move || {
        loop {
            let message = match event::read() {
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => Message::Key(key),
                Ok(Event::Resize(..)) => Message::Resized,
                Ok(_) => continue,
                Err(_) => Message::Gone,
            };
            let is_gone = matches!(message, Message::Gone);
            if messages.send(message).is_err() || is_gone {
                break;
            }
        }
    });
}
