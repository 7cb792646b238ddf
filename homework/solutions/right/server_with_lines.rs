//! Right: BufReader returns a line at a time, with its newline, and BufWriter sends it.

mod arguments;

use std::io::{BufRead, BufReader, BufWriter, Write};
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

fn serve(connection: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?);
    let mut replies = BufWriter::new(connection);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        replies.write_all(&line)?;
        replies.flush()?;
        line.clear();
    }
    Ok(())
}
