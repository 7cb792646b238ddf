//! Wrong: ends sending, but never closes a connection.

mod arguments;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        for connection in listener.incoming() {
            let mut connection = connection?;
            serve(&mut connection).unwrap_or_default();
            std::mem::forget(connection);
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn serve(connection: &mut TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 1024];
    while let length @ 1.. = connection.read(&mut buffer)? {
        connection.write_all(&buffer[..length])?;
    }
    connection.shutdown(Shutdown::Write)
}
