//! Runs commands with a timeout, and stops them all on Ctrl-C or when their result is no longer needed.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::{self, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use ::tests::{ChildProcess, Finished};
use anyhow::Result;

use crate::messages::{Explain as _, message};

/// How much of each output is kept, so that a flood doesn't fill the memory.
pub const CAP: usize = 8 << 20;

/// How long after Ctrl-C the results so far may still be printed.
const LAST_WORDS: Duration = Duration::from_millis(900);

/// The exit status after Ctrl-C: 128 and the number of the signal, as in a shell.
pub const INTERRUPTED: u8 = 130;

/// Runs a command to its end, or until the timeout. Then everything it started is killed. Fails after
/// Ctrl-C.
pub fn run(command: &mut Command, timeout: Duration) -> io::Result<Finished> {
    let child = start(command)?;
    child.capture_output(CAP);
    let mut finished = child.finish(timeout);
    if interrupted() {
        finished.status = None;
    }
    Ok(finished)
}

/// Starts a command whose output is read while it runs. It's killed when the result is dropped,
/// with everything it started.
pub fn start(command: &mut Command) -> io::Result<Arc<ChildProcess>> {
    // Locked until it's listed, so that `cancel` misses none.
    let mut running = running();
    if running.is_cancelled() {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "stopped by Ctrl-C"));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = Arc::new(ChildProcess::spawn(command)?);
    running.children.retain(|child| child.strong_count() > 0);
    running.children.push(Arc::downgrade(&child));
    Ok(child)
}

/// Makes Ctrl-C kill every command, and end this program once it has printed its results so far.
pub fn stop_on_ctrl_c() -> Result<()> {
    ctrlc::set_handler(|| {
        ChildProcess::kill_all();
        thread::sleep(LAST_WORDS);
        process::exit(INTERRUPTED.into());
    })
    .explain(message!("no-ctrl-c"))
}

/// Returns whether the work is to end: Ctrl-C was pressed, or its result is no longer wanted.
pub fn interrupted() -> bool {
    running().is_cancelled()
}

/// Kills the commands that run, and starts no other before [`begin`] is called with the number that
/// this returns.
pub fn cancel() -> u64 {
    let mut running = running();
    running.requested += 1;
    running.children.iter().filter_map(Weak::upgrade).for_each(|child| child.kill());
    running.requested
}

/// Begins the work for which [`cancel`] returned this number. It's interrupted by the next
/// [`cancel`].
pub fn begin(number: u64) {
    running().at_work = number;
}

/// Prints on standard error what is being done.
pub fn progress(what: impl Display) {
    _ = writeln!(io::stderr(), "  {what} ...");
}

/// Prints a remark on standard error.
pub fn note(what: impl Display) {
    _ = writeln!(io::stderr(), "  {what}");
}

/// The commands that run, and whether their result is still wanted.
struct Running {
    /// The number of the latest request, and of the one that is being worked on.
    requested: u64,
    at_work: u64,
    children: Vec<Weak<ChildProcess>>,
}

impl Running {
    fn is_cancelled(&self) -> bool {
        ChildProcess::all_killed() || self.at_work != self.requested
    }
}

fn running() -> MutexGuard<'static, Running> {
    static RUNNING: Mutex<Running> =
        Mutex::new(Running { requested: 0, at_work: 0, children: Vec::new() });
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::Instant;

    fn sh(script: &str, limit: Duration) -> Finished {
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
    fn a_leftover_process_does_not_delay_the_result() {
        let start = Instant::now();
        let ended = sh("sleep 600 & exit 0", Duration::from_secs(300));
        assert!(ended.succeeded());
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_left_the_group_does_not_delay_the_result() {
        let start = Instant::now();
        let ended = sh("echo before; setsid sleep 20 & exit 0", Duration::from_secs(300));
        assert!(ended.succeeded());
        assert_eq!(ended.stdout, b"before\n");
        assert!(start.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn a_flood_is_cut() {
        let ended = sh("yes", Duration::from_millis(300));
        assert!(ended.stdout.len() <= CAP);
    }
}
