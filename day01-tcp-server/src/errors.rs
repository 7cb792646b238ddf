//! Keeps the server running when accept, recv or send fails.

use std::thread;
use std::time::Duration;
use std::{fmt::Display, io};

use anyhow::anyhow;
use common::{SOCKET_TIMEOUT, print_error, retry_interrupted};
use socket2::{SockAddr, Socket};

use crate::client_totals::Client;

/// The pause after a failed accept, so that a server that can only fail doesn't use a whole core.
const PAUSE: Duration = Duration::from_millis(100);

/// Calls accept until it succeeds. Clients wait in the queue meanwhile. A failure, such as too many
/// open files, is reported once.
pub fn retry(mut accept: impl FnMut() -> io::Result<(Socket, SockAddr)>) -> (Socket, Client) {
    let mut reported = false;
    loop {
        match retry_interrupted(&mut accept) {
            Ok((connection, client)) => {
                if let Some(client) = client.as_socket() {
                    return (connection, Client::new(client));
                }
            }
            Err(error) => {
                if !reported {
                    print_error(&anyhow!(
                        "can't accept a client: {error}: it waits in the listen queue, and the \
                         server keeps trying (`ulimit -n` shows how many files may be open)"
                    ));
                }
                reported = true;
                thread::sleep(PAUSE);
            }
        }
    }
}

pub fn connection_lost(client: &Client, error: &io::Error) -> impl Display {
    let why = match error.kind() {
        SOCKET_TIMEOUT => "nothing moved for as long as --idle-timeout allows".to_owned(),
        _ => error.to_string(),
    };
    format!("the connection of {client}: {why}")
}
