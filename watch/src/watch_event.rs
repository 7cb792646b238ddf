//! What happens meanwhile, one thing after the other: keys, saves, verdicts.

use std::net::TcpStream;
use std::path::PathBuf;

use crossterm::event::KeyEvent;
use homework::commands::own::Marked;
use homework::grading::mark::Marks;

/// Something that happened.
#[derive(Debug)]
pub enum WatchEvent {
    /// A key was pressed.
    Key(KeyEvent),
    /// The terminal has another size.
    Resized,
    /// The terminal has gone away.
    Gone,
    /// These files were saved, or vanished.
    Saved(Vec<PathBuf>),
    /// The programs are being built and tested.
    AtWork,
    /// What came of it.
    Marked(Box<Marked>),
    /// What came of everything, with what lies beyond the homework.
    Beyond(Box<Marks>),
    /// The calls of a program, or why they cannot be shown.
    Calls(Vec<String>),
    /// It could not be done, and why.
    Trouble(String),
    /// Something was heard in a talk.
    SessionEvent(SessionEvent),
}

/// Something that is heard in a talk.
#[derive(Debug)]
pub enum SessionEvent {
    /// A program printed this.
    Printed(&'static str, Vec<u8>),
    /// A program closed one of its outputs, or has ended.
    Silent(&'static str),
    /// The program connected to us.
    Connected(TcpStream),
    /// This came over the connection; nothing at its end.
    Received(Vec<u8>),
}
