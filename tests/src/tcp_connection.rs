//! A TCP connection to a program under test. Every call has a deadline.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::actual::Actual;
use crate::deadline::{DEADLINE, PAUSE, QUIET, is_timeout, left};
use crate::escaped_bytes::show;
use crate::message;
use crate::program_watch::ProgramWatch;
use crate::test_report;
use crate::test_step::{Action, Endpoint};
use crate::transcript::{OwnConnection, Transcript};

/// One end of a TCP connection.
///
/// The deadline of a call covers all it does: a peer that sends a byte at a time can't extend it.
#[derive(Debug)]
pub struct Connection {
    pub(crate) transcript: Transcript,
    stream: TcpStream,
    number: usize,
    /// The listener that accepted it, if it was accepted.
    listener: Option<Arc<TcpListener>>,
}

impl Connection {
    #[track_caller]
    pub(crate) fn connect(transcript: &Transcript, server: SocketAddr) -> Self {
        let number = transcript.next_socket();
        transcript.note(Endpoint::Socket(number), Action::Connect { to: server });
        match TcpStream::connect_timeout(&server, DEADLINE) {
            // Where no server listens, the system may choose the same port for this end. Then TCP connects
            // the socket to itself (RFC 9293, section 3.5).
            Ok(stream) if stream.local_addr().is_ok_and(|own| own == server) => {
                let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
                transcript.fail(message!("expected-listener"), &refused)
            }
            Ok(stream) => Self::new(transcript, stream, number, None),
            Err(error) => transcript.fail(message!("expected-listener"), &error),
        }
    }

    #[track_caller]
    pub(crate) fn new(
        transcript: &Transcript,
        stream: TcpStream,
        number: usize,
        listener: Option<Arc<TcpListener>>,
    ) -> Self {
        if let (Ok(local), Ok(remote)) = (stream.local_addr(), stream.peer_addr()) {
            transcript.add_connection(OwnConnection { number, local, remote });
        }
        // Sends small pieces at once.
        if let Err(error) = stream.set_nodelay(true) {
            transcript.fail(message!("expected-call", call = "setsockopt"), &error);
        }
        Self { transcript: transcript.clone(), stream, number, listener }
    }

    /// Adds a step to the transcript.
    fn note(&self, action: Action) {
        self.transcript.note(Endpoint::Socket(self.number), action);
    }

    /// The address of this end.
    #[track_caller]
    pub fn local_address(&self) -> SocketAddr {
        self.stream.local_addr().expect("a connected socket has an address")
    }

    /// Sends bytes.
    #[track_caller]
    pub fn send(&self, bytes: &[u8]) {
        self.note(Action::Send { bytes: show(bytes) });
        if let Err(error) = self.try_send(bytes) {
            self.transcript.fail(message!("expected-receiver", bytes = show(bytes)), &error);
        }
    }

    /// Sends bytes that the peer may no longer wait for.
    #[track_caller]
    pub fn send_late(&self, bytes: &[u8]) {
        self.note(Action::Send { bytes: show(bytes) });
        _ = self.try_send(bytes);
    }

