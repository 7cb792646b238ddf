//! What the common failures of a socket mean, in the words of the notes.

use std::io::{self, ErrorKind};

/// An error of a socket, with what usually causes it.
pub(crate) fn explain(error: &io::Error) -> String {
    let cause = match error.kind() {
        ErrorKind::UnexpectedEof => {
            "end of file: the program closed its socket (or ended) before it had sent all this. \
             See NOTES.md#close"
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            "reset by peer: the program closed its socket while bytes that it never received \
             were waiting there, or it was stopped. See NOTES.md#close"
        }
        ErrorKind::BrokenPipe => {
            "broken pipe: the program closed its socket, nobody receives any more. \
             See NOTES.md#close"
        }
        ErrorKind::ConnectionRefused => {
            "refused: nobody listens at this address. The program ended, listens at another \
             address, or did not call listen. See NOTES.md#server-listen"
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            "timed out after 5 s: the program waits in a blocking call for something that never \
             comes, holds back what it should have sent, or is far too slow. \
             See NOTES.md#blocking"
        }
        ErrorKind::AddrInUse => {
            "address in use: another program listens there already. See NOTES.md#ports"
        }
        _ => return error.to_string(),
    };
    cause.to_owned()
}
