//! Wrong: never closes a connection.

mod arguments;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        let mut kept: Vec<TcpStream> = Vec::new();
        for connection in listener.incoming() {
            let mut connection = connection?;
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = connection.read(&mut buffer) {
                connection.write_all(&buffer[..length])?;
            }
            kept.push(connection);
        }
        Ok(ExitCode::SUCCESS)
    })
}

