//! The keyboard, read by a thread of its own.

use std::sync::mpsc::SyncSender;
use std::thread;

use crossterm::event::{self, Event, KeyEventKind};

use crate::watch_event::WatchEvent;

/// Passes on each key, and each change of the terminal's size.
pub fn listen(watch_events: SyncSender<WatchEvent>) {
    thread::spawn(move || {
        loop {
            let message = match event::read() {
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => WatchEvent::Key(key),
                Ok(Event::Resize(..)) => WatchEvent::Resized,
                Ok(_) => continue,
                Err(_) => WatchEvent::Gone,
            };
            let is_gone = matches!(message, WatchEvent::Gone);
            if watch_events.send(message).is_err() || is_gone {
                break;
            }
        }
    });
}
