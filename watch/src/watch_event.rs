//! The events that other threads send to the event loop.

use std::net::TcpStream;
use std::path::PathBuf;

use crossterm::event::KeyEvent;
use homework::grading::local_grader::Graded;
use homework::grading::marks::Marks;

#[derive(Debug)]
pub enum WatchEvent {
    Key(KeyEvent),
    Resized,
    TerminalClosed,
    /// These files or folders were saved, created or removed. Paths are relative to the workspace.
    FilesChanged(Vec<PathBuf>),
    BuildStarted,
    Graded(Box<Graded>),
    ExtraCreditGraded(Box<Marks>),
    /// The system calls of a program, or the reason why they can't be shown.
    CallsTraced(Vec<String>),
    Failed(String),
    Session(SessionEvent),
}

/// An event of the interactive session.
#[derive(Debug)]
pub enum SessionEvent {
    /// The program with this name printed this line.
    Printed(&'static str, String),
    /// A program exited, or closed one of its outputs.
    Closed,
    /// The student's client connected to our listener.
    Connected(TcpStream),
    /// The peer sent these bytes. They are empty at end of file.
    Received(Vec<u8>),
}
