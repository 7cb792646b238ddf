//! The start and the end of every program of the day: it reads the command line, and turns an
//! error into one line and an exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::output::NobodyReads;
use crate::text::one_line;

/// Reads the command line, runs `main` with it and gives the exit status of the program: what
/// `main` answered, 1 when it failed, 2 for a wrong command line. When nobody reads its output
/// any more, that is no failure.
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
    match main(arguments) {
        Ok(status) => status,
        Err(error) if error.is::<NobodyReads>() => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
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
