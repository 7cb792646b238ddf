//! Wrong: starts thread after thread, each of which calls accept. It stops at 2,000.

mod arguments;

use std::io;
use std::net::TcpListener;
use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    common::run(|arguments: arguments::Arguments| {
        let listener = TcpListener::bind(arguments.address()?)?;
        println!("listening on {}", listener.local_addr()?);
        // The scope waits for its threads, also if one can't be started.
        thread::scope(|scope| {
            for _ in 0..2000 {
                scope.spawn(|| serve(&listener));
            }
        });
        Ok(ExitCode::SUCCESS)
    })
}

fn serve(listener: &TcpListener) -> io::Result<()> {
    loop {
        let (client, _) = listener.accept()?;
        _ = io::copy(&mut &client, &mut &client);
    }
}
