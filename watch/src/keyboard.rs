//! Reads the keyboard in a thread.

use std::sync::mpsc::SyncSender;
use std::thread;

use crossterm::event::{self, Event, KeyEventKind};

use crate::watch_event::WatchEvent;

/// Sends each key, and each change of the terminal's size, until the terminal is closed.
pub fn listen(sender: SyncSender<WatchEvent>) {
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            let event = match event {
                // Windows reports released keys as well.
                Event::Key(key) if key.kind != KeyEventKind::Release => WatchEvent::Key(key),
                Event::Resize(..) => WatchEvent::Resized,
                _ => continue,
            };
            if sender.send(event).is_err() {
                return;
            }
        }
        _ = sender.send(WatchEvent::TerminalClosed);
    });
}
