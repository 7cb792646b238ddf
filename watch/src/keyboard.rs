//! Reads the keyboard in a thread.

use std::sync::mpsc::SyncSender;
use std::thread;

use crossterm::event::{self, Event, KeyEventKind};

use crate::watch_event::WatchEvent;

/// Sends each key, and each change of the terminal's size, until the terminal is closed.
pub fn listen(sender: SyncSender<WatchEvent>) {
    thread::spawn(move || {
        loop {
            let event = match event::read() {
                // Windows reports released keys as well.
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => WatchEvent::Key(key),
                Ok(Event::Resize(..)) => WatchEvent::Resized,
                Ok(_) => continue,
                Err(_) => {
                    _ = sender.send(WatchEvent::TerminalClosed);
                    return;
                }
            };
            if sender.send(event).is_err() {
                return;
            }
        }
    });
}
