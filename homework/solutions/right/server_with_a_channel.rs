//! Right: one thread accepts, another serves one client after another, with half a second as recv's timeout.

mod arguments;

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        let (sender, accepted) = mpsc::channel();
        thread::spawn(move || {
            for connection in accepted {
                serve(connection).unwrap_or_default();
            }
        });
        for connection in listener.incoming() {
            sender.send(connection?)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn serve(mut connection: TcpStream) -> std::io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_millis(500)))?;
    let mut buffer = [0; 1500];
    loop {
        match connection.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => connection.write_all(&buffer[..length])?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
