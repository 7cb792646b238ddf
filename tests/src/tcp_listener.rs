//! A TCP listener, as the server of a client under test.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::actual::Actual;
use crate::deadline::{DEADLINE, QUIET};
use crate::message;
use crate::program_watch::ProgramWatch;
use crate::tcp_connection::Connection;
use crate::test_step::{Action, Endpoint};
use crate::transcript::Transcript;

/// How often a test that waits for a client checks whether the client still runs.
const LOOK: Duration = Duration::from_millis(50);

/// The receive buffer, in bytes, of the connections.
const RECEIVE_BUFFER: usize = 128 * 1024;

/// A listening socket.
#[derive(Debug)]
pub struct Listener {
    transcript: Transcript,
    listener: Arc<TcpListener>,
}

impl Listener {
    #[track_caller]
    pub(crate) fn bind(transcript: &Transcript, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).and_then(|listener| {
            // Connections inherit this size. By default the kernel lets the buffer grow, on some
            // systems to 32 MiB, and how much a client can send without a reader would be left to
            // chance.
            SockRef::from(&listener).set_recv_buffer_size(RECEIVE_BUFFER)?;
            Ok(listener)
        });
        match listener {
            Ok(listener) => Self { transcript: transcript.clone(), listener: Arc::new(listener) },
            Err(error) => {
                let call = format!("listen({address})");
                transcript.fail(message!("expected-call", call), &error)
            }
        }
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("a listening socket has an address")
    }

    /// Waits for a client and accepts it.
    #[track_caller]
    pub fn accept(&self) -> Connection {
        let number = self.transcript.next_socket();
        match self.accept_in_time() {
            Ok((stream, client)) => {
                self.transcript.note(Endpoint::Socket(number), Action::Accept { client });
                Connection::new(&self.transcript, stream, number, Some(Arc::clone(&self.listener)))
            }
            Err(error) => {
                let actual = match self.transcript.programs_ended() {
                    Some(how) => Actual::cause(message!("ended", how)),
                    None => Actual::from(&error),
                };
                self.transcript
                    .fail(message!("expected-connection", address = self.address()), actual)
            }
        }
    }

    fn accept_in_time(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (sender, receiver) = mpsc::channel();
        let listener = Arc::clone(&self.listener);
        // accept has no timeout, so it runs in a thread.
        thread::spawn(move || sender.send(listener.accept()));
        let deadline = Instant::now() + DEADLINE;
        let mut watch = ProgramWatch::new(&self.transcript);
        let mut blocked = None;
        let accepted = loop {
            match receiver.recv_timeout(LOOK) {
                Ok(accepted) => break Some(accepted),
                Err(_) => blocked = watch.blocked(),
            }
            // A program that has ended or is blocked won't connect.
            if blocked.is_some()
                || self.transcript.programs_have_ended()
                || Instant::now() > deadline
            {
                break receiver.recv_timeout(LOOK).ok();
            }
        };
        accepted.unwrap_or_else(|| {
            // Unblocks the thread with a connection. If that fails, the thread ends with the
            // process.
            _ = TcpStream::connect_timeout(&self.address(), QUIET);
            Err(match blocked.or_else(|| watch.busy()) {
                Some(message) => io::Error::new(io::ErrorKind::TimedOut, message),
                None => io::ErrorKind::TimedOut.into(),
            })
        })
    }
}
