//! A mistake of ours gives the terminal back, too.

use std::env;
use std::io;
use std::process::Command;
use std::thread;

use watch::styled_text::Line;
use watch::tui_terminal::Terminal;

use crate::terminal_emulator::{SOON, Screen};

/// Set for the process that breaks.
const BREAKS: &str = "WATCH_TEST_PANICS";

#[test]
fn a_panic_gives_the_terminal_back() {
    if env::var_os(BREAKS).is_some() {
        let terminal = Terminal::take().unwrap();
        terminal.show(&[Line::new("", "all is well")], None).unwrap();
        let mut key = String::new();
        io::stdin().read_line(&mut key).unwrap_or_default();
        // In another thread than the one that holds the terminal.
        _ = thread::spawn(|| panic!("a mistake\nof ours")).join();
        return;
    }
    let mut own = Command::new(env::current_exe().unwrap());
    own.args(["--exact", "panic::a_panic_gives_the_terminal_back", "--nocapture"]).env(BREAKS, "1");
    let mut screen = Screen::start(&own, 80, 24);
    screen.wait_for(&["all is well"], SOON);
    screen.press("\n");
    screen.wait_for(&["error: the program broke", "a mistake of ours", "start it again"], SOON);
    assert_eq!(screen.wait_for_end().code(), Some(1));
}
