//! Shared by all programs of day 01, so that a lesson file shows little more than its socket calls:
//! running a program, printing its steps, escaping received bytes, handling Ctrl-C.

mod ctrl_c;
mod escape;
mod plural;
mod run_main;
mod seconds_argument;
mod socket_calls;
mod stdout;
mod steps;
mod terminal_text;

pub use ctrl_c::end_on_ctrl_c;
pub use escape::{escaped, one_line, quoted, quoted_within};
pub use plural::{bytes, counted};
pub use run_main::{print_error, run, run_parsed};
pub use seconds_argument::parse_seconds;
pub use socket_calls::{SOCKET_TIMEOUT, recv, retry_interrupted, send_all};
pub use stdout::{BrokenPipe, print};
pub use steps::{Steps, announce, family, print_note, print_step, show_steps, steps_are_shown};
pub use terminal_text::TerminalText;
