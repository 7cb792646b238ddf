//! The calls that a program makes, each written down when it is made.

use std::future::poll_fn;
use std::task::Poll;

use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{self, State};
use smoltcp::socket::udp;
use smoltcp::time::Duration;
use smoltcp::wire::IpEndpoint;

use crate::events::{CLIENT, Call, End, Failure, Outcome, PATIENCE, SERVER};
use crate::hosts::{Host, Stack};

/// The receiver's window: the bytes that a host takes before its program has read any. Real
/// systems begin with about 64 KiB; four full segments are enough to see it close and open.
pub const WINDOW: usize = 4 * LARGEST_SEGMENT;

/// The bytes of data in a full segment: a frame's 1,500, less 20 of IPv4 and 20 of TCP.
const LARGEST_SEGMENT: usize = 1460;

/// The most bytes that the messages of one exchange may have in all. A send call then takes a
/// message whole, and 100 KiB are enough to compare a long stream with a real system's.
pub const LONGEST_EXCHANGE: usize = 102_400;

/// The most messages in one exchange: the picture stays one that somebody may want to read.
pub const MOST_MESSAGES: usize = 20;

/// The longest message that fits one datagram: a frame's 1,500 bytes, less 20 of IPv4 and 8 of
/// UDP.
pub const LONGEST_DATAGRAM: usize = 1472;

/// The number that a call has among the steps of its program in the notes.
fn step(end: End, name: &str) -> u8 {
    match (end, name) {
        (_, "socket") => 1,
        (_, "bind" | "connect") | (End::Client, "sendto") => 2,
        (_, "listen" | "recvfrom") | (End::Client, "send" | "recv" | "shutdown") => 3,
        (_, "accept" | "sendto") | (End::Client, "close") => 4,
        (End::Server, "send" | "recv") => 5,
        _ => 6,
    }
}

impl Host<'_> {
    /// Creates a stream socket.
    pub fn tcp_socket(&self) -> TcpSocket<'_> {
        let received = tcp::SocketBuffer::new(vec![0; WINDOW]);
        let to_send = tcp::SocketBuffer::new(vec![0; LONGEST_EXCHANGE]);
        let mut socket = tcp::Socket::new(received, to_send);
        socket.set_timeout(Some(PATIENCE));
        // A system may wait a moment with an acknowledgement, so that it can ride with an
        // answer, and with a short segment, so that more data may join it. Here neither
        // waits: each message shows its own acknowledgement.
        socket.set_ack_delay(None);
        socket.set_nagle_enabled(false);
        let handle = self.stack.borrow_mut().sockets.add(socket);
        self.call("socket", Outcome::Made("SOCK_STREAM"));
        TcpSocket { host: self, handle }
    }

    /// Creates a datagram socket.
    pub fn udp_socket(&self) -> UdpSocket<'_> {
        let buffer = || {
            let messages = vec![udp::PacketMetadata::EMPTY; MOST_MESSAGES];
            udp::PacketBuffer::new(messages, vec![0; MOST_MESSAGES * LONGEST_DATAGRAM])
        };
        let handle = self.stack.borrow_mut().sockets.add(udp::Socket::new(buffer(), buffer()));
        self.call("socket", Outcome::Made("SOCK_DGRAM"));
        let socket = UdpSocket { host: self, handle, connected: false };
        if self.end == End::Client {
            // Nobody asked for this port: the system chooses one when the client first sends.
            socket
                .with(|socket| socket.bind(CLIENT))
                .expect("a new socket and a port that is not 0");
        }
        socket
    }

    /// Why the connection is closed although the program did not close it.
    fn failure(&self, name: &'static str) -> Failure {
        match name {
            _ if !self.by_frame.get() => Failure::TimedOut(name),
            "connect" => Failure::Refused(name),
            _ => Failure::Reset(name),
        }
    }

    fn call(&self, name: &'static str, outcome: Outcome) {
        self.called(Call { step: step(self.end, name), name, outcome });
    }

    /// Makes a call that waits until `attempt` has an answer.
    async fn wait<T>(
        &self,
        name: &'static str,
        mut attempt: impl FnMut() -> Option<T>,
        outcome: impl FnOnce(&T) -> Outcome,
    ) -> T {
        let answer = match attempt() {
            Some(answer) => answer,
            None => {
                self.call(name, Outcome::Waits);
                poll_fn(|_| attempt().map_or(Poll::Pending, Poll::Ready)).await
            }
        };
        self.call(name, outcome(&answer));
        answer
    }
}

