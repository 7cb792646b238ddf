//! Watch mode of the homework. `homework` without a command builds and starts it:
//!
//! ```text
//! cargo run -p homework
//! ```

use std::process::ExitCode;

use homework::arguments::Arguments;

fn main() -> ExitCode {
    homework::localized_command_line::run(|arguments: Arguments| watch::run(arguments.language()))
}
