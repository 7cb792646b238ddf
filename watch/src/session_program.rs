//! One of the student's programs in an interactive session. Its output arrives as events.

use std::io::{self, BufRead as _, BufReader, Read};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread;

use common::escaped;
use homework::grading::submission::Start;
use tests::ChildProcess;

use crate::watch_event::{SessionEvent, WatchEvent};

/// Longest line in bytes. A longer one is shown as several.
const MAX_LINE: u64 = 64 << 10;

/// The child process. It's killed when this is dropped.
#[derive(Debug)]
pub struct SessionProgram {
    child: Arc<ChildProcess>,
    pub stdin: Option<ChildStdin>,
}

impl SessionProgram {
    /// How many [`SessionEvent::Closed`] a program sends: one for each output, one when it exits.
    pub const CLOSED_EVENTS: usize = 3;

    pub fn start(
        start: &Start,
        arguments: &[&str],
        name: &'static str,
        sender: &SyncSender<WatchEvent>,
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
        let child = Arc::new(ChildProcess::spawn(&mut command)?);
        let program = SessionProgram { stdin: child.take_stdin(), child };
        if let Some(stdout) = program.child.take_stdout() {
            send_lines(stdout, name, sender.clone());
        }
        if let Some(stderr) = program.child.take_stderr() {
            send_lines(stderr, name, sender.clone());
        }
        let (child, sender) = (Arc::clone(&program.child), sender.clone());
        thread::spawn(move || {
            child.wait();
            _ = sender.send(WatchEvent::Session(SessionEvent::Closed));
        });
        Ok(program)
    }

    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.child.state().status
    }
}

impl Drop for SessionProgram {
    fn drop(&mut self) {
        // The thread that waits for it still has it.
        self.child.kill();
        self.child.wait();
    }
}

type Sender = SyncSender<WatchEvent>;

fn send_lines(pipe: impl Read + Send + 'static, name: &'static str, sender: Sender) {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = (&mut pipe).take(MAX_LINE).read_until(b'\n', &mut line) {
            let text = escaped(line.strip_suffix(b"\n").unwrap_or(&line));
            let event = SessionEvent::Printed(name, text);
            if sender.send(WatchEvent::Session(event)).is_err() {
                return;
            }
            line.clear();
        }
        _ = sender.send(WatchEvent::Session(SessionEvent::Closed));
    });
}