/// A stream socket.
pub struct TcpSocket<'a> {
    host: &'a Host<'a>,
    handle: SocketHandle,
}

impl TcpSocket<'_> {
    fn with<T>(&self, action: impl FnOnce(&mut tcp::Socket) -> T) -> T {
        action(self.host.stack.borrow_mut().sockets.get_mut(self.handle))
    }

    /// Chooses the address and port of the server. (The stack learns them in `listen`.)
    pub fn bind(&self) {
        self.host.call("bind", Outcome::Made("port 8888"));
    }

    /// Makes the socket one that clients can connect to.
    pub fn listen(&self) {
        self.with(|socket| socket.listen(SERVER)).expect("a new socket and a port that is not 0");
        self.host.call("listen", Outcome::Made(""));
    }

    /// Waits for a client. On a real system the listening socket goes on to listen and the
    /// connection gets a socket of its own; here the one socket becomes the connection.
    pub async fn accept(self) -> Result<Self, Failure> {
        self.established("accept", State::SynReceived).await?;
        Ok(self)
    }

    /// Asks the server for a connection and waits until it stands.
    pub async fn connect(&self) -> Result<(), Failure> {
        {
            let mut stack = self.host.stack.borrow_mut();
            let Stack { interface, sockets, .. } = &mut *stack;
            let socket = sockets.get_mut::<tcp::Socket>(self.handle);
            socket
                .connect(interface.context(), SERVER, CLIENT)
                .expect("a new socket and ports that are not 0");
        }
        self.established("connect", State::SynSent).await
    }

    async fn established(&self, name: &'static str, opening: State) -> Result<(), Failure> {
        let attempt = || match self.with(|socket| socket.state()) {
            State::Closed => Some(Err(self.host.failure(name))),
            State::Listen => None,
            state if state == opening => None,
            _ => Some(Ok(())),
        };
        self.host.wait(name, attempt, |result| outcome(result, |()| Outcome::Returns)).await
    }

    /// Passes all of `data` on to the stack, which cuts it into segments as it likes.
    pub fn send(&self, data: &[u8]) {
        // The stack's buffer has room for a whole exchange. On a connection that has broken it
        // takes nothing, and the next `recv` says why.
        let taken = self.with(|socket| socket.send_slice(data)).unwrap_or(0);
        self.host.sent.borrow_mut().extend_from_slice(&data[..taken]);
        self.host.call("send", Outcome::Bytes(data.to_vec()));
    }

    /// Waits for data and takes what there is, up to so many bytes; an empty answer says that no
    /// more will come.
    pub async fn recv(&self, size: usize) -> Result<Vec<u8>, Failure> {
        let attempt = || {
            let mut data = vec![0; size];
            let receive = |socket: &mut tcp::Socket| {
                // Whoever has nothing under way does not ask whether the other end is there.
                let idle = socket.state() == State::Established && socket.send_queue() == 0;
                socket.set_timeout(Some(PATIENCE).filter(|_| !idle));
                socket.recv_slice(&mut data)
            };
            match self.with(receive) {
                Ok(0) => None,
                Ok(length) => {
                    data.truncate(length);
                    Some(Ok(data))
                }
                Err(tcp::RecvError::Finished) => Some(Ok(vec![])),
                Err(tcp::RecvError::InvalidState) => Some(Err(self.host.failure("recv"))),
            }
        };
        let came = |data: &Vec<u8>| match data.len() {
            0 => Outcome::End,
            _ => Outcome::Bytes(data.clone()),
        };
        let data = self.host.wait("recv", attempt, |result| outcome(result, came)).await?;
        self.host.received.borrow_mut().extend_from_slice(&data);
        Ok(data)
    }

    /// Says that this end sends no more. It can still receive.
    pub fn shutdown(&self) {
        self.with(|socket| socket.close());
        self.host.call("shutdown", Outcome::Made(""));
    }

    /// Gives the connection back. The system says that this end sends no more, unless the program
    /// has said so itself; with bytes that nobody has read, it breaks the connection off.
    pub fn close(&self) {
        self.host.closed.set(true);
        self.with(|socket| if socket.recv_queue() > 0 { socket.abort() } else { socket.close() });
        self.host.call("close", Outcome::Made(""));
    }
}

