//! The state of a program that a test started: its output, how it ended, and whether the test stopped
//! it.

#[cfg(unix)]
use std::io;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::catalogue::Message;
use crate::child_process::ChildProcess;
use crate::escaped_bytes::escape;
use crate::message;
#[cfg(target_os = "linux")]
use crate::sandboxed_signal;
use crate::test_report::{CapturedOutput, ProgramOutput};

/// How long a report waits for a program that is about to end by itself.
pub(crate) const GRACE: Duration = Duration::from_millis(200);

/// The message for a program that was still running when the test failed.
const STILL_RUNNING: &str = "running-when-failed";

/// A program that the test started. It may have ended.
#[derive(Debug)]
pub(crate) struct ProgramOutcome {
    pub(crate) command_line: String,
    pub(crate) process: ChildProcess,
    /// What the test writes to its standard input. `None` if that has ended.
    pub(crate) input: Mutex<Option<Sender<Vec<u8>>>>,
    /// Why the test killed it, if it did: a key of the message catalogue.
    killed: OnceLock<&'static str>,
    /// Whether the test sent it a signal.
    signalled: AtomicBool,
    /// Whether it has printed its address. Then it shouldn't end by itself.
    pub(crate) serves: AtomicBool,
}

impl ProgramOutcome {
    pub(crate) fn new(command_line: String, process: ChildProcess) -> Self {
        Self {
            command_line,
            process,
            input: Mutex::default(),
            killed: OnceLock::new(),
            signalled: AtomicBool::new(false),
            serves: AtomicBool::new(false),
        }
    }

    /// Its name in a message.
    #[cfg(target_os = "linux")]
    pub(crate) fn who(&self) -> Message {
        match &self.command_line {
            line if line.contains("server") => message!("your-server"),
            line if line.contains("client") => message!("your-client"),
            _ => message!("your-program"),
        }
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, number: i32) -> io::Result<()> {
        self.signalled.store(true, Ordering::Relaxed);
        #[cfg(target_os = "linux")]
        if let Some(sent) = sandboxed_signal::signal_inside(self.process.id(), number) {
            return sent;
        }
        self.process.signal(number)
    }

    /// Notes that it's still running, if it is. How it ends after that isn't reported.
    pub(crate) fn note_running(&self) {
        if !self.has_ended() {
            _ = self.killed.set(STILL_RUNNING);
        }
    }

    /// Kills the program, unless it has ended. The report shows the message with
    /// the key `why` instead of its exit status.
    pub(crate) fn kill(&self, why: &'static str) {
        if !self.has_ended() {
            _ = self.killed.set(why);
        }
        self.process.kill();
    }

    /// How a server ended that the test didn't ask to end.
    pub(crate) fn server_ended_by_itself(&self) -> Option<Message> {
        let expected =
            !self.serves.load(Ordering::Relaxed) || self.signalled.load(Ordering::Relaxed);
        self.ended_by_itself().filter(|_| !expected)
    }

    /// How a client ended that the test didn't ask to end.
    pub(crate) fn client_ended_by_itself(&self) -> Option<Message> {
        let expected =
            self.serves.load(Ordering::Relaxed) || self.signalled.load(Ordering::Relaxed);
        self.ended_by_itself().filter(|_| !expected)
    }

    /// How the program ended, unless the test killed it, and its last words if it failed.
    pub(crate) fn ended_by_itself(&self) -> Option<Message> {
        let state = self.process.state();
        let status = state.status.filter(|_| self.killed.get().is_none())?;
        let stderr = String::from_utf8_lossy(&state.stderr.kept);
        Some(match last_words(&stderr) {
            Some(words) if !status.success() => {
                message!("exit-words", how = exit_message(status), words)
            }
            _ => exit_message(status),
        })
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.process.state().status.is_some()
    }

    /// Ends the program, so that its output is complete. One that is about to crash gets the
    /// time for its last words.
    pub(crate) fn end_for_report(&self) {
        if !self.process.wait_until(GRACE, |state| state.finished()) {
            self.kill(STILL_RUNNING);
            self.process.wait_until(GRACE, |state| state.finished());
        }
    }

    /// Its output and how it ended, for the report.
    pub(crate) fn output(&self) -> ProgramOutput {
        let state = self.process.state();
        let ended = match (self.killed.get(), state.status) {
            (Some(why), _) => message!(*why),
            (None, Some(status)) => exit_message(status),
            (None, None) => message!(STILL_RUNNING),
        };
        ProgramOutput {
            command: self.command_line.clone(),
            ended,
            stdout: CapturedOutput::new(state.stdout.total, &state.stdout.kept),
            stderr: CapturedOutput::new(state.stderr.total, &state.stderr.kept),
        }
    }
}

/// An exit status as a message.
pub(crate) fn exit_message(status: ExitStatus) -> Message {
    match status.code() {
        Some(101) => message!("exit-status-panic"),
        Some(127) => message!("exit-status-not-found"),
        Some(status) => message!("exit-status", status),
        None => Message::from(status.to_string()),
    }
}

/// How many characters of a program's last words a report shows.
const LAST_WORDS: usize = 160;

/// The last line on standard error; after a panic, its place and message.
fn last_words(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let words = match lines.clone().position(|line| line.contains(" panicked at ")) {
        Some(at) => lines.skip(at).take(2).collect::<Vec<_>>().join(" "),
        None => lines.rfind(|line| !line.starts_with("note: "))?.to_owned(),
    };
    let start: String = words.chars().take(LAST_WORDS).collect();
    Some(escape(start.as_bytes()).replace("\\\"", "\"").replace("\\'", "'"))
}
