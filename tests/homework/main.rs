//! The homework: what the lesson set, and nothing else. Each test is one step on the way, and its
//! name says what a right program does.
//!
//! The peers in these tests answer each line when it comes, and never wait for an end of file
//! while the program under test may still send. How a program gets there is its own affair: any
//! buffer, one thread or many, any language. What makes a careful tool of it is extra credit, in
//! `tests/day01`.
//!
//! Run one: `cargo test -p tests --test homework server_inner_loop`.
//! Test another program: `DAY01_TCP_SERVER='python3 server.py' cargo test -p tests --test homework`.

mod both_programs;
mod client_loop;
mod server_inner_loop;
mod server_outer_loop;
mod starter_code;

use tests::{Harness, Program, ProgramCommand};

/// The server, with no option but where to listen.
#[track_caller]
fn server(harness: &Harness) -> ProgramCommand {
    harness.program(Program::TcpServer, &["--host", "127.0.0.1", "--port", "0"])
}
