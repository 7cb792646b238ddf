//! Right: a tiny buffer, and a panic when a client resets its connection, which the homework allows.

mod arguments;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        while let Ok((mut connection, _)) = listener.accept() {
            serve(&mut connection);
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn serve(connection: &mut TcpStream) {
    let mut buffer = [0; 16];
    while let length @ 1.. = connection.read(&mut buffer).unwrap() {
        connection.write_all(&buffer[..length]).unwrap();
    }
}
