//! The socket calls of the programs. Each one is recorded as an event.

use std::future::poll_fn;
use std::task::Poll;

use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{self, State};
use smoltcp::socket::udp;
use smoltcp::time::Duration;
use smoltcp::wire::IpEndpoint;

use crate::exchange::{CLIENT, Call, End, Failure, Outcome, SERVER, TIMEOUT};
use crate::simulated_hosts::{Host, Stack};

/// The receive window: how many bytes a host stores until its program receives them. Linux starts
/// with about 64 KiB; with four full segments you can see the window close and open.
pub const WINDOW: usize = 4 * MAX_SEGMENT;

/// The data of a full segment: 1,500 bytes minus the headers of IPv4 (20) and TCP (20).
const MAX_SEGMENT: usize = 1460;

/// The maximum total length of the messages. A send call never has to wait for room, and 100 KiB is
/// long enough for a comparison with a real system.
pub const MAX_EXCHANGE: usize = 102_400;

/// The maximum number of messages, so that the diagram stays readable.
pub const MAX_MESSAGES: usize = 20;

/// The longest message for one datagram: 1,500 bytes minus the headers of IPv4 (20) and UDP (8).
pub const MAX_DATAGRAM: usize = 1472;

/// Why `bind`, `listen` and `connect` can't fail.
const IS_NEW: &str = "a new socket and a port that isn't 0";

/// The number of the step in the notes.
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
    pub fn tcp_socket(&self) -> TcpSocket<'_> {
        let received = tcp::SocketBuffer::new(vec![0; WINDOW]);
        let to_send = tcp::SocketBuffer::new(vec![0; MAX_EXCHANGE]);
        let mut socket = tcp::Socket::new(received, to_send);
        socket.set_timeout(Some(TIMEOUT));
        // Delayed acknowledgements and Nagle's algorithm are off, so that each message has its own
        // segment and acknowledgement.
        socket.set_ack_delay(None);
        socket.set_nagle_enabled(false);
        let handle = self.stack.borrow_mut().sockets.add(socket);
        self.call("socket", Outcome::Made("SOCK_STREAM"));
        TcpSocket { host: self, handle }
    }

    pub fn udp_socket(&self) -> UdpSocket<'_> {
        let buffer = || {
            let messages = vec![udp::PacketMetadata::EMPTY; MAX_MESSAGES];
            udp::PacketBuffer::new(messages, vec![0; MAX_MESSAGES * MAX_DATAGRAM])
        };
        let handle = self.stack.borrow_mut().sockets.add(udp::Socket::new(buffer(), buffer()));
        self.call("socket", Outcome::Made("SOCK_DGRAM"));
        let socket = UdpSocket { host: self, handle, connected: false };
        if self.end == End::Client {
            // Unlike a real system, smoltcp doesn't choose a port when the client first sends.
            socket.with(|socket| socket.bind(CLIENT)).expect(IS_NEW);
        }
        socket
    }

    /// Why the connection is closed, although the program has not closed it.
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

    /// Makes a call that blocks until `attempt` returns a result.
    async fn wait<T>(
        &self,
        name: &'static str,
        mut attempt: impl FnMut() -> Option<Result<T, Failure>>,
        success: impl FnOnce(&T) -> Outcome,
    ) -> Result<T, Failure> {
        let result = match attempt() {
            Some(result) => result,
            None => {
                self.call(name, Outcome::Waits);
                poll_fn(|_| attempt().map_or(Poll::Pending, Poll::Ready)).await
            }
        };
        self.call(
            name,
            match &result {
                Ok(value) => success(value),
                Err(Failure::TimedOut(_)) => Outcome::Failed("timed out"),
                Err(Failure::Refused(_)) => Outcome::Failed("refused"),
                Err(Failure::Reset(_)) => Outcome::Failed("reset"),
                // A call with these failures never returns.
                Err(Failure::BlocksForever | Failure::Unfinished) => Outcome::Waits,
            },
        );
        result
    }
}

pub struct TcpSocket<'a> {
    host: &'a Host<'a>,
    handle: SocketHandle,
}

