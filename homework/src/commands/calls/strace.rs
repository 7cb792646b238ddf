//! Runs a program under `strace`, and reads what strace prints.

use std::ffi::OsString;
use std::io::Read;
use std::process::{ChildStderr, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use common::retry_interrupted;
use tests::ChildProcess;

use crate::messages::message;
use crate::process;

/// The time limit for `strace -V`.
const LIMIT: Duration = Duration::from_secs(5);

/// The calls to show, and those that tell whether a thread waits or copy a descriptor.
const CALLS: [&str; 6] = [
    "socket bind listen connect accept accept4 shutdown close",
    "recv recvfrom recvmsg recvmmsg read readv splice",
    "send sendto sendmsg sendmmsg write writev sendfile sendfile64",
    "poll ppoll select _newselect pselect6 epoll_wait epoll_pwait epoll_pwait2",
    "dup dup2 dup3 fcntl fcntl64 clone clone3 fork vfork",
    "futex wait4 waitid pause rt_sigsuspend rt_sigtimedwait",
];

/// Redirects the program's standard error, so that only strace writes to standard error.
const SCRIPT: &str = r#"exec "$@" 2>&1"#;

pub struct Strace {
    child: ChildProcess,
    stderr: ChildStderr,
    /// The start of an incomplete line.
    read: Vec<u8>,
    /// The length of it that was returned already.
    seen: usize,
}

/// What strace printed next.
pub enum Next {
    Line(String),
    /// The start of a line, which continues when the call returns.
    Begun(String),
    /// Nothing within the time limit.
    Late,
    /// Nothing more, because the program has exited.
    End,
}

/// Fails if programs can't be traced, with an error that says what is missing.
pub fn check_available() -> Result<()> {
    ensure!(cfg!(target_os = "linux"), message!("calls-no-linux"));
    match process::run(Command::new("strace").arg("-V"), LIMIT) {
        Ok(ended) if ended.succeeded() => Ok(()),
        _ => bail!(message!("calls-no-strace")),
    }
}

pub fn start(program: &[OsString]) -> Result<Strace> {
    // No architecture has all calls. strace ignores an unknown name after `?`.
    let calls = format!("?{}", CALLS.join(" ").replace(' ', ",?"));
    let mut command = Command::new("strace");
    // Follow threads and child processes, name descriptors, and print strings in hexadecimal. A program stops
    // for its system calls to be read, so let the kernel select those that are shown.
    command.args(["-f", "--seccomp-bpf", "-q", "-y", "-xx", "-s", "64", "-e", "signal=none", "-e"]);
    command.arg(format!("trace={calls}"));
    // With an output file, each line starts with the thread ID.
    command.args(["-o", "/dev/stderr", "--", "sh", "-c", SCRIPT, "sh"]).args(program);
    command.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    let child = process::start(&mut command)?;
    let stderr = child.take_stderr().context("no pipe from standard error")?;
    child.capture_output(process::CAP);
    Ok(Strace { child, stderr, read: Vec::new(), seen: 0 })
}

impl Strace {
    /// Waits for what strace prints next. There's no reader thread, so that a limit of zero tells whether
    /// everything that strace has printed has been handled.
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

    /// Stops the program, including processes that left its group, and returns its output.
    pub fn stop(self, threads: impl Iterator<Item = u32>) -> Vec<u8> {
        #[cfg(unix)]
        for thread in threads.filter_map(|thread| i32::try_from(thread).ok()) {
            use nix::sys::signal::{Signal, kill};

            // This fails if the thread has exited already.
            _ = kill(nix::unistd::Pid::from_raw(thread), Signal::SIGKILL);
        }
        #[cfg(not(unix))]
        drop(threads);
        self.child.finish(Duration::ZERO).stdout
    }
}

/// Waits until there is something to read, or end of file. Returns whether there was.
#[cfg(unix)]
fn is_readable(stderr: &ChildStderr, limit: Duration) -> Result<bool> {
    use std::os::fd::AsFd as _;

    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let limit = PollTimeout::try_from(limit)?;
    match poll(&mut [PollFd::new(stderr.as_fd(), PollFlags::POLLIN)], limit) {
        // The caller retries, because the remaining time is unknown.
        Err(Errno::EINTR) => Ok(false),
        ready => Ok(ready? > 0),
    }
}

/// Never called, because there is no strace.
#[cfg(not(unix))]
fn is_readable(_: &ChildStderr, _: Duration) -> Result<bool> {
    Ok(true)
}
