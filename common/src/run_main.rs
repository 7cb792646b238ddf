//! Runs a program: parses the command line, and turns an error into one line and an exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::escape::one_line;
use crate::stdout::BrokenPipe;

/// Parses the command line and runs `main`. Returns `main`'s exit status, 1 if it failed, or 2 if
/// the command line was wrong. A [`BrokenPipe`] is not a failure.
///
/// Every error is one line on standard error.
pub fn run<Arguments: Parser>(
    main: impl FnOnce(Arguments) -> anyhow::Result<ExitCode>,
) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // To clap, `--help` and `--version` are errors.
        Err(help) if !help.use_stderr() => {
            _ = help.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            // clap's paragraphs, on one line.
            let paragraphs = error.to_string().trim_end().replace("\n\n", "; ");
            print_error_line(&one_line(&paragraphs));
            return ExitCode::from(2);
        }
    };
    run_parsed(arguments, main)
}

/// Runs `main` with a command line that was parsed elsewhere.
pub fn run_parsed<Arguments>(
    arguments: Arguments,
    main: impl FnOnce(Arguments) -> anyhow::Result<ExitCode>,
) -> ExitCode {
    match main(arguments) {
        Ok(status) => status,
        Err(error) if error.is::<BrokenPipe>() => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Prints an error and its causes as one line on standard error.
pub fn print_error(error: &anyhow::Error) {
    print_error_line(&one_line(&format!("error: {error:#}")));
}

/// How many characters to keep at each end of an error line. Only clap's lines are longer: they
/// repeat a wrong argument, whatever its length.
const HALF_LINE: usize = 300;

fn print_error_line(line: &str) {
    let mut line: Vec<char> = line.chars().collect();
    if line.len() > 2 * HALF_LINE {
        line.splice(HALF_LINE..line.len() - HALF_LINE, "...".chars());
    }
    let line: String = line.into_iter().collect();
    _ = writeln!(io::stderr(), "{line}");
}