impl TcpSocket<'_> {
    fn with<T>(&self, action: impl FnOnce(&mut tcp::Socket) -> T) -> T {
        action(self.host.stack.borrow_mut().sockets.get_mut(self.handle))
    }

    /// Sets the address and port of the server; smoltcp sets them in `listen`.
    pub fn bind(&self) {
        self.host.call("bind", Outcome::Made("port 8888"));
    }

    pub fn listen(&self) {
        self.with(|socket| socket.listen(SERVER)).expect(IS_NEW);
        self.host.call("listen", Outcome::Made(""));
    }

    /// Waits for a client. In smoltcp the listening socket itself becomes the connection; a real
    /// system creates a new socket.
    pub async fn accept(self) -> Result<Self, Failure> {
        self.established("accept", State::SynReceived).await?;
        Ok(self)
    }

    pub async fn connect(&self) -> Result<(), Failure> {
        {
            let mut stack = self.host.stack.borrow_mut();
            let Stack { interface, sockets, .. } = &mut *stack;
            let socket = sockets.get_mut::<tcp::Socket>(self.handle);
            socket.connect(interface.context(), SERVER, CLIENT).expect(IS_NEW);
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
        self.host.wait(name, attempt, |()| Outcome::Returns).await
    }

    /// Passes `data` to the stack, which divides it into segments.
    pub fn send(&self, data: &[u8]) {
        // The send buffer has room for everything. If the connection has failed, nothing is sent, and
        // the next `recv` returns the error.
        let taken = self.with(|socket| socket.send_slice(data)).unwrap_or(0);
        self.host.sent.borrow_mut().extend_from_slice(&data[..taken]);
        self.host.call("send", Outcome::Bytes(data.to_vec()));
    }

    /// Waits for data, and returns up to `size` bytes. No data means the end of the stream.
    pub async fn recv(&self, size: usize) -> Result<Vec<u8>, Failure> {
        let attempt = || {
            let mut data = vec![0; size];
            let receive = |socket: &mut tcp::Socket| {
                // An end without unacknowledged data doesn't notice that the other end is gone.
                let idle = socket.state() == State::Established && socket.send_queue() == 0;
                socket.set_timeout(Some(TIMEOUT).filter(|_| !idle));
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
        let received = |data: &Vec<u8>| match data.len() {
            0 => Outcome::End,
            _ => Outcome::Bytes(data.clone()),
        };
        let data = self.host.wait("recv", attempt, received).await?;
        self.host.received.borrow_mut().extend_from_slice(&data);
        Ok(data)
    }

    /// Ends sending; this end can still receive.
    pub fn shutdown(&self) {
        self.with(|socket| socket.close());
        self.host.call("shutdown", Outcome::Made(""));
    }

    /// Closes the connection: with a FIN, unless `shutdown` has sent it, or with an RST if there is
    /// unread data.
    pub fn close(&self) {
        self.host.closed.set(true);
        self.with(|socket| if socket.recv_queue() > 0 { socket.abort() } else { socket.close() });
        self.host.call("close", Outcome::Made(""));
    }
}

pub struct UdpSocket<'a> {
    host: &'a Host<'a>,
    handle: SocketHandle,
    connected: bool,
}

/// The data, and the sender.
type Datagram = (Vec<u8>, IpEndpoint);

impl UdpSocket<'_> {
    fn with<T>(&self, action: impl FnOnce(&mut udp::Socket) -> T) -> T {
        action(self.host.stack.borrow_mut().sockets.get_mut(self.handle))
    }

    pub fn bind(&self) {
        self.with(|socket| socket.bind(SERVER)).expect(IS_NEW);
        self.host.call("bind", Outcome::Made("port 8888"));
    }

    /// Fixes the remote address. Nothing is sent, but errors about this address and port are now
    /// reported to this socket.
    pub fn connect(&mut self) {
        self.connected = true;
        self.host.call("connect", Outcome::Made(""));
    }

    /// The name of a call: after `connect`, the one without an address.
    fn name(&self, short: &'static str, long: &'static str) -> &'static str {
        if self.connected { short } else { long }
    }

    pub fn sendto(&self, data: &[u8], to: IpEndpoint) {
        self.with(|socket| socket.send_slice(data, to)).expect("room for a whole exchange");
        self.host.sent.borrow_mut().extend_from_slice(data);
        self.host.call(self.name("send", "sendto"), Outcome::Bytes(data.to_vec()));
    }

    pub async fn recvfrom(&self, timeout: Option<Duration>) -> Result<Datagram, Failure> {
        let name = self.name("recv", "recvfrom");
        let deadline = timeout.map(|timeout| self.host.shared.now.get() + timeout);
        self.host.timeout.set(deadline);
        let receive = |socket: &mut udp::Socket| {
            socket.recv().ok().map(|(data, from)| (data.to_vec(), from.endpoint))
        };
        let is_over = || deadline.is_some_and(|deadline| deadline <= self.host.shared.now.get());
        let attempt = || match self.with(receive) {
            Some(datagram) => Some(Ok(datagram)),
            // An error is reported once.
            None if self.connected && self.host.error.take() => Some(Err(Failure::Refused(name))),
            None => is_over().then_some(Err(Failure::TimedOut(name))),
        };
        let received = |(data, _): &Datagram| Outcome::Bytes(data.clone());
        let datagram = self.host.wait(name, attempt, received).await;
        self.host.timeout.set(None);
        let (data, from) = datagram?;
        self.host.received.borrow_mut().extend_from_slice(&data);
        Ok((data, from))
    }

    /// Closes the socket. Nothing is sent: there is no connection.
    pub fn close(&self) {
        self.with(|socket| socket.close());
        self.host.call("close", Outcome::Made(""));
    }
}
