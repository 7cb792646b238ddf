//! Watch mode of the homework. `cargo run -p homework` builds and starts it.

use std::process::ExitCode;

use homework::arguments::Arguments;

fn main() -> ExitCode {
    homework::localized_command_line::run(|arguments: Arguments| watch::run(arguments.language()))
}
