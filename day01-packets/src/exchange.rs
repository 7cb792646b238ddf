//! An exchange of messages between the two hosts, as plain data: the parties, the events in their
//! order, and the results.

use std::fmt;

use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{IpAddress, IpEndpoint, Ipv4Address};

/// The client. Its port is the first of the dynamic ports (RFC 6335).
pub const CLIENT: IpEndpoint = endpoint(2, 49152);

/// The server, on the port of the lesson.
pub const SERVER: IpEndpoint = endpoint(3, 8888);

const fn endpoint(host: u8, port: u16) -> IpEndpoint {
    IpEndpoint { addr: IpAddress::Ipv4(Ipv4Address::new(192, 168, 56, host)), port }
}

/// One of the two ends of the link, and the host there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Client,
    Server,
}

impl End {
    pub fn other(self) -> End {
        match self {
            End::Client => End::Server,
            End::Server => End::Client,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

/// What the two programs do.
#[derive(Debug, Clone, Copy)]
pub struct Scenario<'a> {
    pub messages: &'a [Vec<u8>],
    /// TCP: the client waits for the reply to each message, as if a person typed them.
    pub typed: bool,
    /// UDP: the client calls connect before it sends.
    pub connects: bool,
    pub server: Server,
}

/// The program on the server's port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Echo,
    /// TCP: receives one byte and closes, with the rest unread.
    ClosesEarly,
    Absent,
}

pub struct Exchange {
    pub protocol: Protocol,
    pub server: Server,
    /// Whether the client's socket reports errors: with TCP always, with UDP after connect.
    pub reports_errors: bool,
    pub events: Vec<Event>,
    pub sent: Vec<u8>,
    pub received_by_server: Vec<u8>,
    pub received_by_client: Vec<u8>,
    pub outcome: Result<(), Failure>,
}

#[derive(Debug)]
pub struct Event {
    pub at: Instant,
    /// The host; for a frame, the sender.
    pub end: End,
    pub kind: EventKind,
    /// The state that the connection enters; for a frame, at the receiver.
    pub state: Option<tcp::State>,
}

#[derive(Debug)]
pub enum EventKind {
    /// The program made a call, or a blocked call returned.
    Call(Call),
    Frame {
        frame: Vec<u8>,
        lost: bool,
    },
    /// A timer of the system expired in this state.
    Timer {
        before: tcp::State,
    },
}

#[derive(Debug)]
pub struct Call {
    /// The number of the step in the notes.
    pub step: u8,
    pub name: &'static str,
    pub outcome: Outcome,
}

#[derive(Debug)]
pub enum Outcome {
    /// It was made with this argument, and returned at once.
    Made(&'static str),
    /// It sent or received these bytes.
    Bytes(Vec<u8>),
    End,
    Waits,
    Returns,
    Failed(&'static str),
}

/// How long TCP waits for anything from the other host before it gives up.
///
/// Linux gives up sooner: after about 2 minutes of connecting or 15 minutes of sending. With these
/// limits, some connections over a link that loses more than half of the frames would fail.
pub const TIMEOUT: Duration = Duration::from_secs(3600);

/// Why a call failed, with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The other host was silent for [`TIMEOUT`].
    TimedOut(&'static str),
    /// No program uses the port, and the other system has reported it.
    Refused(&'static str),
    /// The other host aborted the connection with an RST.
    Reset(&'static str),
    /// The client blocks forever: what it waits for was lost, and is not sent again.
    BlocksForever,
    /// The exchange has too many steps: a bug in the simulation.
    Unfinished,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let no_answer = format!("no answer for {} simulated seconds", TIMEOUT.secs());
        let (call, why) = match self {
            Self::TimedOut(call) => (*call, format!("connection timed out: {no_answer}")),
            Self::Refused(call) => (*call, "connection refused: no program uses the port".into()),
            Self::Reset(call) => (*call, "connection reset by peer".into()),
            Self::BlocksForever => {
                ("recv", "blocks forever: the RST was lost, and is not sent again".into())
            }
            Self::Unfinished => ("the exchange", "does not end".into()),
        };
        write!(formatter, "{call} with {SERVER}: {why}")
    }
}