/// What a call came to that may have failed.
fn outcome<T>(result: &Result<T, Failure>, success: impl FnOnce(&T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => success(value),
        Err(Failure::TimedOut(_)) => Outcome::Failed("timed out"),
        Err(Failure::Refused(_)) => Outcome::Failed("refused"),
        Err(Failure::Reset(_)) => Outcome::Failed("reset"),
        // A call that has ended did not wait for ever.
        Err(Failure::WaitsForEver | Failure::Unfinished) => Outcome::Failed("does not end"),
    }
}

/// A datagram socket.
pub struct UdpSocket<'a> {
    host: &'a Host<'a>,
    handle: SocketHandle,
    connected: bool,
}

/// A datagram, and who sent it; or what the call failed with.
type Datagram = Result<(Vec<u8>, IpEndpoint), &'static str>;

impl UdpSocket<'_> {
    fn with<T>(&self, action: impl FnOnce(&mut udp::Socket) -> T) -> T {
        action(self.host.stack.borrow_mut().sockets.get_mut(self.handle))
    }

    /// Chooses the address and port of the server.
    pub fn bind(&self) {
        self.with(|socket| socket.bind(SERVER)).expect("a new socket and a port that is not 0");
        self.host.call("bind", Outcome::Made("port 8888"));
    }

    /// Notes the address of the server. Nothing is sent; but now the system knows whose business an
    /// error of this address and port is.
    pub fn connect(&mut self) {
        self.connected = true;
        self.host.call("connect", Outcome::Made(""));
    }

    /// The name of a call: the shorter one needs no address, since `connect` has noted it.
    fn name(&self, short: &'static str, long: &'static str) -> &'static str {
        if self.connected { short } else { long }
    }

    /// Whether an error has come that this socket is told of, once.
    fn takes_error(&self) -> bool {
        self.connected && self.host.error.take()
    }

    /// Sends one datagram.
    pub fn sendto(&self, data: &[u8], to: IpEndpoint) {
        self.with(|socket| socket.send_slice(data, to)).expect("room for a whole exchange");
        self.host.sent.borrow_mut().extend_from_slice(data);
        self.host.call(self.name("send", "sendto"), Outcome::Bytes(data.to_vec()));
    }

    /// Waits for a datagram, for ever or until the time is over.
    pub async fn recvfrom(&self, timeout: Option<Duration>) -> Datagram {
        let alarm = timeout.map(|timeout| self.host.world.now.get() + timeout);
        self.host.alarm.set(alarm);
        let attempt = || match self
            .with(|socket| socket.recv().map(|(data, from)| (data.to_vec(), from.endpoint)))
        {
            Ok(datagram) => Some(Ok(datagram)),
            Err(udp::RecvError::Exhausted | udp::RecvError::Truncated) if self.takes_error() => {
                Some(Err("refused"))
            }
            Err(udp::RecvError::Exhausted | udp::RecvError::Truncated) => {
                let over = alarm.is_some_and(|alarm| alarm <= self.host.world.now.get());
                over.then_some(Err("timed out"))
            }
        };
        let outcome = |datagram: &Datagram| match datagram {
            Ok((data, _)) => Outcome::Bytes(data.clone()),
            Err(why) => Outcome::Failed(why),
        };
        let datagram = self.host.wait(self.name("recv", "recvfrom"), attempt, outcome).await;
        self.host.alarm.set(None);
        if let Ok((data, _)) = &datagram {
            self.host.received.borrow_mut().extend_from_slice(data);
        }
        datagram
    }

    /// Gives the socket back. Nothing is sent: there was no connection.
    pub fn close(&self) {
        self.with(|socket| socket.close());
        self.host.call("close", Outcome::Made(""));
    }
}
