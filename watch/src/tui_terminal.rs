//! The terminal in raw mode, on its alternate screen. It's restored on exit, whatever happens.

use std::io::{self, Write as _};
use std::panic;

use anyhow::Result;
use common::one_line;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{execute, queue};
use homework::messages::{Explain as _, message};
use tests::ChildProcess;

use crate::styled_text::Line;

#[derive(Debug)]
pub struct Terminal(());

impl Terminal {
    /// Switches to raw mode and the alternate screen. A panic or a signal restores the terminal, too.
    pub fn open() -> Result<Self> {
        panic::set_hook(Box::new(|panic| {
            restore();
            ChildProcess::kill_all();
            let panic = one_line(&panic.to_string());
            let next = "start it again: cargo run -p homework";
            _ = writeln!(io::stderr(), "error: watch mode has a bug ({panic}); {next}");
            std::process::exit(1);
        }));
        ctrlc::set_handler(|| {
            ChildProcess::kill_all();
            restore();
            std::process::exit(homework::process::INTERRUPTED.into());
        })
        .explain(message!("no-ctrl-c"))?;
        let terminal = Terminal(());
        terminal.set_up()?;
        Ok(terminal)
    }

    fn set_up(&self) -> Result<()> {
        terminal::enable_raw_mode().explain(message!("no-single-keys"))?;
        self.enter_screen()
    }

    /// Returns columns and rows, 80 and 24 if they are unknown.
    pub fn size(&self) -> (usize, usize) {
        match terminal::size() {
            Ok((columns, rows)) if columns > 0 && rows > 0 => (columns.into(), rows.into()),
            _ => (80, 24),
        }
    }

    /// Draws these lines from the top, and shows the cursor if it has a position.
    pub fn draw(&self, lines: &[Line], cursor: Option<(usize, usize)>) -> Result<()> {
        let position = |column: usize, row: usize| {
            MoveTo(column.try_into().unwrap_or(u16::MAX), row.try_into().unwrap_or(u16::MAX))
        };
        let mut out = io::BufWriter::new(io::stdout().lock());
        queue!(out, Hide)?;
        for (row, line) in lines.iter().enumerate() {
            queue!(out, position(0, row))?;
            write!(out, "{line}")?;
            queue!(out, Clear(ClearType::UntilNewLine))?;
        }
        if let Some((column, row)) = cursor {
            queue!(out, position(column, row), Show)?;
        }
        out.flush()?;
        Ok(())
    }

    /// Suspends this program, as Ctrl-Z does, until the shell resumes it.
    pub fn suspend(&self) -> Result<()> {
        #[cfg(unix)]
        {
            restore();
            nix::sys::signal::raise(nix::sys::signal::Signal::SIGTSTP)?;
            self.set_up()?;
        }
        Ok(())
    }

    /// Switches to the ordinary screen. Raw mode stays on.
    pub fn leave_screen(&self) -> Result<()> {
        Ok(execute!(io::stdout(), LeaveAlternateScreen, Show)?)
    }

    pub fn enter_screen(&self) -> Result<()> {
        Ok(execute!(io::stdout(), EnterAlternateScreen, Hide)?)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal. Errors are ignored: it may be closed.
fn restore() {
    _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
    _ = terminal::disable_raw_mode();
}
