//! Hostile to the grader: listens, but never replies.

mod arguments;

use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        loop {
            std::thread::park();
        }
    })
}
