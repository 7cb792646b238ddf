//! Runs commands with a timeout, and stops them all on Ctrl-C or when their result is no longer needed.

use std::io;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
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

/// Runs a command to its end or until the timeout, and then kills everything it started.
pub fn run(command: &mut Command, timeout: Duration) -> io::Result<Finished> {
    let child = start(command)?;
    child.capture_output(CAP);
    let mut finished = child.finish(timeout);
    if interrupted() {
        finished.status = None;
    }
    Ok(finished)
}

/// Starts a command whose output is read while it runs.
pub fn start(command: &mut Command) -> io::Result<ChildProcess> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = ChildProcess::spawn(command)?;
    // Too late for `cancel` to kill it.
    if interrupted() {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "stopped by Ctrl-C"));
    }
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

pub fn interrupted() -> bool {
    ChildProcess::all_killed() || AT_WORK.load(SeqCst) != REQUESTED.load(SeqCst)
}

/// The number of the latest work that [`cancel`] asked for, and of the work that has begun.
static REQUESTED: AtomicU64 = AtomicU64::new(0);
static AT_WORK: AtomicU64 = AtomicU64::new(0);

/// Kills the running commands, and lets none start before [`begin`] gets the number that this returns.
pub fn cancel() -> u64 {
    let number = REQUESTED.fetch_add(1, SeqCst) + 1;
    ChildProcess::kill_running();
    number
}

/// Begins the work for which [`cancel`] returned this number, until the next [`cancel`].
pub fn begin(number: u64) {
    AT_WORK.store(number, SeqCst);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::Instant;

    fn sh(script: &str, timeout: Duration) -> Finished {
        run(Command::new("sh").args(["-c", script]), timeout).expect("sh runs")
    }

    #[test]
    fn child_processes_do_not_delay_the_end() {
        let (short, long) = (Duration::from_millis(100), Duration::from_secs(300));
        for (script, timeout, status, outputs, seconds) in [
            ("echo out; echo err >&2; exit 3", long, Some(3), ["out\n", "err\n"], 60),
            ("echo before; sleep 600 & sleep 600", short, None, ["before\n", ""], 60),
            ("sleep 600 & exit 0", long, Some(0), ["", ""], 60),
            // It leaves the process group, and keeps the output open.
            #[cfg(target_os = "linux")]
            ("echo before; setsid sleep 20 & exit 0", long, Some(0), ["before\n", ""], 15),
        ] {
            let start = Instant::now();
            let ended = sh(script, timeout);
            assert_eq!(ended.status.map(|status| status.code().unwrap()), status, "{script}");
            assert_eq!([ended.stdout, ended.stderr], outputs.map(str::as_bytes), "{script}");
            assert!(start.elapsed() < Duration::from_secs(seconds), "{script}");
        }
    }

    #[test]
    fn long_output_is_capped() {
        assert!(sh("yes", Duration::from_millis(300)).stdout.len() <= CAP);
    }
}
