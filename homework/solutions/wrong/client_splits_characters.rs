//! Wrong: it makes text of every recv by itself, also when a character was split between two.

use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;

use net_utils::program;
use net_utils::text::Screen;

use crate::support::{self, ClientArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ClientArguments| {
        let socket = Arc::new(support::connect(&arguments)?);
        let arguments = Arc::new(arguments);
        let (done, sent) = mpsc::channel();
        thread::spawn({
            let (arguments, socket) = (Arc::clone(&arguments), Arc::clone(&socket));
            move || done.send(support::send_all_input(&arguments, &socket))
        });
        let mut buffer = vec![0; arguments.buffer_size as usize];
        let mut received = 0;
        loop {
            let length = (&*socket).read(&mut buffer)?;
            if length == 0 {
                break;
            }
            received += length;
            // The mistake: half a character is no text.
            let text = if io::stdout().is_terminal() {
                let mut screen = Screen::default();
                screen.show(&buffer[..length]) + &screen.finish()
            } else {
                String::from_utf8_lossy(&buffer[..length]).into_owned()
            };
            if !program::print(text.as_bytes())? {
                return Ok(ExitCode::SUCCESS);
            }
        }
        arguments.steps().step(3, "recv", format_args!("{received} bytes"));
        support::wait_until_sent(&socket, &sent)?;
        arguments.steps().step(4, "close", "");
        Ok(ExitCode::SUCCESS)
    })
}
