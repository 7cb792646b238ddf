//! Wrong: one recv and one send for each client.

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
    let length = connection.read(&mut buffer)?;
    connection.write_all(&buffer[..length])
}
