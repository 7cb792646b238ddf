//! A panic restores the terminal.

use std::env;
use std::io;
use std::process::Command;
use std::thread;

use watch::styled_text::Line;
use watch::tui_terminal::Terminal;

use crate::terminal_emulator::{SOON, Screen};

/// Tells the child process to panic.
const PANIC: &str = "WATCH_TEST_PANIC";

#[test]
fn a_panic_restores_the_terminal() {
    if env::var_os(PANIC).is_some() {
        let terminal = Terminal::open().unwrap();
        terminal.draw(&[Line::new("", "no panic yet")], None).unwrap();
        io::stdin().read_line(&mut String::new()).unwrap_or_default();
        // A panic in another thread has to restore the terminal, too.
        _ = thread::spawn(|| panic!("on\npurpose")).join();
        return;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "panic::a_panic_restores_the_terminal", "--nocapture"]);
    let mut screen = Screen::start(command.env(PANIC, "1"), 80, 24);
    screen.wait_for(&["no panic yet"], SOON);
    screen.press("\n");
    screen.wait_for(&["error: watch mode has a bug", "on purpose", "start it again"], SOON);
    assert_eq!(screen.wait_for_end().code(), Some(1));
}
