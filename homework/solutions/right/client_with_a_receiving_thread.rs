//! Right, in another style: the main thread sends, another one receives and prints.

use std::net::Shutdown;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;

use anyhow::anyhow;
use net_utils::program;

use crate::support::{self, ClientArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ClientArguments| {
        let socket = Arc::new(support::connect(&arguments)?);
        let arguments = Arc::new(arguments);
        // Standard input may block for ever, so this thread may have to end the program.
        let (done, sent) = mpsc::channel();
        let receiver = thread::spawn({
            let (arguments, socket) = (Arc::clone(&arguments), Arc::clone(&socket));
            move || {
                let result = support::receive_all(&arguments, &socket).and_then(|is_read| {
                    if is_read { support::wait_until_sent(&socket, &sent) } else { Ok(()) }
                });
                if let Err(error) = result {
                    program::print_error(&error);
                    std::process::exit(1);
                }
                arguments.steps().step(4, "close", "");
                std::process::exit(0);
            }
        });
        let result = support::send_all_input(&arguments, &socket);
        if result.is_err() {
            _ = socket.shutdown(Shutdown::Both);
        }
        _ = done.send(result);
        receiver.join().map_err(|_| anyhow!("the receiving thread failed"))?
    })
}
