//! What happens between the two hosts, as plain data: who takes part, the events in their order,
//! and what came of them.

use std::fmt;

use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{IpAddress, IpEndpoint, Ipv4Address};

/// The client, with the first of the ports that a system hands out by itself (RFC 6335).
pub const CLIENT: IpEndpoint = endpoint(2, 49152);

/// The server, with the port of the lesson.
pub const SERVER: IpEndpoint = endpoint(3, 8888);

const fn endpoint(host: u8, port: u16) -> IpEndpoint {
    IpEndpoint { addr: IpAddress::Ipv4(Ipv4Address::new(192, 168, 56, host)), port }
}

/// One of the two ends of the cable, and the host that it is plugged into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The host of the client, 192.168.56.2.
    Client,
    /// The host of the server, 192.168.56.3.
    Server,
}

impl End {
    /// The host at the other end.
    pub fn other(self) -> End {
        match self {
            End::Client => End::Server,
            End::Server => End::Client,
        }
    }
}

/// The protocol between the two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// The protocol to compare with.
    pub fn other(self) -> Protocol {
        match self {
            Protocol::Tcp => Protocol::Udp,
            Protocol::Udp => Protocol::Tcp,
        }
    }
}

/// What the two programs are to do.
#[derive(Debug, Clone, Copy)]
pub struct Play<'a> {
    /// What the client sends.
    pub messages: &'a [Vec<u8>],
    /// Over TCP, a person types the messages: each when the answer to the one before has come.
    pub typed: bool,
    /// Over UDP, the client calls connect before it sends.
    pub connects: bool,
    pub server: Server,
}

/// Who is at the port of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// A server that sends back what it receives.
    Echo,
    /// Over TCP, one that takes a single byte and closes: the rest stays unread.
    Hasty,
    /// Nobody: no program has the port.
    Nobody,
}

/// All that happened, and what came of it.
pub struct Exchange {
    pub protocol: Protocol,
    pub server: Server,
    /// The client's socket is told of errors: over TCP always, over UDP if it has called connect.
    pub told: bool,
    pub events: Vec<Event>,
    /// What the client gave to its send calls.
    pub sent: Vec<u8>,
    /// What the server's receive calls gave it.
    pub reached_server: Vec<u8>,
    /// What the client's receive calls gave it.
    pub came_back: Vec<u8>,
    /// How the client ended.
    pub outcome: Result<(), Failure>,
}

/// Something that happened.
#[derive(Debug)]
pub struct Event {
    pub at: Instant,
    /// The host on which it happened: for a frame, the one that sent it.
    pub end: End,
    pub what: What,
    /// The state that the connection entered by it: for a frame, at the host that received it.
    pub state: Option<tcp::State>,
}

/// What happened.
#[derive(Debug)]
pub enum What {
    /// The program made a call, or a call that waited returned.
    Call(Call),
    /// A frame was put on the link.
    Frame { frame: Vec<u8>, lost: bool },
    /// Time has passed, and the system has acted by itself.
    Timer { before: tcp::State },
}

/// A call, and what it came to.
#[derive(Debug)]
pub struct Call {
    /// The number of the step in the notes.
    pub step: u8,
    pub name: &'static str,
    pub outcome: Outcome,
}

/// What a call came to.
#[derive(Debug)]
pub enum Outcome {
    /// It was made, with this argument.
    Made(&'static str),
    /// It passed these bytes on.
    Bytes(Vec<u8>),
    /// It gave 0 bytes: the other end sends no more.
    End,
    /// It waits: it blocks.
    Waits,
    /// It has waited, and returns.
    Returns,
    /// It has failed.
    Failed(&'static str),
}

/// How long TCP waits without hearing anything from the other host before it gives up.
///
/// A real system gives up sooner: Linux after about 2 minutes of connecting and 15 minutes of
/// sending. But then a connection over a link that loses more than half of all frames would
/// now and then fail, and what TCP can do would not be seen.
pub const PATIENCE: Duration = Duration::from_secs(3600);

/// Why a call failed, with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was heard from the other host for [`PATIENCE`].
    TimedOut(&'static str),
    /// No program of the other host has the port, and its system said so.
    Refused(&'static str),
    /// The other host broke the connection off and said so.
    Reset(&'static str),
    /// The client waits, and nothing will ever come: what it waits for was lost, and nobody sends
    /// it again.
    WaitsForEver,
    /// The exchange took more turns than it may: a mistake in the simulation.
    Unfinished,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Failure::TimedOut(call) => write!(
                formatter,
                "{call} with {SERVER}: connection timed out: no answer for {} simulated seconds",
                PATIENCE.secs()
            ),
            Failure::Refused(call) => {
                write!(formatter, "{call} with {SERVER}: connection refused: nobody listens there")
            }
            Failure::Reset(call) => {
                write!(formatter, "{call} with {SERVER}: connection reset by peer: it gave up")
            }
            Failure::WaitsForEver => write!(
                formatter,
                "recv with {SERVER}: waits for ever: the RST was lost, and is not sent again"
            ),
            Failure::Unfinished => write!(formatter, "the exchange with {SERVER} does not end"),
        }
    }
}
