//! Wrong: ignores --port.

mod arguments;

use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|_: arguments::Arguments| {
        let listener = TcpListener::bind("127.0.0.94:8888")?;
        println!("listening on 127.0.0.1:0");
        for connection in listener.incoming() {
            let connection = connection?;
            std::io::copy(&mut &connection, &mut &connection).unwrap_or_default();
        }
        Ok(ExitCode::SUCCESS)
    })
}
