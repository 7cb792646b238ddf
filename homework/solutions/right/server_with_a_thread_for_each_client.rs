//! Right, in another style: one thread accepts, and gives each client a thread of its own. A
//! counter keeps the number of clients that are served.

use std::process::ExitCode;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        let listener = Mutex::new(support::listen(&arguments)?);
        let (served, changed) = (Mutex::new(0), Condvar::new());
        thread::scope(|scope| {
            loop {
                let places = served.lock().unwrap_or_else(PoisonError::into_inner);
                let free = changed.wait_while(places, |served| *served == arguments.clients);
                *free.unwrap_or_else(PoisonError::into_inner) += 1;
                let mut client = support::accept(&arguments, &listener);
                let (arguments, served, changed) = (&arguments, &served, &changed);
                scope.spawn(move || {
                    let mut buffer = arguments.buffer();
                    while let Ok(length @ 1..) = client.recv(&mut buffer) {
                        if client.send(arguments.answer(&buffer[..length])).is_err() {
                            break;
                        }
                    }
                    client.close();
                    *served.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
                    changed.notify_one();
                });
            }
        })
    })
}
