//! A command that is stopped when it takes too long, with everything that it started.

use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use shared_child::SharedChild;

/// How much of each output is kept: a program that floods its output must not eat the memory.
const KEPT: u64 = 8 << 20;

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
/// It cannot be started.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Ended> {
    // A group of its own, so that it can be stopped with all the processes that it started.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = SharedChild::spawn(
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()),
    )?;
    let (stdout, stderr) = (child.take_stdout(), child.take_stderr());
    thread::scope(|scope| {
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
        let stdout = scope.spawn(|| read(stdout));
        let stderr = scope.spawn(|| read(stderr));
        let status = child.wait();
        drop(ended);
        let late = watch.join().unwrap_or_default();
        Ok(Ended {
            status: if late { None } else { Some(status?) },
            stdout: stdout.join().unwrap_or_default(),
            stderr: stderr.join().unwrap_or_default(),
        })
    })
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

fn read(stream: Option<impl Read>) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        // What cannot be read is missing in a message, no more.
        _ = stream.by_ref().take(KEPT).read_to_end(&mut kept);
        _ = io::copy(&mut stream, &mut io::sink());
    }
    kept
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

    #[test]
    fn a_flood_is_cut() {
        let ended = sh("yes", Duration::from_millis(300));
        assert!(ended.stdout.len() as u64 <= KEPT);
    }
}
