//! A right server: std's sockets, one client at a time, and a buffer of 2,048 bytes.
//!
//! The operators in server.toml edit the lines that end with a label. The variables that this program
//! doesn't use are for them.
#![allow(unused)]

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

const SIZE: usize = 2048;

fn option(name: &str, default: &str) -> String {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).unwrap_or(default.to_string())
}

fn main() -> io::Result<()> {
    let (host, mut port) = (option("--host", "127.0.0.1"), option("--port", "8888"));
    let mut clients = 0; // options
    let mut kept: Vec<u8> = Vec::new(); // from one client to the next

    let listener = TcpListener::bind(format!("{host}:{port}"))?;
    println!("listening on {}", listener.local_addr()?); // announce
    loop {
        let (mut connection, _) = listener.accept()?; // accept
        clients += 1; // accepted
        let (mut messages, mut total, mut column) = (0, 0, 0);
        let (mut previous, started, mut buffer) = (Vec::new(), Instant::now(), [0; SIZE]); // serve
        loop {
            let Ok(length @ 1..) = connection.read(&mut buffer) else {
                break; // end
            };
            let mut data = buffer[..length].to_vec(); // recv
            messages += 1;
            total += data.len();
            _ = connection.write_all(&data); // send
            previous = data;
        }
        drop(connection); // close
    }
}
