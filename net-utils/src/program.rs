//! What every program of the day does at its start and its end: read the command line, print
//! the steps of the lesson as they happen, and turn an error into one line and an exit status.
//!
//! Nothing here panics when the reader of the program's output has gone away, as it does in
//! `day01-tcp-server | head -1`; `println!` would.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::{self, ExitCode};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;

use crate::text::one_line;

/// Reads the command line, runs `main` with it and gives the exit status of the program: what
/// `main` answered, 1 when it failed, 2 for a wrong command line.
///
/// Every error is one line on standard error.
pub fn run<Arguments: Parser>(
    main: impl FnOnce(Arguments) -> anyhow::Result<ExitCode>,
) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // `--help` and `--version` are errors to the parser, but not to us.
        Err(help) if !help.use_stderr() => {
            // A failure to print means that nobody reads: there is nobody to tell.
            _ = help.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            // The parser's paragraphs, on one line.
            let paragraphs = error.to_string().trim_end().replace("\n\n", "; ");
            print_error_line(&one_line(&paragraphs));
            return ExitCode::from(2);
        }
    };
    main(arguments).unwrap_or_else(|error| {
        print_error(&error);
        ExitCode::FAILURE
    })
}

/// Prints an error, with its causes, as one line on standard error.
pub fn print_error(error: &anyhow::Error) {
    print_error_line(&one_line(&format!("error: {error:#}")));
}

/// How many characters of a long error are shown at its start, and how many at its end. Errors
/// of ours are shorter; but the parser repeats a wrong argument whole, however long it is.
const HALF_LINE: usize = 300;

fn print_error_line(line: &str) {
    let mut line: Vec<char> = line.chars().collect();
    if line.len() > 2 * HALF_LINE {
        line.splice(HALF_LINE..line.len() - HALF_LINE, "...".chars());
    }
    let line: String = line.into_iter().collect();
    // Standard error is the last place to complain in: a failure here stays silent.
    _ = writeln!(io::stderr(), "{line}");
}

/// Writes a part of a program's result to standard output. Gives false when nobody reads it
/// any more, which is no error: the reader had enough.
///
/// # Errors
///
/// Standard output cannot be written for another reason: a full disk, for example.
pub fn print(result: &[u8]) -> anyhow::Result<bool> {
    let mut output = io::stdout().lock();
    match output.write_all(result).and_then(|()| output.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

/// Prints the steps of a lesson program as they happen.
///
/// A step that cannot be printed is dropped: a server goes on when nobody reads its output.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    /// Print to standard error: for a client, whose standard output has what the server sent.
    pub to_stderr: bool,
    /// Print nothing but what [`Steps::always`] is given.
    pub quiet: bool,
}

impl Steps {
    /// Prints one step: its number and name in the notes, and the values that matter.
    pub fn step(&self, number: u8, name: &str, values: impl Display) {
        if !self.quiet {
            self.always(format_args!("{number} {name:<8} {values}"));
        }
    }

    /// Prints a line that explains the step before it.
    pub fn note(&self, text: impl Display) {
        if !self.quiet {
            self.always(format_args!("{:10} {text}", ""));
        }
    }

    /// Prints a line also when the program is quiet, and flushes it.
    pub fn always(&self, line: impl Display) {
        // One write for one line, so that lines of several threads never mix.
        let line = format!("{line}\n");
        if self.to_stderr {
            _ = io::stderr().write_all(line.as_bytes());
        } else {
            let mut output = io::stdout().lock();
            _ = output.write_all(line.as_bytes()).and_then(|()| output.flush());
        }
    }
}

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

/// What recv and send fail with when the time-out of their socket has passed: Windows calls it
/// "timed out", others "would block". On these "timed out" is the end of the connection: the
/// other host has acknowledged nothing for too long (RFC 9293, section 3.8.3).
pub const TIME_IS_UP: io::ErrorKind =
    if cfg!(windows) { io::ErrorKind::TimedOut } else { io::ErrorKind::WouldBlock };

/// The longest time a command line may ask for, in seconds: a day. It keeps a slip of the
/// finger from becoming a program that waits for ever.
const LONGEST: f64 = 86_400.0;

/// The shortest time a command line may ask for, in seconds: a millisecond. The system counts
/// a socket's time-outs in microseconds, and takes 0 as "wait for ever".
const SHORTEST: f64 = 0.001;

/// Reads a number of seconds from a command line, such as `10` or `0.5`.
///
/// # Errors
///
/// The text is not a number, or is outside one millisecond to one day.
///
/// ```
/// use std::time::Duration;
/// use net_utils::program::seconds;
///
/// assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
/// assert!(seconds("0").is_err());
/// assert!(seconds("-1").is_err());
/// ```
pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(number) if (SHORTEST..=LONGEST).contains(&number) => Ok(Duration::from_secs_f64(number)),
        _ => Err(format!("give a number of seconds from {SHORTEST} to {LONGEST}")),
    }
}
