//! Runs a child process: captures its output, waits with a timeout, and kills it together with
//! everything it started.

use std::io::{self, ErrorKind, Read};
#[cfg(windows)]
use std::process::Stdio;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use shared_child::SharedChild;

use crate::catalogue::Message;
use crate::message;

/// How long to keep reading the output once a process has ended. A process that has left the group
/// may hold the pipe open.
const AFTER_EXIT: Duration = Duration::from_millis(500);

/// A child process in a process group of its own. It's killed when this is dropped, together with
/// everything it started.
///
/// ```no_run
/// # fn main() -> std::io::Result<()> {
/// use std::process::{Command, Stdio};
/// use std::time::Duration;
///
/// let mut command = Command::new("rustc");
/// command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped());
/// let rustc = tests::ChildProcess::spawn(&mut command)?;
/// rustc.capture_output(1 << 20);
/// let output = rustc.finish(Duration::from_secs(10));
/// assert!(output.succeeded());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ChildProcess(Arc<Shared>);

/// What the handle shares with its threads.
#[derive(Debug)]
struct Shared {
    child: SharedChild,
    /// Not for a process in the group of this one.
    has_own_group: bool,
    state: Mutex<State>,
    changed: Condvar,
}

/// How a process ended, and what it had printed.
#[derive(Debug)]
pub struct Finished {
    /// `None` if it had to be killed.
    pub status: Option<ExitStatus>,
    /// Standard output, up to the cap.
    pub stdout: Vec<u8>,
    /// Standard error, up to the cap.
    pub stderr: Vec<u8>,
}

impl Finished {
    /// Whether it ended by itself with exit status 0.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// What is known of a process so far.
#[derive(Debug)]
pub struct State {
    pub(crate) stdout: Capture,
    pub(crate) stderr: Capture,
    /// Its exit status, once it has ended.
    pub status: Option<ExitStatus>,
}

/// What one output has printed so far.
#[derive(Debug)]
pub(crate) struct Capture {
    /// The first bytes, up to the cap.
    pub(crate) kept: Vec<u8>,
    pub(crate) total: usize,
    /// At its end, or no longer read.
    pub(crate) ended: bool,
}

/// One of the two outputs of a process.
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
    pub(crate) fn capture(&mut self, stream: Stream) -> &mut Capture {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// Whether the process has ended and its output is complete.
    pub(crate) fn finished(&self) -> bool {
        self.status.is_some() && self.stdout.ended && self.stderr.ended
    }
}

impl ChildProcess {
    /// Starts a process. Fails once [`ChildProcess::kill_all`] was called.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Self::start(command, true)
    }

    /// Starts a process that stays in the group of this one. For a process that is itself a
    /// [`ChildProcess`]: killing that one kills both.
    pub fn spawn_in_same_group(command: &mut Command) -> io::Result<Self> {
        Self::start(command, false)
    }

    fn start(command: &mut Command, has_own_group: bool) -> io::Result<Self> {
        // Locked until the new process is listed, so that `kill_all` misses none.
        let mut running = lock(&RUNNING);
        let Some(children) = running.as_mut() else {
            return Err(io::Error::new(ErrorKind::Interrupted, "interrupted"));
        };
        let capture = || Capture { kept: Vec::new(), total: 0, ended: true };
        let state = State { stdout: capture(), stderr: capture(), status: None };
        let shared = Arc::new(Shared {
            child: SharedChild::spawn(command)?,
            has_own_group,
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        children.retain(|child| child.strong_count() > 0);
        children.push(Arc::downgrade(&shared));
        drop(running);
        let waiting = Arc::clone(&shared);
        spawn_thread_of(shared.child.id(), move || {
            // It fails only for a process that isn't a child.
            if let Ok(status) = waiting.child.wait() {
                waiting.update(|state| state.status = Some(status));
            }
        });
        Ok(Self(shared))
    }

    /// Kills all child processes of this program, and prevents it from starting more: it is about
    /// to exit.
    pub fn kill_all() {
        let children = lock(&RUNNING).take().unwrap_or_default();
        children.iter().filter_map(Weak::upgrade).for_each(|child| child.kill());
    }

    /// Kills the running child processes of this program. It can start others.
    pub fn kill_running() {
        let running = lock(&RUNNING);
        running.iter().flatten().filter_map(Weak::upgrade).for_each(|child| child.kill());
    }

    /// The process IDs of the child processes of this program, also of some that have ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn running_ids() -> Vec<u32> {
        let running = lock(&RUNNING);
        let children = running.iter().flatten().filter_map(Weak::upgrade);
        children.map(|child| child.child.id()).collect()
    }

    /// Whether [`ChildProcess::kill_all`] was called.
    pub fn all_killed() -> bool {
        lock(&RUNNING).is_none()
    }

    /// The pipe to its standard input.
    pub fn take_stdin(&self) -> Option<ChildStdin> {
        self.0.child.take_stdin()
    }

    /// The pipe from its standard output.
    pub fn take_stdout(&self) -> Option<ChildStdout> {
        self.0.child.take_stdout()
    }

    /// The pipe from its standard error.
    pub fn take_stderr(&self) -> Option<ChildStderr> {
        self.0.child.take_stderr()
    }

    /// Captures the outputs that were not taken, up to `cap` bytes of each.
    pub fn capture_output(&self, cap: usize) {
        self.capture(Stream::Stdout, self.take_stdout(), cap, None);
        self.capture(Stream::Stderr, self.take_stderr(), cap, None);
    }

    /// Captures an output in a thread. The pipe is closed after the first line that contains
    /// `last_line`.
    pub(crate) fn capture(
        &self,
        stream: Stream,
        pipe: Option<impl Read + Send + 'static>,
        cap: usize,
        last_line: Option<&'static str>,
    ) {
        let Some(pipe) = pipe else { return };
        self.0.update(|state| state.capture(stream).ended = false);
        let shared = Arc::clone(&self.0);
        spawn_thread_of(self.id(), move || shared.read(stream, pipe, cap, last_line));
    }

    /// Its process ID.
    pub fn id(&self) -> u32 {
        self.0.child.id()
    }

    /// Locks the state. Its threads wait meanwhile.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// Waits until `condition` holds, at most for `timeout`. Returns whether it holds.
    pub fn wait_until(
        &self,
        timeout: Duration,
        mut condition: impl FnMut(&mut State) -> bool,
    ) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.state();
        while !condition(&mut state) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return false;
            };
            let waited = self.0.changed.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// Waits for the end, at most for `timeout`; then kills what is still running, and returns
    /// the captured output.
    pub fn finish(&self, timeout: Duration) -> Finished {
        self.wait_until(timeout, |state| state.status.is_some());
        let status = self.state().status;
        self.kill();
        self.wait_until(AFTER_EXIT, |state| state.finished());
        let mut state = self.state();
        let mut take = |stream| {
            let capture = state.capture(stream);
            // Nothing more is read.
            capture.ended = true;
            std::mem::take(&mut capture.kept)
        };
        Finished { status, stdout: take(Stream::Stdout), stderr: take(Stream::Stderr) }
    }

