//! Runs commands with a timeout, and stops them all on Ctrl-C or when their result is no longer needed.

use std::io;
use std::process::{self, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use ::tests::{ChildProcess, Finished};
use anyhow::Result;

use crate::messages::{Explain as _, message};

/// The cap on each output in bytes, so that an endless one doesn't fill the memory.
pub const CAP: usize = 8 << 20;

/// The time after Ctrl-C to print partial results.
const TIME_TO_PRINT: Duration = Duration::from_millis(900);

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

/// Starts a command whose output is read while it runs. Dropping the result kills it and its child
/// processes.
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

/// Makes Ctrl-C kill all commands, and end this program after it has printed partial results.
pub fn stop_on_ctrl_c() -> Result<()> {
    ctrlc::set_handler(|| {
        ChildProcess::kill_all();
        thread::sleep(TIME_TO_PRINT);
        process::exit(INTERRUPTED.into());
    })
    .explain(message!("no-ctrl-c"))
}

/// Returns whether Ctrl-C was pressed or [`cancel`] was called.
pub fn interrupted() -> bool {
    running().is_cancelled()
}

/// Kills the running commands, and lets none start before [`begin`] gets the number that this returns.
pub fn cancel() -> u64 {
    let mut running = running();
    running.requested += 1;
    running.children.iter().filter_map(Weak::upgrade).for_each(|child| child.kill());
    running.requested
}

/// Begins the work for which [`cancel`] returned this number, until the next [`cancel`].
pub fn begin(number: u64) {
    running().at_work = number;
}

/// The running commands, and whether their results are still needed.
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

    fn sh(script: &str, timeout: Duration) -> Finished {
        run(Command::new("sh").args(["-c", script]), timeout).expect("sh runs")
    }

    #[test]
    fn a_command_ends_by_itself() {
        let ended = sh("echo out; echo err >&2; exit 3", Duration::from_secs(60));
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        assert_eq!((&ended.stdout[..], &ended.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
    }

    #[test]
    fn child_processes_do_not_delay_the_end() {
        let (short, long) = (Duration::from_millis(100), Duration::from_secs(300));
        for (script, timeout, stdout, succeeds, seconds) in [
            ("echo before; sleep 600 & sleep 600", short, "before\n", false, 60),
            ("sleep 600 & exit 0", long, "", true, 60),
            // It leaves the process group, and keeps the output open.
            #[cfg(target_os = "linux")]
            ("echo before; setsid sleep 20 & exit 0", long, "before\n", true, 15),
        ] {
            let start = Instant::now();
            let ended = sh(script, timeout);
            assert_eq!(
                (ended.succeeded(), ended.status.is_none()),
                (succeeds, !succeeds),
                "{script}"
            );
            assert_eq!(ended.stdout, stdout.as_bytes(), "{script}");
            assert!(start.elapsed() < Duration::from_secs(seconds), "{script}");
        }
    }

    #[test]
    fn long_output_is_capped() {
        assert!(sh("yes", Duration::from_millis(300)).stdout.len() <= CAP);
    }
}
