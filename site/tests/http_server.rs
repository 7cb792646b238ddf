//! A web server for pages that don't work as files.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use anyhow::Result;

/// Starts a server and returns its address. `respond` returns the status and the page for a request.
pub(crate) fn serve(
    respond: impl Fn(&[u8]) -> (&'static str, String) + Send + 'static,
) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut request = [0; 4096];
            let length = connection.read(&mut request).unwrap_or(0);
            let (status, page) = respond(&request[..length]);
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8");
            let _ = write!(connection, "{head}\r\nContent-Length: {}\r\n", page.len());
            let _ = write!(connection, "Connection: close\r\n\r\n{page}");
        }
    });
    Ok(format!("http://{address}/"))
}
