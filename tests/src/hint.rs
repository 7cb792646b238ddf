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

/// What happened, in a few words, where what came tells: the sentence before the likely mistake,
/// which the test can only guess.
pub(crate) fn cause(came: &str) -> Option<String> {
    const CAUSES: [(&str, &str); 9] = [
        ("end of file:", "end of file"),
        ("reset by peer:", "reset by peer"),
        ("broken pipe:", "the program closed its socket"),
        ("refused:", "nobody listens there"),
        ("timed out", "nothing moved for 5 s"),
        ("no such line in", "nothing came for 5 s"),
        ("no such text in", "nothing came for 5 s"),
        ("it still ran after", "it did not end in 5 s"),
        ("no datagram, and the program has ended", "the program has ended"),
    ];
    came.lines().find_map(|line| {
        if line.starts_with("first difference at byte ") {
            return line.split_once(": ").map(|(_, bytes)| format!("other bytes came: {bytes}"));
        }
        let line = ["then ", "and sending failed: ", "no datagram: ", "no connection: "]
            .iter()
            .find_map(|start| line.strip_prefix(start))
            .unwrap_or(line);
        let cause = CAUSES.iter().find(|(start, _)| line.starts_with(start))?;
        Some(cause.1.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_what_came_in_a_few_words() {
        let refused = explain(&ErrorKind::ConnectionRefused.into());
        assert_eq!(cause(&refused).as_deref(), Some("nobody listens there"));
        let late = format!("5 bytes \"hello\"\nthen {}", explain(&ErrorKind::TimedOut.into()));
        assert_eq!(cause(&late).as_deref(), Some("nothing moved for 5 s"));
        let other = "6 bytes\nfirst difference at byte 5: \"?\" instead of \"!\"\n";
        assert_eq!(cause(other).as_deref(), Some(r#"other bytes came: "?" instead of "!""#));
        assert_eq!(cause("exit status 0"), None);
    }
}