    /// Sends bytes to a peer that may close or reset the connection.
    pub fn try_send(&self, mut bytes: &[u8]) -> io::Result<()> {
        let deadline = Instant::now() + DEADLINE;
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(left(deadline)?))?;
            // In pieces, because a large write can take longer than its timeout.
            match (&self.stream).write(&bytes[..bytes.len().min(256 * 1024)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => bytes = &bytes[sent..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Closes the sending half: the peer receives the bytes so far, then the end of file.
    #[track_caller]
    pub fn end_sending(&self) {
        self.note(Action::EndSending);
        if let Err(error) = self.stream.shutdown(Shutdown::Write) {
            self.transcript.fail(message!("expected-call", call = "shutdown"), &error);
        }
    }

    /// Sends bytes, and receives the same ones.
    #[track_caller]
    pub fn expect_echo(&self, bytes: &[u8]) {
        self.send(bytes);
        self.expect(bytes);
    }

    /// Receives exactly these bytes.
    #[track_caller]
    pub fn expect(&self, expected: &[u8]) {
        let (actual, error) = self.receive(expected);
        if actual != expected {
            self.fail_to_receive(expected, &actual, error.as_ref(), None);
        }
        self.note(Action::Receive { bytes: show(&actual) });
    }

    /// Fails because of bytes that differ, or an error in receiving or sending.
    #[track_caller]
    fn fail_to_receive(
        &self,
        expected: &[u8],
        actual: &[u8],
        receiving: Option<&io::Error>,
        sending: Option<&io::Error>,
    ) -> ! {
        let actual = Actual::bytes(expected, actual);
        let actual = match (receiving, sending) {
            (Some(error), _) => actual.then(error.into()),
            (None, Some(error)) => {
                let sending = Actual::from(error);
                let message = message!("sending-failed", why = sending.message);
                actual.then(Actual { message, ..sending })
            }
            (None, None) => actual,
        };
        let actual = match receiving {
            Some(_) if self.connects_again() => actual.because(message!("connected-again")),
            _ => actual,
        };
        self.transcript.fail(show(expected), actual)
    }

    /// Returns whether the program closed this connection and opened another one.
    fn connects_again(&self) -> bool {
        let Some(listener) = self.listener.clone() else { return false };
        let (sender, receiver) = mpsc::channel();
        // accept may block forever. Then the thread ends with the process, which is about to fail.
        thread::spawn(move || _ = sender.send(listener.accept().is_ok()));
        receiver.recv_timeout(QUIET).unwrap_or(false)
    }

    /// Receives as many bytes as expected, or up to the first that differs.
    fn receive(&self, expected: &[u8]) -> (Vec<u8>, Option<io::Error>) {
        let deadline = Instant::now() + DEADLINE;
        let mut actual = vec![0; expected.len()];
        let mut length = 0;
        let mut error = None;
        while length < expected.len() {
            match self.receive_some(&mut actual[length..], deadline) {
                Ok(0) => error = Some(io::ErrorKind::UnexpectedEof.into()),
                Ok(more) => {
                    let new = length..length + more;
                    length += more;
                    if actual[new.clone()] == expected[new] {
                        continue;
                    }
                }
                Err(other) => error = Some(other),
            }
            break;
        }
        actual.truncate(length);
        if error.is_none() && actual != expected {
            // To show how much came in all.
            self.receive_rest(&mut actual);
        }
        (actual, error)
    }

    /// Calls recv once, with the time left until the deadline.
    fn receive_some(&self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        self.retry_unless_blocked(deadline, |mut stream| stream.read(buffer))
    }

    /// Waits for bytes, and leaves them in the receive buffer.
    pub(crate) fn peek(&self, buffer: &mut [u8], within: Duration) -> io::Result<usize> {
        self.retry(Instant::now() + within, |stream| stream.peek(buffer))
    }

    /// The same as [`Self::retry`], but returns early if the program is blocked. The error says where.
    fn retry_unless_blocked(
        &self,
        deadline: Instant,
        mut call: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        // A connection that wasn't accepted is that of a client.
        let mut watch = ProgramWatch::new(&self.transcript).for_answer(self.listener.is_none());
        loop {
            let next_look = Instant::now().checked_add(watch.interval()).unwrap_or(deadline);
            match self.retry(next_look.min(deadline), &mut call) {
                Err(error) if is_timeout(&error) => {}
                result => return result,
            }
            let is_over = Instant::now() >= deadline;
            let why = if is_over { watch.busy() } else { watch.blocked() };
            if is_over || why.is_some() {
                return self.retry(Instant::now() + LAST_LOOK, &mut call).map_err(
                    |error| match why {
                        Some(why) if is_timeout(&error) => io::Error::new(error.kind(), why),
                        _ => error,
                    },
                );
            }
        }
    }

    fn retry(
        &self,
        deadline: Instant,
        mut call: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(Some(left(deadline)?))?;
            match call(&self.stream) {
                // SIGCHLD: the program of another test has ended.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// Sends and receives at the same time. The bytes don't fit into the socket buffers, so neither
    /// end may wait for the other to finish.
    #[track_caller]
    pub fn exchange(&self, bytes: &[u8], expected: &[u8]) {
        self.note(Action::Exchange { bytes: show(bytes) });
        let sender = self.sending_half();
        let (actual, receiving, sending) = thread::scope(|scope| {
            let sent = scope.spawn(move || sender.try_send(bytes));
            let (actual, error) = self.receive(expected);
            if actual != expected {
                // The sender may wait for a program that doesn't receive: this unblocks it.
                _ = self.stream.shutdown(Shutdown::Both);
            }
            let sent = sent.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
            (actual, error, sent.err())
        });
        if actual != expected || sending.is_some() {
            self.fail_to_receive(expected, &actual, receiving.as_ref(), sending.as_ref());
        }
    }

    /// Returns another handle of the connection, for a thread that sends while this one receives.
    #[track_caller]
    pub fn sending_half(&self) -> Connection {
        self.transcript.expect_several_threads();
        match self.stream.try_clone() {
            Ok(stream) => Self {
                transcript: self.transcript.clone(),
                stream,
                number: self.number,
                listener: self.listener.clone(),
            },
            Err(error) => self.transcript.fail(message!("expected-call", call = "dup"), &error),
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
        self.transcript.check_bytes("expected-bytes-to-end", expected, &actual);
    }

    /// Closes the sending half, and receives exactly these bytes and the end of file.
    #[track_caller]
    pub fn end_sending_and_expect(&self, expected: &[u8]) {
        self.end_sending();
        self.expect_to_end(expected);
    }

    /// Gives the peer time to act on what was sent so far, for a peer that doesn't wait for a whole line.
    /// What it sends stays in the receive buffer.
    pub fn give_time_to_reply(&self) {
        _ = self.peek(&mut [0], QUIET);
    }

    /// Sends nothing for three seconds, as a person does who thinks. Fails if the peer doesn't wait. The pause is
    /// short if nothing is marked.
    #[track_caller]
    pub fn pause(&self) {
        let start = Instant::now();
        let mut buffer = [0; 1024];
        let pause = if test_report::is_for_a_program() { PAUSE } else { QUIET };
        let seconds = pause.as_secs_f64().to_string();
        let actual = match self.peek(&mut buffer, pause) {
            Err(error) if is_timeout(&error) => return self.note(Action::Pause { seconds }),
            Ok(0) => {
                let elapsed = format!("{:.1}", start.elapsed().as_secs_f64());
                Actual::cause(message!("closed-after", seconds = elapsed))
            }
            Ok(length) => show(&buffer[..length]).into(),
            Err(error) => Actual::from(&error),
        };
        self.transcript
            .fail(message!("expected-wait", seconds = pause.as_secs_f64().to_string()), actual);
    }

    /// Closes the sending half, and fails if anything more arrives. The peer may leave the connection open.
    #[track_caller]
    pub fn end_sending_and_expect_nothing(&self) {
        self.check_nothing_more(&self.end_sending_and_receive_rest());
    }

    /// Fails if these bytes, which came after everything that was expected, aren't none.
    #[track_caller]
    pub fn check_nothing_more(&self, more: &[u8]) {
        self.transcript.check(more.is_empty(), message!("expected-nothing-more"), show(more));
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
    fn receive_rest(&self, received: &mut Vec<u8>) {
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

    /// Waits until there are bytes to receive, and leaves them there.
    #[track_caller]
    pub fn wait_for_bytes(&self) {
        let deadline = Instant::now() + DEADLINE;
        let error = match self.retry_unless_blocked(deadline, |stream| stream.peek(&mut [0])) {
            Ok(1..) => return,
            Ok(0) => io::ErrorKind::UnexpectedEof.into(),
            Err(error) => error,
        };
        self.transcript.fail(message!("expected-data"), &error);
    }

    /// Fails if anything arrives within [`QUIET`].
    #[track_caller]
    pub fn expect_nothing_yet(&self) {
        let mut buffer = [0; 1024];
        let actual = match self.peek(&mut buffer, QUIET) {
            Err(error) if is_timeout(&error) => return,
            Ok(0) => Actual::cause(message!("end-of-file")),
            Ok(length) => show(&buffer[..length]).into(),
            Err(error) => Actual::from(&error),
        };
        self.transcript.fail(message!("expected-no-data-yet"), actual);
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

    /// Sends everything back until the end of file, then closes. Returns the number of bytes.
    pub fn echo(self) -> io::Result<usize> {
        self.transcript.expect_several_threads();
        let deadline = Instant::now() + DEADLINE;
        let mut buffer = vec![0; 16 * 1024];
        let mut echoed = 0;
        while let length @ 1.. = self.receive_some(&mut buffer, deadline)? {
            self.try_send(&buffer[..length])?;
            echoed += length;
        }
        Ok(echoed)
    }
}

/// How many times a client is answered that should end.
const MOST_LATE_LINES: usize = 20;

/// How long to look whether something arrived before the program was blocked.
const LAST_LOOK: Duration = Duration::from_millis(1);

/// How many bytes more than expected are received, to show them.
const KEPT_PAST_END: usize = 64 << 10;

fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}
