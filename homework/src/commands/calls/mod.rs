//! `calls`: shows the socket calls of a program next to its peer. The program, in any language, runs under
//! `strace`, while a scripted peer sends it what the homework asks for. A missing loop shows as a call
//! that is never made.

mod call_event; // what the program and the peer did
mod calls_diagram; // draws it
mod scripted_peer; // the client or server at the other end
mod socket_tracker; // the program's sockets, from the calls it made
mod strace; // runs the program under strace
mod strace_line; // parses a line of strace
mod thread_states; // the program's threads, and whether all of them wait

use std::env;
use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use crate::grading::local_grader::build_workspace;
use crate::grading::submission::{PROGRAMS, Start, TcpProgram};
use crate::messages::{Message, Messages};
use crate::process;

/// Shows the calls of a program of the workspace at `root`.
pub fn show(root: &Path, program: TcpProgram, silent: bool, messages: &Messages) -> Result<String> {
    process::stop_on_ctrl_c()?;
    Ok(diagram(root, program, silent, messages)?.join("\n") + "\n")
}

/// Builds and runs a program of the workspace at `root`, and returns the lines of its diagram.
pub fn diagram(
    root: &Path,
    program: TcpProgram,
    silent: bool,
    messages: &Messages,
) -> Result<Vec<String>> {
    strace::check_available()?;
    let command = command(root, program)?;
    let events = match program {
        TcpProgram::Server => scripted_peer::client(&command, silent)?,
        TcpProgram::Client => scripted_peer::server(&command, silent)?,
    };
    Ok(calls_diagram::draw(messages, program == TcpProgram::Server, &events))
}

/// Returns the program's command: of the environment or `homework/commands.toml`, or its built path.
fn command(root: &Path, program: TcpProgram) -> Result<Vec<OsString>> {
    let (index, of_tests) = match program {
        TcpProgram::Server => (0, tests::Program::TcpServer),
        TcpProgram::Client => (1, tests::Program::TcpClient),
    };
    if env::var_os(PROGRAMS[index].variable).is_some_and(|named| !named.is_empty()) {
        return Ok(of_tests.command()?);
    }
    let own = build_workspace(root, false, false)?;
    let start = own.programs[index].as_ref();
    match start.map_err(Message::clone)? {
        Start::Program(path) => Ok(vec![path.into()]),
        Start::Command { folder, words } => {
            Ok(words.iter().map(|word| word.in_folder(folder)).collect())
        }
    }
}
