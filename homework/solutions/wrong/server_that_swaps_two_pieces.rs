//! Wrong: reads ahead, and sends the second piece of a long line before the first.

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
    let mut buffer = [0; 2048];
    while let length @ 1.. = connection.read(&mut buffer)? {
        let second = length.min(1024);
        connection.write_all(&buffer[second..length])?;
        connection.write_all(&buffer[..second])?;
    }
    Ok(())
}
