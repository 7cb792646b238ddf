//! The end of a TCP connection: how its two halves are closed, and what still arrives.

use std::io;
use std::net::Shutdown;
use std::time::Instant;

use super::Connection;
use crate::actual::Actual;
use crate::deadline::{DEADLINE, QUIET};
use crate::escaped_bytes::show;
use crate::message;
use crate::program_watch::only_sending_is_closed;
use crate::test_step::Action;

/// How many more lines of a client that should end are answered.
const MOST_LATE_LINES: usize = 20;

/// How many bytes more than expected are received, to show them.
const KEPT_PAST_END: usize = 64 << 10;

impl Connection {
    /// Closes the sending half: the peer receives the bytes so far, then the end of file.
    #[track_caller]
    pub fn end_sending(&self) {
        self.note(Action::EndSending);
        if let Err(error) = self.stream.shutdown(Shutdown::Write) {
            self.transcript.fail(message!("expected-call", call = "shutdown"), &error);
        }
    }

    /// The end of file as an error, which says so if the program still has the connection open.
    pub(super) fn end_of_file(&self) -> io::Error {
        let is_open = || match (self.stream.peer_addr(), self.stream.local_addr()) {
            (Ok(peer), Ok(own)) => only_sending_is_closed(peer, own),
            _ => false,
        };
        let end = io::ErrorKind::UnexpectedEof;
        // It may be about to close the connection.
        match is_open() && !self.transcript.a_program_ends_soon() && is_open() {
            true => io::Error::new(end, message!("end-of-sending")),
            false => end.into(),
        }
    }

    /// Receives until the peer closes its sending half, at most `limit` bytes.
    #[track_caller]
    pub fn receive_to_end(&self, limit: usize) -> Vec<u8> {
        let deadline = Instant::now() + DEADLINE;
        let mut actual = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match self.receive_some(&mut buffer, deadline) {
                Ok(0) => break,
                Ok(length) => actual.extend_from_slice(&buffer[..length]),
                Err(error) => self.transcript.fail(
                    message!("expected-end-of-file"),
                    Actual::bytes_before(&actual).then((&error).into()),
                ),
            }
            if actual.len() > limit {
                let expected = message!("expected-at-most", count = limit);
                self.transcript.fail(expected, message!("more-bytes", bytes = show(&actual)));
            }
        }
        self.note(Action::ReceiveToEnd { bytes: show(&actual) });
        actual
    }

    /// Receives exactly these bytes, and then the end of file.
    #[track_caller]
    pub fn expect_to_end(&self, expected: &[u8]) {
        let actual = self.receive_to_end(expected.len() + KEPT_PAST_END);
        if actual != expected {
            let finding = || self.finding(expected, &actual);
            let seen = Actual::bytes(expected, &actual).with_finding(finding);
            self.transcript.fail(message!("expected-bytes-to-end", bytes = show(expected)), seen);
        }
    }

    /// Closes the sending half, and receives exactly these bytes and the end of file.
    #[track_caller]
    pub fn end_sending_and_expect(&self, expected: &[u8]) {
        self.end_sending();
        self.expect_to_end(expected);
    }

    /// Closes the sending half, and fails if anything more arrives. The peer may leave the connection open.
    #[track_caller]
    pub fn end_sending_and_expect_nothing(&self) {
        self.check_nothing_more(&self.end_sending_and_receive_rest());
    }

    /// Fails if anything came after what was expected.
    #[track_caller]
    pub fn check_nothing_more(&self, more: &[u8]) {
        if !more.is_empty() {
            let expected = self.transcript.last_given(self.number);
            // That something was added is already said.
            let finding = || {
                let finding = self.finding(&expected, &[&expected, more].concat());
                finding.filter(|finding| finding.key != "found-added")
            };
            let actual = Actual::from(show(more)).with_finding(finding);
            self.transcript.fail(message!("expected-nothing-more"), actual);
        }
    }

    /// Closes the sending half, and returns what still arrives before the peer closes the connection or
    /// nothing comes for [`QUIET`].
    #[track_caller]
    pub fn end_sending_and_receive_rest(&self) -> Vec<u8> {
        self.end_sending();
        let mut rest = Vec::new();
        self.receive_rest(&mut rest);
        self.note(Action::ReceiveToEnd { bytes: show(&rest) });
        rest
    }

    /// Receives what arrives before nothing comes for [`QUIET`], up to [`KEPT_PAST_END`] bytes.
    pub(super) fn receive_rest(&self, received: &mut Vec<u8>) {
        let mut buffer = [0; 1024];
        let end = received.len() + KEPT_PAST_END;
        while received.len() < end
            && let Ok(length @ 1..) = self.receive_some(&mut buffer, Instant::now() + QUIET)
        {
            received.extend_from_slice(&buffer[..length]);
        }
    }

    /// Checks that the peer closes or resets the connection without sending more.
    #[track_caller]
    pub fn expect_closed(&self) {
        self.receive_until_closed(|_| false);
    }

    /// Answers what the client still sends, at most twenty times, until it closes or resets the
    /// connection.
    #[track_caller]
    pub fn answer_until_end(&self) {
        let mut answered = 0;
        self.receive_until_closed(|bytes| {
            self.note(Action::Receive { bytes: show(bytes) });
            // The peer may have closed its end.
            _ = self.try_send(b"?\n");
            answered += 1;
            answered <= MOST_LATE_LINES
        });
    }

    /// Receives until the peer closes or resets the connection, as long as `accepts` returns true.
    #[track_caller]
    fn receive_until_closed(&self, mut accepts: impl FnMut(&[u8]) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        let mut buffer = [0; 4096];
        let actual = loop {
            match self.receive_some(&mut buffer, deadline) {
                Ok(0) => return self.note(Action::ReceiveToEnd { bytes: show(b"") }),
                Ok(length) if accepts(&buffer[..length]) => {}
                Ok(length) => break show(&buffer[..length]).into(),
                Err(error) if is_reset(&error) => return,
                Err(error) => break Actual::from(&error),
            }
        };
        self.transcript.fail(message!("expected-closed"), actual)
    }

    /// Closes the connection.
    pub fn close(self) {
        self.note(Action::Close);
    }

    /// Resets the connection: closing a socket with unread bytes makes the kernel send a reset.
    #[track_caller]
    pub fn reset(self) {
        self.wait_for_bytes();
        self.note(Action::Reset);
    }

    /// Closes both halves of the connection for every thread that uses it.
    pub fn abandon(&self) {
        self.note(Action::Close);
        // The peer may have closed it first.
        _ = self.stream.shutdown(Shutdown::Both);
    }
}

fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}
