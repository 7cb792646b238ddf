//! Ctrl-C, which ends a server that would serve for ever.

use std::io::{self, IsTerminal, Write};
use std::process;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;

/// How long a program that ends waits for somebody to read its last line.
const LAST_LINE: Duration = Duration::from_secs(1);

/// On Ctrl-C, and on Unix on SIGTERM and SIGHUP too: runs `print_totals`, then ends the program
/// with exit status 0. The system closes the sockets of a program that ends. A program that was
/// started with `nohup` ends on SIGHUP all the same; start it with `setsid` instead.
///
/// # Errors
///
/// The system does not let the program know of the signals.
pub fn end_on_ctrl_c(print_totals: impl Fn() + Send + Sync + 'static) -> anyhow::Result<()> {
    let print_totals = Arc::new(print_totals);
    ctrlc::set_handler(move || {
        // When nobody reads our output, a full pipe blocks whoever writes to it. So the last
        // line is printed by a thread of its own, and the program ends all the same.
        let (printed, end) = mpsc::channel();
        let print_totals = Arc::clone(&print_totals);
        // Where the system has no thread left, `printed` is dropped and the line is not printed.
        _ = thread::Builder::new().spawn(move || {
            if io::stdout().is_terminal() {
                // The terminal shows ^C where the cursor stands.
                _ = io::stdout().write_all(b"\n");
            }
            print_totals();
            printed.send(())
        });
        _ = end.recv_timeout(LAST_LINE);
        process::exit(0);
    })
    .context("cannot listen for Ctrl-C")
}
