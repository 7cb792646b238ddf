//! The events of a traced program and its peer.

use crate::messages::Message;

/// The most columns of a message.
pub const MESSAGE: usize = 14;

#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Peer {
        connection: usize,
        did: PeerAction,
        /// The call that should have followed but didn't.
        never: Option<&'static str>,
    },
    /// A call of the program that has returned.
    Call(ShownCall),
    /// Something else about the program, or about a call that it didn't make or is still in.
    Note { call: Option<&'static str>, text: Message },
    /// The program exited: how, and its last line of output if it failed.
    Ended(String, Option<String>),
}

impl Event {
    pub fn is_call(&self, name: &str) -> bool {
        matches!(self, Event::Call(call) if call.name == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerAction {
    Connect,
    Send(Vec<u8>),
    /// Closes its sending side.
    End,
    Wait,
}

/// A call of the program, with its result.
#[derive(Debug, PartialEq, Eq)]
pub struct ShownCall {
    /// The name that the lesson uses.
    pub name: &'static str,
    /// The arguments, abbreviated, and the result.
    pub text: String,
    pub error: Option<String>,
    pub connection: Option<usize>,
    /// The port that the kernel chose, for port 0.
    pub port: Option<u16>,
    /// What the peer gets.
    pub sends: Option<PeerAction>,
}
