//! A program in a pseudo terminal, and what is on its screen.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty;
use rustix::termios::{self, Termios, Winsize};

/// How long something may take that needs no compiler.
pub const SOON: Duration = Duration::from_secs(20);

/// A program in a terminal. It is killed when this is dropped, with all that it started.
pub struct Screen {
    child: Child,
    terminal: File,
    before: Termios,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    shown: Mutex<Shown>,
    changed: Condvar,
}

struct Shown {
    parser: vt100::Parser,
    /// Whether the terminal was closed.
    ended: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Shown { parser: vt100::Parser::new(24, 80, 0), ended: false }
    }
}

impl Screen {
    /// Starts a command in a terminal of so many columns and rows, as its leader.
    pub fn start(command: &Command, columns: u16, rows: u16) -> Self {
        let ours = pty::posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
        pty::grantpt(&ours).unwrap();
        pty::unlockpt(&ours).unwrap();
        let theirs = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlag::O_NOCTTY.bits())
            .open(pty::ptsname_r(&ours).unwrap())
            .unwrap();
        let terminal = File::from(OwnedFd::from(ours));
        let before = termios::tcgetattr(&terminal).unwrap();
        // The terminal is its own only if it leads a session: so it hears of a new size.
        let mut leader = Command::new("setsid");
        leader.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => leader.env(name, value),
                None => leader.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            leader.current_dir(folder);
        }
        leader.env("TERM", "xterm-256color");
        leader
            .stdin(theirs.try_clone().unwrap())
            .stdout(theirs.try_clone().unwrap())
            .stderr(theirs);
        set_size(&terminal, columns, rows);
        let child = leader.spawn().expect("setsid, of util-linux");
        drop(leader);
        let state: Arc<State> = Arc::default();
        state.lock().parser.screen_mut().set_size(rows, columns);
        let (mut screen, reader) = (terminal.try_clone().unwrap(), Arc::clone(&state));
        thread::spawn(move || {
            let mut buffer = [0; 16 << 10];
            // A terminal whose other end is closed gives an error instead of an end.
            while let Ok(length @ 1..) = screen.read(&mut buffer) {
                reader.lock().parser.process(&buffer[..length]);
                reader.changed.notify_all();
            }
            reader.lock().ended = true;
            reader.changed.notify_all();
        });
        Screen { child, terminal, before, state }
    }

    /// Types this.
    pub fn press(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        // A new screen, which the program has to fill: half a wide character at the edge of an old
        // one that becomes narrower is too much for the parser.
        let mut shown = self.state.lock();
        let is_other = shown.parser.screen().alternate_screen();
        shown.parser = vt100::Parser::new(rows, columns, 0);
        if is_other {
            shown.parser.process(b"\x1b[?1049h");
        }
        drop(shown);
        set_size(&self.terminal, columns, rows);
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal).unwrap();
    }

    /// Waits until all of this is on the screen. Where lines are broken does not matter.
    #[track_caller]
    pub fn wait_for(&self, messages: &[&str], time: Duration) {
        let wanted: Vec<String> = messages.iter().map(|text| without_spaces(text)).collect();
        self.wait_until(&format!("{messages:?}"), time, |screen| {
            let shown = without_spaces(&screen.contents());
            wanted.iter().all(|text| shown.contains(text))
        });
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn wait_until(&self, what: &str, time: Duration, wished: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + time;
        let mut shown = self.state.lock();
        while !wished(shown.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !shown.ended,
                "{what} did not come; on the screen:\n{}",
                shown.parser.screen().contents()
            );
            (shown, _) = self
                .state
                .changed
                .wait_timeout(shown, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What is on the screen now.
    pub fn contents(&self) -> String {
        self.state.lock().parser.screen().contents()
    }

    /// Asks something of the screen as it is now.
    pub fn ask<T>(&self, question: impl FnOnce(&vt100::Screen) -> T) -> T {
        question(self.state.lock().parser.screen())
    }

    /// Waits for the end of the program, after which the terminal must be as it was.
    #[track_caller]
    pub fn wait_for_end(mut self) -> ExitStatus {
        let deadline = Instant::now() + SOON;
        let mut shown = self.state.lock();
        while !shown.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it goes on:\n{}", shown.parser.screen().contents());
            (shown, _) = self
                .state
                .changed
                .wait_timeout(shown, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        assert!(!shown.parser.screen().alternate_screen(), "the other screen is still there");
        assert!(!shown.parser.screen().hide_cursor(), "the cursor is still hidden");
        drop(shown);
        self.check_modes();
        self.child.wait().unwrap()
    }

    /// Fails unless the terminal reads lines, as before.
    #[track_caller]
    pub fn check_modes(&self) {
        let now = termios::tcgetattr(&self.terminal).unwrap();
        assert_eq!(
            (now.local_modes, now.input_modes, now.output_modes),
            (self.before.local_modes, self.before.input_modes, self.before.output_modes)
        );
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set_size(terminal: &File, columns: u16, rows: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    termios::tcsetwinsize(terminal, size).unwrap();
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}
