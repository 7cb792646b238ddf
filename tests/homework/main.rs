//! The tests of the homework. Each tests one step towards the finished programs, and its name says
//! what a right program does.
//!
//! The test answers each line as soon as it arrives, and never waits for an end of file while the
//! program may still send. So a program may use any buffer size, one thread or many, and any language.
//! The tests for extra credit are in `tests/day01`.
//!
//! To run some of them: `cargo test -p tests --test homework server_inner_loop`.
//! To test another program: `DAY01_TCP_SERVER='python3 server.py' cargo test -p tests --test homework`.

mod both_programs;
mod client_loop;
mod server_inner_loop;
mod server_outer_loop;
mod starter_code;

use tests::{Harness, Program, ProgramCommand};

/// The server, with no options except where to listen.
#[track_caller]
fn server(harness: &Harness) -> ProgramCommand {
    harness.program(Program::TcpServer, &["--host", "127.0.0.1", "--port", "0"])
}
