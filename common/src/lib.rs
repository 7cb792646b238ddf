//! What the small programs of the day share besides their subject, so that a lesson file shows
//! little more than its socket calls: the start and the end of a program, the lines that show its
//! steps, received bytes made safe to show, and the words for people.
//!
//! Nothing here knows of look-ups (`net-utils`) or of any one program.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use clap::Parser;
//! use common::Steps;
//!
//! /// Says hello.
//! #[derive(Parser)]
//! struct Arguments {
//!     /// Print no steps
//!     #[arg(long)]
//!     quiet: bool,
//! }
//!
//! fn main() -> ExitCode {
//!     common::run(|arguments: Arguments| {
//!         Steps::on_stdout(arguments.quiet).step(1, "hello", "that is all");
//!         Ok(ExitCode::SUCCESS)
//!     })
//! }
//! ```

mod ctrl_c;
mod output;
mod program;
mod seconds;
mod signals;
mod steps;
mod terminal;
mod text;
mod words;

pub use ctrl_c::end_on_ctrl_c;
pub use output::{NobodyReads, print};
pub use program::{print_error, run};
pub use seconds::seconds;
pub use signals::{TIME_IS_UP, uninterrupted};
pub use steps::Steps;
pub use terminal::TerminalText;
pub use text::{escaped, one_line, quoted, quoted_within};
pub use words::{bytes, counted, family};
