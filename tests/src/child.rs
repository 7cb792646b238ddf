//! What is known of a program that runs: what it printed so far, and how it ended. Its threads
//! find that out, its handle waits for it, and the transcript of the test keeps it for a report.

use std::io::{self, Read};
use std::process::ExitStatus;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shared_child::SharedChild;

#[cfg(target_os = "linux")]
use crate::bubblewrap;
use crate::catalogue::Message;
use crate::escaped_bytes::escape;
use crate::message;
use crate::test_report::{CapturedOutput, ProgramOutput};

/// How long a report waits for a program that is about to end by itself.
pub(crate) const GRACE: Duration = Duration::from_millis(200);

/// How a program "ended" that the report had to end: a key of the catalogue.
const STILL_RUNNING: &str = "running-when-failed";

/// A program that runs, or has run.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) command_line: String,
    child: SharedChild,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) stdout: Captured,
    pub(crate) stderr: Captured,
    pub(crate) status: Option<ExitStatus>,
    killed: Option<&'static str>,
    /// The test sent a signal that asks it to end.
    signalled: bool,
    /// It said where it listens, or is bound: it is not to end by itself.
    pub(crate) serves: bool,
}

/// What came of an output.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) kept: Vec<u8>,
    limit: usize,
    pub(crate) total: usize,
    pub(crate) ended: bool,
}

/// One of the outputs of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    pub(crate) fn message(self) -> Message {
        match self {
            Stream::Stdout => message!("standard-output"),
            Stream::Stderr => message!("standard-error"),
        }
    }
}

impl State {
    pub(crate) fn captured(&mut self, stream: Stream) -> &mut Captured {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// Whether it has ended and all that it printed is here.
    pub(crate) fn finished(&self) -> bool {
        self.status.is_some() && self.stdout.ended && self.stderr.ended
    }
}

impl Child {
    /// A program of whose outputs at most so many bytes are kept.
    pub(crate) fn new(command_line: String, child: SharedChild, limit: usize) -> Self {
        let captured = || Captured { kept: Vec::new(), limit, total: 0, ended: false };
        let state = State {
            stdout: captured(),
            stderr: captured(),
            status: None,
            killed: None,
            signalled: false,
            serves: false,
        };
        Self { command_line, child, state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Waits until the state is as wished, at most so long. Says whether it is.
    pub(crate) fn wait_until(
        &self,
        time: Duration,
        mut wished: impl FnMut(&mut State) -> bool,
    ) -> bool {
        let deadline = Instant::now() + time;
        let mut state = self.state();
        while !wished(&mut state) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return false;
            };
            (state, _) =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// Reads an output to its end, or through the first line with the text `stop_after`; without
    /// a pipe there is none. For a thread.
    pub(crate) fn read(
        &self,
        stream: Stream,
        mut pipe: Option<impl Read>,
        stop_after: Option<&str>,
    ) {
        let mut buffer = [0; 16 * 1024];
        while let Some(open) = &mut pipe {
            let length = match open.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // A terminal whose other end is closed gives an error instead of an end.
                Ok(0) | Err(_) => break,
                Ok(length) => length,
            };
            self.update(|state| {
                let captured = state.captured(stream);
                captured.total += length;
                let room = captured.limit - captured.kept.len();
                captured.kept.extend_from_slice(&buffer[..length.min(room)]);
                if stop_after.is_some_and(|text| {
                    let lines = String::from_utf8_lossy(&captured.kept);
                    lines.split_inclusive('\n').any(|l| l.ends_with('\n') && l.contains(text))
                }) {
                    pipe = None;
                }
            });
        }
        drop(pipe);
        self.update(|state| state.captured(stream).ended = true);
    }

    /// Waits for the end. For a thread.
    pub(crate) fn wait(&self) {
        // It fails only if the child was not ours to wait for.
        if let Ok(status) = self.child.wait() {
            self.update(|state| state.status = Some(status));
        }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, number: i32) -> io::Result<()> {
        use shared_child::unix::SharedChildExt as _;

        self.state().signalled = true;
        #[cfg(target_os = "linux")]
        if let Some(sent) = bubblewrap::signal_inside(self.child.id(), number) {
            return sent;
        }
        self.child.send_signal(number)
    }

    /// Kills the program, unless it has ended. A report shows the message with the key `when` instead
    /// of its exit status.
    pub(crate) fn kill(&self, when: &'static str) {
        let mut state = self.state();
        if state.status.is_none() {
            state.killed.get_or_insert(when);
            drop(state);
            // It may have ended just now.
            _ = self.child.kill();
        }
    }

    /// How a server ended that nobody asked to end.
    pub(crate) fn server_ended_by_itself(&self) -> Option<Message> {
        let asked = {
            let state = self.state();
            !state.serves || state.signalled
        };
        self.ended_by_itself().filter(|_| !asked)
    }

    /// How the program ended, if it did and nobody had asked it to, and what it said of it.
    pub(crate) fn ended_by_itself(&self) -> Option<Message> {
        let state = self.state();
        let how = state.status.filter(|_| state.killed.is_none()).map(exit_message)?;
        let stderr = String::from_utf8_lossy(&state.stderr.kept).into_owned();
        Some(match last_words(&stderr) {
            Some(words) if state.status.is_some_and(|status| !status.success()) => {
                message!("exit-words", how, words)
            }
            _ => how,
        })
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state().status.is_some()
    }

    /// Ends the program, so that its output is complete. One that crashed gets the time to
    /// say so.
    pub(crate) fn end_for_report(&self) {
        if !self.wait_until(GRACE, |state| state.finished()) {
            self.kill(STILL_RUNNING);
            self.wait_until(GRACE, |state| state.finished());
        }
    }

    /// What a report says of it.
    pub(crate) fn output(&self) -> ProgramOutput {
        let state = self.state();
        let ended = match (state.killed, state.status) {
            (None, Some(status)) => exit_message(status),
            (when, _) => message!(when.unwrap_or(STILL_RUNNING)),
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
        Some(status) => message!("exit-status", status),
        None => Message::from(status.to_string()),
    }
}

/// How much of its last words a report repeats of a program.
const LAST_WORDS: usize = 160;

/// What a program that failed said last on standard error: of a panic the place and the message,
/// otherwise the last line.
fn last_words(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let words = match lines.clone().position(|line| line.contains(" panicked at ")) {
        Some(at) => lines.skip(at).take(2).collect::<Vec<_>>().join(" "),
        None => lines.rfind(|line| !line.starts_with("note: "))?.to_owned(),
    };
    let start: String = words.chars().take(LAST_WORDS).collect();
    Some(escape(start.as_bytes()).replace("\\\"", "\"").replace("\\'", "'"))
}

/// The lock, also after another thread failed its check while it held it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
