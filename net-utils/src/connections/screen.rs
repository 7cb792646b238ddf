//! Where `--watch` shows the sockets: a terminal, on which the new list takes the place of the
//! old one, or anything else, to which it is added.

use std::env;
use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use common::{NobodyReads, end_on_ctrl_c, print};

/// How long to wait before the system is asked again: no system tells by itself. Linux answers
/// from memory; elsewhere a program has to start for it.
const PAUSE: Duration = Duration::from_millis(if cfg!(target_os = "linux") { 200 } else { 1000 });

/// A second screen of the terminal, and back to the first one as it was (xterm's control sequences
/// `CSI ? 1049 h` and `l`).
const SECOND_SCREEN: &str = "\x1b[?1049h";
const FIRST_SCREEN: &str = "\x1b[?1049l";
/// To the upper left corner, and all behind it empty (ECMA-48: CUP and ED).
const CLEAR: &str = "\x1b[H\x1b[J";

/// What stands below the list on a terminal.
const HOW_TO_END: &str = "\nCtrl-C ends\n";

/// What the list is shown on, for as long as the program runs.
pub struct Screen {
    redraws: bool,
    shown: String,
    /// Held by who draws, and for ever by who ends.
    drawing: Arc<Mutex<()>>,
}

impl Screen {
    /// Gets ready to draw. From now on Ctrl-C ends the program with exit status 0, and leaves the
    /// terminal as it was.
    ///
    /// # Errors
    ///
    /// The system does not let the program know of Ctrl-C, or nobody reads its output.
    pub fn open() -> Result<Self> {
        // The older console of Windows shows control sequences as they are.
        let dumb = cfg!(windows) || env::var_os("TERM").is_none_or(|term| term == "dumb");
        let screen = Self {
            redraws: io::stdout().is_terminal() && !dumb,
            shown: String::new(),
            drawing: Arc::default(),
        };
        let (redraws, drawing) = (screen.redraws, Arc::clone(&screen.drawing));
        end_on_ctrl_c(move || {
            // Nothing is drawn after this.
            std::mem::forget(drawing.lock().unwrap_or_else(PoisonError::into_inner));
            if redraws {
                // The program ends in any case.
                _ = print(FIRST_SCREEN.as_bytes());
            }
        })?;
        if redraws {
            print(SECOND_SCREEN.as_bytes())?;
        }
        Ok(screen)
    }

    /// Whether a new list takes the place of the old one.
    pub fn redraws(&self) -> bool {
        self.redraws
    }

    /// Shows a list, if it is not what is shown already.
    ///
    /// # Errors
    ///
    /// Nobody reads the program's output, or it cannot be written.
    pub fn show(&mut self, list: &str) -> Result<()> {
        if self.shown == list {
            return Ok(());
        }
        let text = match self.redraws {
            true => format!("{CLEAR}{list}{HOW_TO_END}"),
            false if self.shown.is_empty() => list.to_owned(),
            false => format!("\n{list}"),
        };
        let _drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        print(text.as_bytes())?;
        list.clone_into(&mut self.shown);
        Ok(())
    }

    /// Waits until it is time to look again.
    ///
    /// # Errors
    ///
    /// Nobody reads the program's output any more.
    pub fn pause(&self) -> Result<()> {
        if reader_is_there_after(PAUSE) { Ok(()) } else { Err(NobodyReads.into()) }
    }
}

impl Drop for Screen {
    /// For an error, which is to be read on the screen that stays.
    fn drop(&mut self) {
        if self.redraws {
            _ = print(FIRST_SCREEN.as_bytes());
        }
    }
}

/// Waits for so long. Gives false, and at once, when the pipe that is standard output has lost its
/// reader: `| head -1` may be gone long before there is anything more to write (poll(2): POLLERR,
/// which is told whether asked for or not).
#[cfg(unix)]
fn reader_is_there_after(pause: Duration) -> bool {
    use std::os::fd::AsFd as _;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let output = io::stdout();
    let time = PollTimeout::try_from(pause).unwrap_or(PollTimeout::ZERO);
    let mut watched = [PollFd::new(output.as_fd(), PollFlags::empty())];
    // A terminal that is closed sends a signal, and macOS cannot poll one.
    if output.is_terminal() || poll(&mut watched, time).is_err() {
        thread::sleep(pause);
        return true;
    }
    let gone = PollFlags::POLLERR | PollFlags::POLLHUP;
    !watched[0].revents().is_some_and(|events| events.intersects(gone))
}

/// Waits for so long. Windows does not tell whether a pipe has a reader: the next list finds out.
#[cfg(not(unix))]
fn reader_is_there_after(pause: Duration) -> bool {
    thread::sleep(pause);
    true
}
