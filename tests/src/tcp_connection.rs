//! A TCP connection to a program under test. Every call has a deadline.

mod ending; // how the two halves are closed, and what still arrives
mod probe; // what a blocked program does when the test goes on

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::actual::Actual;
use crate::catalogue::Message;
use crate::deadline::{DEADLINE, PAUSE, QUIET, is_timeout, left};
use crate::escaped_bytes::show;
use crate::message;
use crate::program_watch::{self, ProgramWatch};
use crate::test_report;
use crate::test_step::{Action, Endpoint};
use crate::transcript::{OwnConnection, Transcript};

/// One end of a TCP connection.
///
/// The deadline of a call covers all it does: a peer that sends a byte at a time can't extend it.
#[derive(Debug)]
pub struct Connection {
    transcript: Transcript,
    stream: Arc<TcpStream>,
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
                Self::fail_to_connect(transcript, server, &refused)
            }
            Ok(stream) => Self::new(transcript, stream, number, None),
            Err(error) => Self::fail_to_connect(transcript, server, &error),
        }
    }

    #[track_caller]
    fn fail_to_connect(transcript: &Transcript, server: SocketAddr, error: &io::Error) -> ! {
        let finding = || {
            if transcript.a_program_ends_soon() {
                return None;
            }
            let listeners = program_watch::listeners(transcript)?;
            match listeners.first() {
                // It may have started to listen again meanwhile.
                Some(_) if listeners.iter().any(|it| it.port() == server.port()) => None,
                Some(address) => Some(message!("found-other-listener", address = *address)),
                None => Some(message!("found-no-listener")),
            }
        };
        transcript.fail(message!("expected-listener"), Actual::from(error).with_finding(finding))
    }

    #[track_caller]
    pub(crate) fn new(
        transcript: &Transcript,
        stream: TcpStream,
        number: usize,
        listener: Option<Arc<TcpListener>>,
    ) -> Self {
        let stream = Arc::new(stream);
        if let (Ok(local), Ok(remote)) = (stream.local_addr(), stream.peer_addr()) {
            let stream = Arc::downgrade(&stream);
            transcript.add_connection(OwnConnection { number, local, remote, stream });
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
        self.transcript.give(Some(self.number), bytes);
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
            match (&*self.stream).write(&bytes[..bytes.len().min(256 * 1024)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => bytes = &bytes[sent..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
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
        let finding = || {
            let missing = expected.strip_prefix(actual);
            let probed = receiving.zip(missing).and_then(|(error, it)| self.probe(error, it));
            probed.or_else(|| self.finding(expected, actual))
        };
        let actual = Actual::bytes(expected, actual).with_finding(finding);
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

    /// Returns what can be concluded from bytes that differ from the expected ones.
    fn finding(&self, expected: &[u8], actual: &[u8]) -> Option<Message> {
        // A server answers what was sent on this connection.
        let is_servers = self.listener.is_none();
        self.transcript.finding(expected, actual, is_servers.then_some(self.number))
    }

    /// Returns whether the program opens another connection.
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
                Ok(0) => error = Some(self.end_of_file()),
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
    fn peek(&self, buffer: &mut [u8], within: Duration) -> io::Result<usize> {
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
        Self {
            transcript: self.transcript.clone(),
            stream: Arc::clone(&self.stream),
            number: self.number,
            listener: self.listener.clone(),
        }
    }

    /// Gives the peer time to act on what was sent so far, for a peer that doesn't wait for a whole line.
    /// What it sends stays in the receive buffer.
    pub fn give_time_to_reply(&self) {
        _ = self.peek(&mut [0], QUIET);
    }

    /// Sends nothing for three seconds, as a person does who thinks. Fails if the peer doesn't wait. A remark says
    /// if it uses the processor meanwhile. The pause is short if nothing is marked.
    #[track_caller]
    pub fn pause(&self) {
        let start = Instant::now();
        let mut buffer = [0; 1024];
        let pause = if test_report::is_for_a_program() { PAUSE } else { QUIET };
        let seconds = pause.as_secs_f64().to_string();
        let mut watch = ProgramWatch::new(&self.transcript);
        watch.count_processor_time();
        let actual = match self.peek(&mut buffer, pause) {
            Err(error) if is_timeout(&error) => {
                self.note(Action::Pause { seconds });
                return self.transcript.set_remark(watch.busy_in_pause());
            }
            Ok(0) => {
                let elapsed = format!("{:.1}", start.elapsed().as_secs_f64());
                Actual::cause(message!("closed-after", seconds = elapsed))
            }
            Ok(length) => show(&buffer[..length]).into(),
            Err(error) => Actual::from(&error),
        };
        self.transcript.fail(message!("expected-wait", seconds), actual);
    }

    /// Waits until there are bytes to receive, and leaves them there.
    #[track_caller]
    pub fn wait_for_bytes(&self) {
        let deadline = Instant::now() + DEADLINE;
        let error = match self.retry_unless_blocked(deadline, |stream| stream.peek(&mut [0])) {
            Ok(1..) => return,
            Ok(0) => self.end_of_file(),
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
            Ok(0) => Actual::from(&self.end_of_file()),
            Ok(length) => show(&buffer[..length]).into(),
            Err(error) => Actual::from(&error),
        };
        self.transcript.fail(message!("expected-no-data-yet"), actual);
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

/// How long to look whether something arrived before the program was blocked.
const LAST_LOOK: Duration = Duration::from_millis(1);
