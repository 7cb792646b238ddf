//! A program that runs while somebody talks to it. What it prints comes as events.

use std::io::{self, Read};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread;

use homework::grading::submission::Start;
use homework::process;
use shared_child::SharedChild;

use crate::watch_event::{SessionEvent, WatchEvent};

/// The program. It ends when this is dropped.
#[derive(Debug)]
pub struct Program {
    child: Arc<SharedChild>,
    /// What is written here, it reads.
    pub input: Option<ChildStdin>,
}

impl Program {
    /// Starts a program. What it prints is passed on under this name.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub fn start(
        start: &Start,
        arguments: &[&str],
        name: &'static str,
        watch_events: &SyncSender<WatchEvent>,
    ) -> io::Result<Self> {
        let mut command = match start {
            Start::Program(path) => Command::new(path),
            Start::Command { folder, words } => {
                let mut words = words.iter().map(|word| word.in_folder(folder));
                let mut command = Command::new(words.next().unwrap_or_default());
                command.args(words).current_dir(folder);
                command
            }
        };
        command.args(arguments).env_remove("RUST_BACKTRACE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = process::start_beside(&mut command)?;
        let program = Program { input: child.take_stdin(), child };
        if let Some(pipe) = program.child.take_stdout() {
            pass_on(pipe, name, watch_events.clone());
        }
        if let Some(pipe) = program.child.take_stderr() {
            pass_on(pipe, name, watch_events.clone());
        }
        let (child, watch_events) = (Arc::clone(&program.child), watch_events.clone());
        thread::spawn(move || {
            _ = child.wait();
            _ = watch_events.send(WatchEvent::SessionEvent(SessionEvent::Silent(name)));
        });
        Ok(program)
    }

    /// How many of its parts fall silent at its end: both outputs, and itself.
    pub const PARTS: usize = 3;

    /// How it ended, once it has.
    pub fn ended(&self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        process::end(&self.child);
    }
}

fn pass_on(
    mut pipe: impl Read + Send + 'static,
    name: &'static str,
    watch_events: SyncSender<WatchEvent>,
) {
    thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            let heard = SessionEvent::Printed(name, buffer[..length].to_vec());
            if watch_events.send(WatchEvent::SessionEvent(heard)).is_err() {
                return;
            }
        }
        _ = watch_events.send(WatchEvent::SessionEvent(SessionEvent::Silent(name)));
    });
}
