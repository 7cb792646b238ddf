//! The terminal: taken over for an watch, and given back as it was, whatever happens.

use std::io::{self, Write as _};
use std::panic;

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use common::one_line;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{execute, queue};
use homework::process;

use crate::styled_text::{Line, Span};

/// Whether the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal, as long as it is ours.
#[derive(Debug)]
pub struct Terminal(());

impl Terminal {
    /// Takes the terminal over: keys come one by one, and the screen is another one. A panic, and a
    /// signal that ends the program, give it back.
    ///
    /// # Errors
    ///
    /// The terminal, or the system, does not let us.
    pub fn take() -> Result<Self> {
        panic::set_hook(Box::new(|what| {
            give_back();
            process::stop_for_good();
            let what = one_line(&what.to_string());
            let next = "start it again: cargo run -p homework";
            _ = writeln!(io::stderr(), "error: the program broke ({what}); {next}");
            std::process::exit(1);
        }));
        ctrlc::set_handler(|| {
            process::stop_for_good();
            give_back();
            std::process::exit(process::INTERRUPTED.into());
        })
        .context("cannot listen for Ctrl-C")?;
        let terminal = Terminal(());
        terminal.take_again()?;
        Ok(terminal)
    }

    /// Takes it again after [`give_back`].
    ///
    /// # Errors
    ///
    /// The terminal has gone away.
    pub fn take_again(&self) -> Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode().context("cannot read single keys from this terminal")?;
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(())
    }

    /// Columns and rows. A terminal that does not say has the usual ones.
    pub fn size(&self) -> (usize, usize) {
        match terminal::size() {
            Ok((columns, rows)) if columns > 0 && rows > 0 => (columns.into(), rows.into()),
            _ => (80, 24),
        }
    }

    /// Shows these lines, from the top, and nothing else; and the cursor, where there is one.
    ///
    /// # Errors
    ///
    /// The terminal has gone away.
    pub fn show(&self, lines: &[Line], cursor: Option<(usize, usize)>) -> Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        queue!(out, Hide)?;
        for (row, line) in lines.iter().enumerate() {
            queue!(out, MoveTo(0, place(row)))?;
            write!(out, "{}", painted(line))?;
            queue!(out, Clear(ClearType::UntilNewLine))?;
        }
        let (_, rows) = self.size();
        if lines.len() < rows {
            queue!(out, MoveTo(0, place(lines.len())), Clear(ClearType::FromCursorDown))?;
        }
        if let Some((column, row)) = cursor {
            queue!(out, MoveTo(place(column), place(row)), Show)?;
        }
        out.flush()?;
        Ok(())
    }

    /// Stops this program, as Ctrl-Z does, with the terminal as it was; goes on when the shell says
    /// so.
    ///
    /// # Errors
    ///
    /// The terminal has gone away.
    pub fn stop_for_a_while(&self) -> Result<()> {
        #[cfg(unix)]
        {
            give_back();
            nix::sys::signal::raise(nix::sys::signal::Signal::SIGTSTP)?;
            self.take_again()?;
        }
        Ok(())
    }

    /// Goes back to the ordinary screen for a talk, where keys still come one by one.
    ///
    /// # Errors
    ///
    /// The terminal has gone away.
    pub fn leave_screen(&self) -> Result<()> {
        execute!(io::stdout(), LeaveAlternateScreen, Show)?;
        Ok(())
    }

    /// Comes back from there.
    ///
    /// # Errors
    ///
    /// The terminal has gone away.
    pub fn return_to_screen(&self) -> Result<()> {
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back as it was. Once is enough.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Where the terminal has gone away there is nothing to give back.
        _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        _ = terminal::disable_raw_mode();
    }
}

/// A column or a row. No terminal has more of them.
fn place(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A line with its colours.
pub fn painted(line: &Line) -> String {
    let mut text = String::new();
    for Span { style, text: own } in &line.0 {
        match style.is_empty() {
            true => text += own,
            false => text += &format!("\x1b[{style}m{own}\x1b[0m"),
        }
    }
    text
}
