//! Right: calls accept and recv again and again instead of waiting in them, which costs processor time but no
//! points.

mod arguments;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        listener.set_nonblocking(true)?;
        println!("listening on {}", listener.local_addr()?);
        let mut connections = Vec::new();
        loop {
            if let Ok((connection, _)) = listener.accept() {
                connections.push(connection);
            }
            connections.retain_mut(|connection| {
                let mut buffer = [0; 1024];
                _ = connection.set_nonblocking(true);
                match connection.read(&mut buffer) {
                    Err(error) => error.kind() == ErrorKind::WouldBlock,
                    Ok(0) => false,
                    Ok(length) => {
                        _ = connection.set_nonblocking(false);
                        connection.write_all(&buffer[..length]).is_ok()
                    }
                }
            });
        }
    })
}
