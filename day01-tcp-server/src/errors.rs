//! What to do when accept, recv or send fails: a server goes on.

use std::fmt::Display;
use std::io;
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use common::{TIME_IS_UP, print_error, uninterrupted};
use socket2::{SockAddr, Socket};

use crate::totals::Client;

/// How long nothing is tried after accept has failed. Without a pause the server would do
/// nothing but fail; with this one it fails ten times a second at most.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes accept again until it gives a client. The clients wait in the queue meanwhile, and that
/// it fails, since the server has too many open files for example, is reported once.
pub fn keep_trying(mut accept: impl FnMut() -> io::Result<(Socket, SockAddr)>) -> (Socket, Client) {
    let mut reported = false;
    loop {
        match uninterrupted(&mut accept) {
            Ok((connection, client)) => {
                if let Some(client) = client.as_socket() {
                    return (connection, Client::new(client));
                }
            }
            Err(error) => {
                if !reported {
                    print_error(&anyhow!(
                        "cannot accept a client: {error}: it waits in the listen queue, and the \
                         server tries again until it can (ulimit -n shows how many files may be \
                         open)"
                    ));
                }
                reported = true;
                thread::sleep(PAUSE);
            }
        }
    }
}

/// What a failed recv or send says of the connection of a client.
pub fn of_connection(client: &Client, error: &anyhow::Error) -> impl Display {
    let idle = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == TIME_IS_UP);
    match idle {
        true => format!(
            "the connection of {client}: nothing moved for as long as --idle-timeout allows"
        ),
        false => format!("the connection of {client}: {error}"),
    }
}
