//! Wrong: treats end of file as an empty message, and calls recv again.

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
    let mut buffer = [0; 4096];
    loop {
        let length = connection.read(&mut buffer)?;
        connection.write_all(&buffer[..length])?;
    }
}
