//! What to do when sendto or recvfrom fails: the next datagram may be fine.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Error, Result, anyhow};
use common::{NobodyReads, bytes, print_error};
use net_utils::no_way_to;

/// How long nothing is tried after recvfrom has failed, so that a server that can only fail does
/// not keep a processor busy with it.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits a little after a failed recvfrom.
pub fn pause(error: io::Error) -> io::Error {
    thread::sleep(PAUSE);
    error
}

/// Reports what the server could not receive or answer.
pub fn report(error: &Error) {
    print_error(&anyhow!("{error:#}; the next datagram may be fine"));
}

/// Reports what the client could not send, or was not answered: no reason not to send the next
/// message. That nobody reads its output is one.
pub fn client_goes_on(error: Error) -> Result<()> {
    if error.is::<NobodyReads>() {
        return Err(error);
    }
    print_error(&error);
    Ok(())
}

/// Why a message could not be sent, and what to do next.
pub fn of_sendto(length: usize, server: SocketAddr, error: &io::Error) -> Error {
    let next = match error.kind() {
        ErrorKind::PermissionDenied => "if this is a broadcast address, allow it with --broadcast",
        _ => no_way_to(server, error),
    };
    anyhow!("cannot send {} to {server}: {error}: {next}", bytes(length))
}