    /// Waits for the end.
    pub fn wait(&self) {
        let ended = self.0.changed.wait_while(self.state(), |state| state.status.is_none());
        drop(ended);
    }

    /// Sends it a signal, given by its number.
    #[cfg(unix)]
    pub(crate) fn signal(&self, number: i32) -> io::Result<()> {
        use shared_child::unix::SharedChildExt as _;

        self.0.child.send_signal(number)
    }

    /// Kills it, and everything it started. Does nothing if nothing is left.
    pub fn kill(&self) {
        self.0.kill();
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.kill();
        // Not for ever: a process can be stuck in the kernel.
        self.wait_until(AFTER_EXIT, |state| state.status.is_some());
        // Its threads stop reading.
        let mut state = self.state();
        (state.stdout.ended, state.stderr.ended) = (true, true);
    }
}

/// Starts a thread that passes on what a child process does. Its name tells which process.
pub(crate) fn spawn_thread_of(child: u32, work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name(thread_name(child)).spawn(work);
    thread.expect("the system can start a thread");
}

/// The name of each thread that passes on what a child process does.
pub(crate) fn thread_name(child: u32) -> String {
    format!("of {child}")
}

/// The child processes of this program; `None` once all were killed.
static RUNNING: Mutex<Option<Vec<Weak<Shared>>>> = Mutex::new(Some(Vec::new()));

impl Shared {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    fn read(&self, stream: Stream, mut pipe: impl Read, cap: usize, last_line: Option<&str>) {
        let mut buffer = [0; 16 * 1024];
        let mut is_open = true;
        while is_open {
            let length = match pipe.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // A terminal whose other end is closed reports an error instead of an end.
                Ok(0) | Err(_) => break,
                Ok(length) => length,
            };
            self.update(|state| {
                let capture = state.capture(stream);
                is_open = !capture.ended;
                capture.total += length;
                let room = cap.saturating_sub(capture.kept.len());
                capture.kept.extend_from_slice(&buffer[..length.min(room)]);
                if let Some(text) = last_line {
                    let lines = String::from_utf8_lossy(&capture.kept);
                    let mut lines = lines.split_inclusive('\n');
                    is_open &= !lines.any(|line| line.ends_with('\n') && line.contains(text));
                }
            });
        }
        drop(pipe);
        self.update(|state| state.capture(stream).ended = true);
    }

    fn kill(&self) {
        if self.has_own_group {
            self.kill_descendants();
        }
        // It may have ended already.
        _ = self.child.kill();
    }

    #[cfg(unix)]
    fn kill_descendants(&self) {
        use nix::sys::signal::{Signal, killpg};

        if let Ok(leader) = i32::try_from(self.child.id()) {
            // It fails once no process of the group is left.
            _ = killpg(nix::unistd::Pid::from_raw(leader), Signal::SIGKILL);
        }
    }

    /// Windows has no process groups. A job object would also hold a process whose parent has
    /// ended, but every crate for it takes longer to build than this whole package.
    #[cfg(windows)]
    fn kill_descendants(&self) {
        if lock(&self.state).status.is_none() {
            let mut taskkill = Command::new("taskkill");
            taskkill.args(["/f", "/t", "/pid", &self.child.id().to_string()]);
            // It fails if the process ends before.
            _ = taskkill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }
}

/// Locks a mutex, also after another thread panicked while it held the lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
