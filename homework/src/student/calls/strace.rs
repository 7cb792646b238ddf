//! The program under `strace`: how it is started, and what strace says while it runs.

use std::ffi::OsString;
use std::io::Read;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::bounded::{self, Watched};
use crate::texts::Texts;

/// How long strace may take to say its version.
const LIMIT: Duration = Duration::from_secs(5);

/// How many lines may wait to be read. When there are more, strace waits, and the program with it.
const WAITING: usize = 1024;

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
    watched: Watched,
    pieces: Receiver<Piece>,
}

/// What strace wrote.
pub enum Piece {
    /// A line.
    Line(String),
    /// The beginning of a line, which goes on when the system has answered.
    Begun(String),
}

/// What comes next.
pub enum Next {
    /// This.
    Piece(Piece),
    /// Nothing, for so long.
    Late,
    /// Nothing more: the program has ended.
    End,
}

/// Fails where the calls of a program cannot be shown, in one line that says what is missing.
pub fn is_there(texts: &Texts) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("{}", texts.get("calls no linux"));
    }
    match bounded::run(Command::new("strace").arg("-V"), LIMIT) {
        Ok(ended) if ended.succeeded() => Ok(()),
        _ => bail!("{}", texts.get("calls no strace")),
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
    let (watched, stderr) = bounded::watch(&mut command)?;
    let (sender, pieces) = mpsc::sync_channel(WAITING);
    // It ends with strace, or when nobody listens any more.
    thread::spawn(move || read(stderr, &sender));
    Ok(Strace { watched, pieces })
}

impl Strace {
    /// Waits so long for what strace writes next.
    pub fn next(&self, limit: Duration) -> Next {
        match self.pieces.recv_timeout(limit) {
            Ok(piece) => Next::Piece(piece),
            Err(RecvTimeoutError::Timeout) => Next::Late,
            Err(RecvTimeoutError::Disconnected) => Next::End,
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
        self.watched.stop()
    }
}

fn read(mut stderr: impl Read, sender: &SyncSender<Piece>) {
    let mut chunk = [0; 16 << 10];
    let mut line = Vec::new();
    while let Ok(length @ 1..) = stderr.read(&mut chunk) {
        line.extend_from_slice(&chunk[..length]);
        let mut done = 0;
        while let Some(end) = line[done..].iter().position(|&byte| byte == b'\n') {
            let text = String::from_utf8_lossy(&line[done..done + end]).into_owned();
            done += end + 1;
            if sender.send(Piece::Line(text)).is_err() {
                return;
            }
        }
        line.drain(..done);
        let begun = String::from_utf8_lossy(&line).into_owned();
        if !begun.is_empty() && sender.send(Piece::Begun(begun)).is_err() {
            return;
        }
    }
}
