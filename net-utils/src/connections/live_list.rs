//! The list that `--watch` prints. On a terminal a new list replaces the old one; in a file or a pipe
//! it is appended.

use std::env;
use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use common::{end_on_ctrl_c, print};

/// The time between two lists. Linux reads its sockets from memory; elsewhere each list starts
/// `netstat`.
const INTERVAL: Duration =
    Duration::from_millis(if cfg!(target_os = "linux") { 200 } else { 1000 });

/// xterm's control sequences (`CSI ? 1049 h` and `l`): the alternate screen, and back.
const ALTERNATE_SCREEN: &str = "\x1b[?1049h";
const NORMAL_SCREEN: &str = "\x1b[?1049l";
/// ECMA-48, CUP and ED: moves the cursor to the top left corner, and erases what is below it.
const CLEAR: &str = "\x1b[H\x1b[J";

pub struct LiveList {
    /// Whether a new list replaces the old one.
    pub redraws: bool,
    shown: String,
    /// Locked while drawing, and never unlocked once the program is ending.
    drawing: Arc<Mutex<()>>,
}

impl LiveList {
    /// Opens the list on standard output. From now on Ctrl-C restores the terminal and ends the
    /// program with exit status 0.
    pub fn open() -> Result<Self> {
        // The older Windows console prints control sequences instead of acting on them.
        let dumb = cfg!(windows) || env::var_os("TERM").is_none_or(|term| term == "dumb");
        let redraws = io::stdout().is_terminal() && !dumb;
        let list = Self { redraws, shown: String::new(), drawing: Arc::default() };
        let drawing = Arc::clone(&list.drawing);
        end_on_ctrl_c(move || {
            std::mem::forget(drawing.lock().unwrap_or_else(PoisonError::into_inner));
            if redraws {
                // A failure doesn't matter: the program ends in any case.
                _ = print(NORMAL_SCREEN.as_bytes());
            }
        })?;
        if redraws {
            print(ALTERNATE_SCREEN.as_bytes())?;
        }
        Ok(list)
    }

    /// Shows a list, unless it is the one shown already.
    pub fn show(&mut self, list: &str) -> Result<()> {
        if self.shown == list {
            return Ok(());
        }
        let text = match self.redraws {
            true => format!("{CLEAR}{list}\nCtrl-C ends\n"),
            false if self.shown.is_empty() => list.to_owned(),
            false => format!("\n{list}"),
        };
        let _drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        print(text.as_bytes())?;
        list.clone_into(&mut self.shown);
        Ok(())
    }
}

impl Drop for LiveList {
    /// Restores the terminal, so that an error message stays visible.
    fn drop(&mut self) {
        if self.redraws {
            _ = print(NORMAL_SCREEN.as_bytes());
        }
    }
}

/// Waits until it is time for the next list. Fails at once if standard output is a pipe that its reader
/// has closed: `| head -1` may have ended long before the next change (poll(2) always reports POLLERR).
#[cfg(unix)]
pub fn pause() -> Result<()> {
    use std::os::fd::AsFd as _;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let output = io::stdout();
    let timeout = PollTimeout::try_from(INTERVAL).unwrap_or(PollTimeout::ZERO);
    let mut watched = [PollFd::new(output.as_fd(), PollFlags::empty())];
    // A closed terminal sends a signal instead, and macOS can't poll one.
    if output.is_terminal() || poll(&mut watched, timeout).is_err() {
        thread::sleep(INTERVAL);
    }
    let closed = PollFlags::POLLERR | PollFlags::POLLHUP;
    match watched[0].revents() {
        Some(events) if events.intersects(closed) => Err(common::BrokenPipe.into()),
        _ => Ok(()),
    }
}

/// Waits. Windows only reports a closed pipe when something is written to it.
#[cfg(not(unix))]
pub fn pause() -> Result<()> {
    thread::sleep(INTERVAL);
    Ok(())
}
