//! Watch mode of the homework. `homework` without a command builds and starts it:
//!
//! ```text
//! cargo run -p homework
//! ```

use std::process::ExitCode;

fn main() -> ExitCode {
    homework::localized_command_line::run(watch::run)
}
