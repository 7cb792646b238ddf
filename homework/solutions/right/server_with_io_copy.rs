//! Right: a thread for each client, and io::copy instead of recv and send.

mod arguments;

use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        for connection in listener.incoming() {
            let connection: TcpStream = connection?;
            std::thread::spawn(move || std::io::copy(&mut &connection, &mut &connection));
        }
        Ok(ExitCode::SUCCESS)
    })
}

