//! A UDP socket, as the peer of a program under test. Every call has a deadline.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::actual::Actual;
use crate::deadline::{DEADLINE, is_timeout, left};
use crate::escaped_bytes::show;
use crate::message;
use crate::test_step::{Action, Endpoint};
use crate::transcript::Transcript;

/// The largest IPv4 datagram: 65,535 bytes minus 20 for the IP header and 8 for the UDP header (RFC
/// 768, RFC 791).
pub const LARGEST_DATAGRAM: usize = 65_507;

/// The largest IPv6 datagram: the length of a packet doesn't include its own header (RFC 8200,
/// section 3).
pub const LARGEST_OVER_IPV6: usize = 65_527;

/// How often a socket that waits for a datagram checks whether any program still runs.
const LOOK_AROUND: Duration = Duration::from_millis(100);

/// A UDP socket. Each call has a deadline.
#[derive(Debug)]
pub struct DatagramSocket {
    transcript: Transcript,
    socket: UdpSocket,
    number: usize,
}

impl DatagramSocket {
    #[track_caller]
    pub(crate) fn bind(transcript: &Transcript, address: SocketAddr) -> Self {
        let number = transcript.next_socket();
        let bound = UdpSocket::bind(address).and_then(|socket| {
            socket.set_write_timeout(Some(DEADLINE))?;
            // On macOS this is also the largest datagram it sends, 9,216 bytes by default.
            if cfg!(target_os = "macos") {
                SockRef::from(&socket).set_send_buffer_size(65_535)?;
            }
            Ok(socket)
        });
        match bound {
            Ok(socket) => Self { transcript: transcript.clone(), socket, number },
            Err(error) => {
                let call = format!("bind({address})");
                transcript.fail(message!("expected-call", call), &error)
            }
        }
    }

    /// Adds a step to the transcript.
    fn note(&self, action: Action) {
        self.transcript.note(Endpoint::Socket(self.number), action);
    }

    /// The address of this socket.
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("a bound socket has an address")
    }

    /// Sends one datagram.
    #[track_caller]
    pub fn send(&self, bytes: &[u8], to: SocketAddr) {
        self.note(Action::SendTo { bytes: show(bytes), to });
        if let Err(error) = self.socket.send_to(bytes, to) {
            self.transcript.fail(message!("expected-receiver", bytes = show(bytes)), &error);
        }
    }

    /// Receives one datagram, which must be exactly this. Returns its sender.
    #[track_caller]
    pub fn expect(&self, expected: &[u8]) -> SocketAddr {
        let wanted = message!("expected-datagram", bytes = show(expected));
        let mut buffer = vec![0; 65_536];
        let (length, from) = match self.receive_in_time(&mut buffer) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.transcript.fail(wanted, Actual::cause(message!("no-sender-left")))
            }
            Err(error) => self.transcript.fail(wanted, &error),
        };
        let actual = &buffer[..length];
        self.note(Action::ReceiveFrom { bytes: show(actual), from });
        if actual != expected {
            self.transcript.fail(wanted, Actual::bytes(expected, actual));
        }
        from
    }

    /// Receives one datagram, which must be exactly this and come from this address.
    #[track_caller]
    pub fn expect_from(&self, expected: &[u8], sender: SocketAddr) {
        let from = self.expect(expected);
        self.transcript.check(
            from == sender,
            message!("expected-sender", address = sender),
            message!("sender", address = from),
        );
    }

    /// Receives a datagram, which must be exactly this, and replies to its sender.
    #[track_caller]
    pub fn answer(&self, expected: &[u8], reply: &[u8]) {
        let from = self.expect(expected);
        self.send(reply, from);
    }

    /// Sends a datagram to a server, and receives the same one from it.
    #[track_caller]
    pub fn expect_echo(&self, bytes: &[u8], server: SocketAddr) {
        self.send(bytes, server);
        self.expect_from(bytes, server);
    }

    /// Calls recvfrom until the deadline, or until every program has ended, because then no
    /// datagram can arrive.
    fn receive_in_time(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let programs_ended = self.transcript.programs_have_ended();
            let wait = left(deadline)?.min(LOOK_AROUND);
            self.socket.set_read_timeout(Some(wait))?;
            match self.socket.recv_from(buffer) {
                Err(error) if is_timeout(&error) && programs_ended => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Err(error) if is_timeout(&error) => {}
                // SIGCHLD: the program of another test has ended.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                actual => return actual,
            }
        }
    }
}
