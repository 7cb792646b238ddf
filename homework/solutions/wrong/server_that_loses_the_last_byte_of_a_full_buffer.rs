//! Wrong: keeps the last byte of its buffer for a zero, as strings in C have it.

mod arguments;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        for connection in listener.incoming() {
            serve(connection?).unwrap_or_default();
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn serve(mut connection: TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 1024];
    while let length @ 1.. = connection.read(&mut buffer)? {
        let end = length.min(buffer.len() - 1);
        buffer[end] = 0;
        connection.write_all(&buffer[..end])?;
    }
    Ok(())
}
