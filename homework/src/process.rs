//! A command that is stopped when it takes too long, with everything that it started; and Ctrl-C,
//! which stops all of them at once.

use std::fmt::Display;
use std::io::{self, Read, Write as _};
use std::process::{self, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::messages::{Explain as _, message};
use anyhow::Result;
use shared_child::SharedChild;

/// How much of each output is kept: a program that floods its output must not eat the memory.
const KEPT: usize = 8 << 20;

/// How long an output is read after the end of the command. A process that left the group of the
/// command may hold it open for ever.
const AFTER_THE_END: Duration = Duration::from_millis(500);

/// How long after Ctrl-C what there is may be printed.
const LAST_WORDS: Duration = Duration::from_millis(900);

/// The exit status after Ctrl-C: 128 and the number of the signal, as a shell has it.
pub const INTERRUPTED: u8 = 130;

/// What came of a command.
#[derive(Debug)]
pub struct Ended {
    /// How it ended, unless it was stopped.
    pub status: Option<ExitStatus>,
    /// What it printed on standard output.
    pub stdout: Vec<u8>,
    /// What it printed on standard error.
    pub stderr: Vec<u8>,
}

impl Ended {
    /// Whether it ended by itself with exit status 0.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs a command to its end, at most so long. What it started is stopped with it.
///
/// # Errors
///
/// It cannot be started, or Ctrl-C came before.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Ended> {
    // A group of its own, so that it can be stopped with all the processes that it started.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let stdout = child.take_stdout().map(Output::of);
    let stderr = child.take_stderr().map(Output::of);
    let (status, late) = thread::scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        let watch = scope.spawn({
            let child = &child;
            move || {
                let late = end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
                // Also after its end: a program may have left others behind.
                stop(child);
                late
            }
        });
        let status = child.wait();
        drop(ended);
        (status, watch.join().unwrap_or_default())
    });
    running().children.retain(|other| !Arc::ptr_eq(other, &child));
    let status = if late || interrupted() { None } else { Some(status?) };
    let kept = |output: Option<Output>| output.map(Output::kept).unwrap_or_default();
    Ok(Ended { status, stdout: kept(stdout), stderr: kept(stderr) })
}

/// A command that runs and is listened to. It is stopped with all that it started when this is
/// dropped.
#[derive(Debug)]
pub struct Watched {
    child: Arc<SharedChild>,
    stdout: Option<Output>,
}

/// Starts a command, with what it will print on standard error.
///
/// # Errors
///
/// It cannot be started, or Ctrl-C came before.
pub fn watch(command: &mut Command) -> io::Result<(Watched, ChildStderr)> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let stdout = child.take_stdout().map(Output::of);
    let stderr = child.take_stderr();
    let watched = Watched { child, stdout };
    let stderr = stderr.ok_or_else(|| io::Error::other("it has no standard error"))?;
    Ok((watched, stderr))
}

impl Watched {
    /// Stops it, if it has not ended, and gives what it printed on standard output.
    pub fn stop(mut self) -> Vec<u8> {
        stop(&self.child);
        self.stdout.take().map(Output::kept).unwrap_or_default()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        stop(&self.child);
        _ = self.child.wait();
        running().children.retain(|other| !Arc::ptr_eq(other, &self.child));
    }
}

/// Makes Ctrl-C stop every command, and end this program when it has said what it has.
///
/// # Errors
///
/// The system does not let the program know of the signals.
pub fn stop_on_ctrl_c() -> Result<()> {
    ctrlc::set_handler(|| {
        stop_for_good();
        thread::sleep(LAST_WORDS);
        process::exit(INTERRUPTED.into());
    })
    .explain(message!("no-ctrl-c"))
}

/// Whether Ctrl-C came, or what is being done is not wanted any more.
pub fn interrupted() -> bool {
    running().is_over()
}

/// Stops every command, and starts no other before [`begin`]: what they were for has changed. Gives
/// the number of what is wanted now.
pub fn stop_for_another() -> u64 {
    let mut running = running();
    running.wanted += 1;
    running.children.iter().for_each(|child| stop(child));
    running.wanted
}

/// Begins what [`stop_for_another`] gave this number. It is over as soon as another is wanted.
pub fn begin(number: u64) {
    running().at_work = number;
}

/// Starts a command that runs beside all others, in a group of its own, until [`end`] or the end of
/// this program.
///
/// # Errors
///
/// It cannot be started.
pub fn start_beside(command: &mut Command) -> io::Result<Arc<SharedChild>> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut running = running();
    let child = Arc::new(SharedChild::spawn(command)?);
    running.beside.push(Arc::clone(&child));
    Ok(child)
}

