//! What happened, in its order: what the peer did, and the calls of the program.

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The peer did something.
    Peer {
        /// The number of its connection.
        connection: usize,
        /// What it did.
        did: Did,
        /// The call that should have answered to it and never came.
        never: Option<&'static str>,
    },
    /// The program made a call, and the system has answered.
    Call(Call),
    /// The program never made this call, which was its turn.
    Never {
        /// The call.
        name: &'static str,
        /// The message that it is about, if it is about one.
        message: Option<Vec<u8>>,
    },
    /// The program waits in this call, or in none on a socket.
    Waits(Option<&'static str>),
    /// The program goes on without one of the calls above.
    Busy,
    /// It goes on making calls, and nobody looks any longer.
    Endless,
    /// It took too long: so many seconds.
    Stopped(u64),
    /// The program ended: how, and its last words if it failed.
    Ended(String, Option<String>),
}

impl Event {
    /// Whether the program made this call.
    pub fn is_call(&self, name: &str) -> bool {
        matches!(self, Event::Call(call) if call.name == name)
    }
}

/// What goes over a connection, from either end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// A new connection.
    Connect,
    /// These bytes.
    Bytes(Vec<u8>),
    /// No more bytes: the end of file.
    End,
    /// Nothing: it waits.
    Wait,
}

/// A call of the program, with the system's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its name in the lesson.
    pub name: &'static str,
    /// Its name in the system, where that is quite another.
    pub also: Option<String>,
    /// Its arguments, in short.
    pub arguments: String,
    /// What the system answered.
    pub answer: Answer,
    /// The bytes that it received, or the first of them.
    pub received: Option<Vec<u8>>,
    /// The number of the connection that it is about.
    pub connection: Option<usize>,
    /// The port that the system has chosen for it, where it asked for none.
    pub port: Option<u16>,
    /// What goes to the peer with it.
    pub sends: Option<Did>,
}

/// What the system answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A number, and the address that came with it.
    Number(i64, Option<String>),
    /// The name of an error: ECONNREFUSED.
    Error(String),
}
