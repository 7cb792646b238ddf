//! Explains a failed sendto or recvfrom, after which the program goes on with the next datagram.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Error, Result, anyhow};
use common::{BrokenPipe, bytes, print_error};
use net_utils::no_way_to;

/// The pause after a failed recvfrom, so that a server that can only fail doesn't use a whole core.
const PAUSE: Duration = Duration::from_millis(100);

/// Explains why the server couldn't receive, after a pause.
pub fn recvfrom_failed(error: io::Error) -> Error {
    thread::sleep(PAUSE);
    anyhow!("can't receive: {error}")
}

/// Reports what the server couldn't receive or answer.
#[allow(dead_code, reason = "the starter code does not use it")]
pub fn report(error: &Error) {
    print_error(&anyhow!("{error:#}; the next datagram may be fine"));
}

/// Reports a message that the client couldn't send, or that got no reply. A [`BrokenPipe`] is returned
/// instead: it ends the client.
#[allow(dead_code, reason = "the starter code does not use it")]
pub fn report_unless_broken_pipe(error: Error) -> Result<()> {
    if error.is::<BrokenPipe>() {
        return Err(error);
    }
    print_error(&error);
    Ok(())
}

/// Explains why the client couldn't send.
pub fn sendto_failed(message: &[u8], server: SocketAddr, error: &io::Error) -> Error {
    let next = match error.kind() {
        ErrorKind::PermissionDenied => "if this is a broadcast address, allow it with --broadcast",
        _ => no_way_to(server, error),
    };
    anyhow!("can't send {} to {server}: {error}: {next}", bytes(message.len()))
}
