//! Wrong: doesn't print where it listens.

mod arguments;

use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("ready");
        for connection in listener.incoming() {
            let connection = connection?;
            std::io::copy(&mut &connection, &mut &connection).unwrap_or_default();
        }
        Ok(ExitCode::SUCCESS)
    })
}
