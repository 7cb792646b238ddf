//! The program under `strace`: how it is started, and what strace says while it runs.

use std::ffi::OsString;
use std::io::Read;
use std::process::{ChildStderr, Command};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::retry_interrupted;
use tests::ChildProcess;

use crate::messages::message;
use crate::process;

/// How long strace may take to say its version.
const LIMIT: Duration = Duration::from_secs(5);

/// The calls that are shown, and those that tell whether a thread waits or where a socket is from.
/// No system has all of them: the `?` says that one may be missing.
const CALLS: [&str; 46] = [
    "socket",
    "bind",
    "listen",
    "connect",
    "accept",
    "accept4", // the steps
    "recv",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "read",
    "readv", // what receives
    "send",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "write",
    "writev", // what sends
    "sendfile",
    "sendfile64",
    "splice",
    "shutdown",
    "close", // both, and the end
    "poll",
    "ppoll",
    "select",
    "_newselect",
    "pselect6", // what waits for sockets
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "dup",
    "dup2",
    "dup3",
    "fcntl",
    "fcntl64", // what copies descriptors
    "clone",
    "clone3",
    "fork",
    "vfork", // what makes threads and processes
    "futex",
    "wait4",
    "waitid",
    "pause",
    "rt_sigsuspend",
    "rt_sigtimedwait", // what waits for them
];

/// Starts the program in the place of a shell, which sends both of its outputs to one place: what is
/// left as standard error is for strace.
const SCRIPT: &str = r#"exec "$@" 2>&1"#;

/// A program that strace watches.
pub struct Strace {
    child: Arc<ChildProcess>,
    stderr: ChildStderr,
    /// What was read and is no whole line yet.
    read: Vec<u8>,
    /// How much of that was seen as the beginning of a line.
    seen: usize,
}

/// What strace wrote next.
pub enum Next {
    /// A line.
    Line(String),
    /// The beginning of a line, which goes on when the system has answered.
    Begun(String),
    /// Nothing, for so long.
    Late,
    /// Nothing more: the program has ended.
    End,
}

/// Fails where the calls of a program cannot be shown, in one line that says what is missing.
pub fn is_there() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(message!("calls-no-linux"));
    }
    match process::run(Command::new("strace").arg("-V"), LIMIT) {
        Ok(ended) if ended.succeeded() => Ok(()),
        _ => bail!(message!("calls-no-strace")),
    }
}

/// Starts a program, given by its words.
///
/// # Errors
///
/// strace cannot be started.
pub fn start(program: &[OsString]) -> Result<Strace> {
    let calls = CALLS.map(|call| format!("?{call}")).join(",");
    let mut command = Command::new("strace");
    // With its threads and children, the meaning of each descriptor, every string in hexadecimal, and
    // as much of it as a line can show.
    command.args(["-f", "-q", "-y", "-xx", "-s", "64", "-e", "signal=none", "-e"]);
    command.arg(format!("trace={calls}"));
    // With a file to write to, each line begins with the number of its thread.
    command.args(["-o", "/dev/stderr", "--", "sh", "-c", SCRIPT, "sh"]).args(program);
    command.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    let child = process::start(&mut command)?;
    let stderr = child.take_stderr().context("no pipe from standard error")?;
    child.capture_output(process::CAP);
    Ok(Strace { child, stderr, read: Vec::new(), seen: 0 })
}

impl Strace {
    /// Waits so long for what strace writes next. It is read here and by no other thread, so that
    /// what strace has written by now is what is known, once nothing more comes within no time.
    pub fn next(&mut self, limit: Duration) -> Result<Next> {
        loop {
            if let Some(end) = self.read.iter().position(|&byte| byte == b'\n') {
                let line = String::from_utf8_lossy(&self.read[..end]).into_owned();
                self.read.drain(..=end);
                self.seen = 0;
                return Ok(Next::Line(line));
            }
            if self.seen < self.read.len() {
                self.seen = self.read.len();
                return Ok(Next::Begun(String::from_utf8_lossy(&self.read).into_owned()));
            }
            if !is_readable(&self.stderr, limit)? {
                return Ok(Next::Late);
            }
            let mut chunk = [0; 16 << 10];
            match retry_interrupted(|| self.stderr.read(&mut chunk))? {
                0 => return Ok(Next::End),
                length => self.read.extend_from_slice(&chunk[..length]),
            }
        }
    }

    /// Ends it all, also those of its threads and processes that left its group, and gives what the
    /// program printed.
    pub fn stop(self, threads: impl Iterator<Item = u32>) -> Vec<u8> {
        #[cfg(unix)]
        for thread in threads.filter_map(|thread| i32::try_from(thread).ok()) {
            use nix::sys::signal::{Signal, kill};

            // It fails when it has ended meanwhile, which is what we want.
            _ = kill(nix::unistd::Pid::from_raw(thread), Signal::SIGKILL);
        }
        #[cfg(not(unix))]
        drop(threads);
        self.child.finish(Duration::ZERO).stdout
    }
}

/// Whether there is something to read, or the end, within so long.
#[cfg(unix)]
fn is_readable(stderr: &ChildStderr, limit: Duration) -> Result<bool> {
    use std::os::fd::AsFd as _;

    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let limit = PollTimeout::try_from(limit)?;
    match poll(&mut [PollFd::new(stderr.as_fd(), PollFlags::POLLIN)], limit) {
        // Nothing says how much time is left: who waits for longer waits again.
        Err(Errno::EINTR) => Ok(false),
        ready => Ok(ready? > 0),
    }
}

/// There is no strace.
#[cfg(not(unix))]
fn is_readable(_: &ChildStderr, _: Duration) -> Result<bool> {
    Ok(true)
}
