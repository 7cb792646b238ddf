//! Wrong: it receives nothing before it has sent everything. A server that answers meanwhile
//! fills every buffer, and then both ends wait for each other.

use std::process::ExitCode;

use net_utils::program;

use crate::support::{self, ClientArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ClientArguments| {
        let socket = support::connect(&arguments)?;
        // The mistake: one after the other.
        support::send_all_input(&arguments, &socket)?;
        support::receive_all(&arguments, &socket)?;
        arguments.steps().step(4, "close", "");
        Ok(ExitCode::SUCCESS)
    })
}
