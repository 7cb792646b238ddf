//! Hostile to the grader: sleeps before every step, for a little less than the deadline.

mod arguments;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

const LONG: Duration = Duration::from_millis(4700);

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        sleep(LONG);
        println!("listening on {}", listener.local_addr()?);
        for connection in listener.incoming() {
            let mut connection = connection?;
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = connection.read(&mut buffer) {
                sleep(LONG);
                connection.write_all(&buffer[..length])?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
