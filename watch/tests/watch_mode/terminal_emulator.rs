//! Runs a program in a pseudo terminal, and reads its screen.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::termios::{self, Termios, Winsize};
use tests::pseudo_terminal;

/// Deadline for everything that doesn't compile.
pub const SOON: Duration = Duration::from_secs(20);

/// A program in a terminal. It's killed when this is dropped.
pub struct Screen {
    child: Child,
    keyboard: File,
    modes_before: Termios,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    contents: Mutex<Contents>,
    changed: Condvar,
}

#[derive(Default)]
struct Contents {
    parser: vt100::Parser,
    /// Whether the program has closed the terminal.
    is_closed: bool,
}

impl Screen {
    pub fn start(command: &Command, columns: u16, rows: u16) -> Self {
        // Only the leader of a session has a controlling terminal, which sends SIGWINCH.
        let mut leader = Command::new("setsid");
        leader.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => leader.env(name, value),
                None => leader.env_remove(name),
            };
        }
        leader.env("TERM", "xterm-256color");
        leader.current_dir(command.get_current_dir().unwrap_or(".".as_ref()));
        let [keyboard, mut screen] = pseudo_terminal::attach(&mut leader).unwrap();
        let modes_before = termios::tcgetattr(&keyboard).unwrap();
        set_size(&keyboard, columns, rows);
        let child = leader.spawn().expect("setsid, of util-linux");
        // `leader` still holds the terminal open.
        drop(leader);

        let state: Arc<State> = Arc::default();
        state.lock().parser = vt100::Parser::new(rows, columns, 0);
        let reader = Arc::clone(&state);
        thread::spawn(move || {
            let mut buffer = [0; 16 << 10];
            // Reading fails when the program has closed the terminal.
            while let Ok(length @ 1..) = screen.read(&mut buffer) {
                reader.lock().parser.process(&buffer[..length]);
                reader.changed.notify_all();
            }
            reader.lock().is_closed = true;
            reader.changed.notify_all();
        });
        Screen { child, keyboard, modes_before, state }
    }

    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        // The parser panics if a wide character is cut in two, so it gets an empty screen.
        let mut contents = self.state.lock();
        let is_alternate = contents.parser.screen().alternate_screen();
        contents.parser = vt100::Parser::new(rows, columns, 0);
        if is_alternate {
            contents.parser.process(b"\x1b[?1049h");
        }
        drop(contents);
        set_size(&self.keyboard, columns, rows);
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits until all these texts are on the screen, wrapped or not.
    #[track_caller]
    pub fn wait_for(&self, texts: &[&str], time: Duration) {
        let texts: Vec<String> = texts.iter().map(|text| without_spaces(text)).collect();
        self.wait_until(&format!("{texts:?}"), time, |screen| {
            let shown = without_spaces(&screen.contents());
            texts.iter().all(|text| shown.contains(text))
        });
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, time: Duration, holds: impl Fn(&vt100::Screen) -> bool) {
        let is_over = |contents: &Contents| contents.is_closed || holds(contents.parser.screen());
        let contents = self.wait(time, is_over);
        let screen = contents.parser.screen();
        assert!(holds(screen), "not on the screen: {what}; it shows:\n{}", screen.contents());
    }

    fn wait(&self, time: Duration, holds: impl Fn(&Contents) -> bool) -> MutexGuard<'_, Contents> {
        let state = &self.state;
        let wait = state.changed.wait_timeout_while(state.lock(), time, |shown| !holds(shown));
        wait.unwrap_or_else(PoisonError::into_inner).0
    }

    pub fn contents(&self) -> String {
        self.inspect(vt100::Screen::contents)
    }

    pub fn inspect<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.state.lock().parser.screen())
    }

    /// Waits until the program exits, and checks that it has restored the terminal.
    #[track_caller]
    pub fn wait_for_end(mut self) -> ExitStatus {
        let contents = self.wait(SOON, |contents| contents.is_closed);
        let screen = contents.parser.screen();
        assert!(contents.is_closed, "the program doesn't exit; it shows:\n{}", screen.contents());
        assert!(!screen.alternate_screen(), "the terminal is still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        drop(contents);
        self.check_modes();
        self.child.wait().unwrap()
    }

    /// Checks that the terminal isn't in raw mode.
    #[track_caller]
    pub fn check_modes(&self) {
        let modes = |modes: &Termios| (modes.local_modes, modes.input_modes, modes.output_modes);
        let now = termios::tcgetattr(&self.keyboard).unwrap();
        assert_eq!(modes(&now), modes(&self.modes_before));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set_size(terminal: &File, columns: u16, rows: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    termios::tcsetwinsize(terminal, size).unwrap();
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}
