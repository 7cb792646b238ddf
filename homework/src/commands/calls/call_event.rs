//! The events of a traced program and its peer.

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Peer {
        /// The index of the connection.
        connection: usize,
        did: PeerAction,
        /// The call that should have followed but didn't.
        never: Option<&'static str>,
    },
    /// A call of the program that has returned.
    Call(Call),
    /// A call that the program should have made but didn't, and the message that it should have sent.
    Never { name: &'static str, message: Option<Vec<u8>> },
    /// The program waits in this call, or in a call that isn't about a socket.
    Waits(Option<&'static str>),
    /// The program is busy without making socket calls.
    Busy,
    /// The program makes too many calls to show.
    Endless,
    /// The program was stopped after this many seconds.
    Stopped(u64),
    /// The program exited: how, and its last line of output if it failed.
    Ended(String, Option<String>),
}

impl Event {
    pub fn is_call(&self, name: &str) -> bool {
        matches!(self, Event::Call(call) if call.name == name)
    }
}

/// What either end does on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerAction {
    Connect,
    Send(Vec<u8>),
    /// Closes its sending side.
    End,
    /// Sends nothing and waits.
    Wait,
}

/// A call of the program, with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The name that the lesson uses.
    pub name: &'static str,
    /// The name of the system call, if it's very different.
    pub also: Option<String>,
    /// The arguments, abbreviated.
    pub arguments: String,
    pub answer: Answer,
    /// The first bytes received.
    pub received: Option<Vec<u8>>,
    /// The index of its connection.
    pub connection: Option<usize>,
    /// The port that the kernel chose, for port 0.
    pub port: Option<u16>,
    /// What the peer gets.
    pub sends: Option<PeerAction>,
}

/// The result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A number, and the address returned with it.
    Number(i64, Option<String>),
    /// The name of an error, such as ECONNREFUSED.
    Error(String),
}
