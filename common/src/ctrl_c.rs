//! Ends a server on Ctrl-C.

use std::io::{self, IsTerminal, Write};
use std::process;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;

/// How long the last line may take to print before the program ends without it.
const LAST_LINE: Duration = Duration::from_secs(1);

/// Runs `print_totals` on Ctrl-C (on Unix also on SIGTERM and SIGHUP), then ends the program with
/// exit status 0. The operating system closes its sockets.
///
/// SIGHUP ends the program even under `nohup`; use `setsid` instead.
pub fn end_on_ctrl_c(print_totals: impl Fn() + Send + Sync + 'static) -> anyhow::Result<()> {
    let print_totals = Arc::new(print_totals);
    ctrlc::set_handler(move || {
        // A full pipe would block the write, so another thread prints and this one waits with a
        // timeout. If that thread can't be started, `printed` is dropped and the wait ends at once.
        let (printed, end) = mpsc::channel();
        let print_totals = Arc::clone(&print_totals);
        _ = thread::Builder::new().spawn(move || {
            if io::stdout().is_terminal() {
                // Start a new line after the terminal's own ^C.
                _ = io::stdout().write_all(b"\n");
            }
            print_totals();
            printed.send(())
        });
        _ = end.recv_timeout(LAST_LINE);
        process::exit(0);
    })
    .context("can't handle Ctrl-C")
}
