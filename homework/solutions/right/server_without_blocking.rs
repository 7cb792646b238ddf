//! Right: non-blocking sockets, all clients in one thread, and a sleep of 5 ms when there is nothing to do.

mod arguments;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

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
            let mut is_idle = true;
            connections.retain_mut(|connection| {
                let mut buffer = [0; 1024];
                _ = connection.set_nonblocking(true);
                match connection.read(&mut buffer) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => true,
                    Ok(length @ 1..) => {
                        is_idle = false;
                        _ = connection.set_nonblocking(false);
                        connection.write_all(&buffer[..length]).is_ok()
                    }
                    _ => false,
                }
            });
            if is_idle {
                thread::sleep(Duration::from_millis(5));
            }
        }
    })
}