/// Ends such a command, with all that it started.
pub fn end(child: &Arc<SharedChild>) {
    stop(child);
    running().beside.retain(|other| !Arc::ptr_eq(other, child));
    // It was killed: this does not take long.
    _ = child.wait();
}

/// Stops every command, and starts no other: this program is about to end.
pub fn stop_for_good() {
    let mut running = running();
    running.interrupted = true;
    running.children.iter().chain(&running.beside).for_each(|child| stop(child));
}

/// Says on standard error what is being done.
pub fn progress(what: impl Display) {
    _ = writeln!(io::stderr(), "  {what} ...");
}

/// Says on standard error what somebody should know.
pub fn note(what: impl Display) {
    _ = writeln!(io::stderr(), "  {what}");
}

/// The commands that run, all of them.
struct Running {
    interrupted: bool,
    /// What is wanted, and what is being done.
    wanted: u64,
    at_work: u64,
    children: Vec<Arc<SharedChild>>,
    /// Those that go on when another is wanted.
    beside: Vec<Arc<SharedChild>>,
}

impl Running {
    fn is_over(&self) -> bool {
        self.interrupted || self.at_work != self.wanted
    }
}

fn running() -> MutexGuard<'static, Running> {
    static RUNNING: Mutex<Running> = Mutex::new(Running {
        interrupted: false,
        wanted: 0,
        at_work: 0,
        children: Vec::new(),
        beside: Vec::new(),
    });
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start(command: &mut Command) -> io::Result<Arc<SharedChild>> {
    // The lock is held until it is on the list, so that Ctrl-C misses none.
    let mut running = running();
    if running.is_over() {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "stopped by Ctrl-C"));
    }
    let child = Arc::new(SharedChild::spawn(command)?);
    running.children.push(Arc::clone(&child));
    Ok(child)
}

fn stop(child: &SharedChild) {
    #[cfg(unix)]
    if let Ok(group) = i32::try_from(child.id()) {
        use nix::sys::signal::{Signal, killpg};
        use nix::unistd::Pid;

        // It fails when nobody is left, which is what we want.
        _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    _ = child.kill();
}

/// An output, read by a thread of its own.
#[derive(Debug)]
struct Output {
    kept: Arc<Mutex<Vec<u8>>>,
    given_up: Arc<AtomicBool>,
    end: Receiver<()>,
}

impl Output {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let (ended, end) = mpsc::channel();
        let output = Self { kept: Arc::default(), given_up: Arc::default(), end };
        let (kept, given_up) = (Arc::clone(&output.kept), Arc::clone(&output.given_up));
        thread::spawn(move || {
            let mut buffer = [0; 64 << 10];
            // What cannot be read is missing in a message, no more.
            while let Ok(length @ 1..) = stream.read(&mut buffer)
                && !given_up.load(Ordering::Relaxed)
            {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let room = KEPT - kept.len();
                kept.extend_from_slice(&buffer[..length.min(room)]);
            }
            drop(ended);
        });
        output
    }

    fn kept(self) -> Vec<u8> {
        _ = self.end.recv_timeout(AFTER_THE_END);
        self.given_up.store(true, Ordering::Relaxed);
        std::mem::take(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::Instant;

    fn sh(script: &str, limit: Duration) -> Ended {
        run(Command::new("sh").args(["-c", script]), limit).expect("there is a shell")
    }

    #[test]
    fn a_command_ends_by_itself() {
        let ended = sh("echo out; echo err >&2; exit 3", Duration::from_secs(60));
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        assert_eq!((&ended.stdout[..], &ended.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
    }

    #[test]
    fn a_command_that_hangs_is_stopped_with_what_it_started() {
        let start = Instant::now();
        let ended = sh("echo before; sleep 600 & sleep 600", Duration::from_millis(100));
        assert!(ended.status.is_none());
        assert_eq!(ended.stdout, b"before\n");
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn what_a_command_leaves_behind_does_not_hold_it_up() {
        let start = Instant::now();
        let ended = sh("sleep 600 & exit 0", Duration::from_secs(300));
        assert!(ended.succeeded());
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_left_the_group_and_holds_the_output_does_not_hold_it_up() {
        let start = Instant::now();
        let ended = sh("echo before; setsid sleep 20 & exit 0", Duration::from_secs(300));
        assert!(ended.succeeded());
        assert_eq!(ended.stdout, b"before\n");
        assert!(start.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn a_flood_is_cut() {
        let ended = sh("yes", Duration::from_millis(300));
        assert!(ended.stdout.len() <= KEPT);
    }
}
