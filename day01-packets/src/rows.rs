//! What happened, one row after the other, in the words of the picture: it draws these rows, and
//! the page (`html`) steps through the same ones.

use common::quoted_within;
use smoltcp::socket::tcp::State;
use smoltcp::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

use crate::events::{Call, End, Event, Exchange, Outcome, Server, What};
use crate::packet::{Conversation, Label, Packet, bytes};

/// The widths of the picture's columns for a host and for the link: so much room has a text.
pub const HOST: usize = 21;
pub const LINK: usize = 47;

/// From this pause on, it is marked that time has passed.
pub const PAUSE: Duration = Duration::from_millis(500);

/// So many lost frames in a row that are all the same get a row each; the rest is counted.
const ALIKE: usize = 2;

/// A row: something that happened.
pub struct Row<'a> {
    pub at: Instant,
    /// The host on which it happened: for a frame, the one that sent it.
    pub end: End,
    pub what: Happened<'a>,
    /// The state that the connection entered by it: for a frame, at the host that received it.
    pub state: Option<State>,
}

/// What happened.
pub enum Happened<'a> {
    /// Something on one host alone: a call, most of the time, which may wait from now on.
    Local { text: String, waits: bool },
    /// A frame was put on the link.
    Frame(Box<Sent<'a>>),
    /// More of the frames above, all lost.
    Alike(usize),
}

/// A frame on the link.
pub struct Sent<'a> {
    pub frame: &'a [u8],
    pub packet: Packet<'a>,
    pub label: Label,
    pub lost: bool,
    /// What came of it where it arrives, if it is told.
    pub came: String,
}

/// The rows of an exchange, in their order.
pub fn rows(exchange: &Exchange) -> Vec<Row<'_>> {
    let mut rows = vec![];
    if exchange.server == Server::Nobody {
        let what = Happened::Local { text: "nobody has port 8888".to_string(), waits: false };
        rows.push(Row { at: Instant::ZERO, end: End::Server, what, state: None });
    }
    let mut conversation = Conversation::default();
    for alike in exchange.events.chunk_by(is_same_loss) {
        // Folding a single row would not make the picture shorter.
        let own = if alike.len() > ALIKE + 1 { ALIKE } else { alike.len() };
        for event in &alike[..own] {
            let what = match &event.what {
                What::Call(call) => Happened::Local {
                    text: call_text(call, event.state),
                    waits: matches!(call.outcome, Outcome::Waits),
                },
                What::Timer { before } => {
                    let text = if *before == State::TimeWait { "wait over" } else { "gave up" };
                    Happened::Local { text: text.to_string(), waits: false }
                }
                What::Frame { frame, lost } => {
                    let Some(packet) = Packet::read(frame) else { continue };
                    let label = conversation.name(event.end, &packet);
                    let came = came(exchange, event, &packet, *lost);
                    Happened::Frame(Box::new(Sent { frame, packet, label, lost: *lost, came }))
                }
            };
            rows.push(Row { at: event.at, end: event.end, what, state: event.state });
        }
        if let Some(last) = alike[own..].last() {
            let what = Happened::Alike(alike.len() - own);
            rows.push(Row { at: last.at, end: last.end, what, state: None });
        }
    }
    rows
}

/// Two frames that say the same, from the same host, and were both lost.
fn is_same_loss(one: &Event, next: &Event) -> bool {
    match (&one.what, &next.what) {
        (What::Frame { frame, lost: true }, What::Frame { frame: next_frame, lost: true }) => {
            one.end == next.end && frame == next_frame
        }
        _ => false,
    }
}

fn call_text(call: &Call, state: Option<State>) -> String {
    let start = format!("{} {}", call.step, call.name);
    match &call.outcome {
        // The state says that it waits.
        Outcome::Waits if state.is_some() => start,
        Outcome::Waits => format!("{start} waits"),
        Outcome::Made(argument) => format!("{start} {argument}").trim_end().to_string(),
        Outcome::Returns => format!("{start} returns"),
        Outcome::End => format!("{start} 0 bytes (end)"),
        Outcome::Failed(why) => format!("{start} {why}"),
        Outcome::Bytes(data) => {
            let text = format!("{start} {}", quoted_within(data, HOST));
            if text.width() <= HOST { text } else { format!("{start} {}", bytes(data.len())) }
        }
    }
}

fn came(exchange: &Exchange, event: &Event, packet: &Packet, lost: bool) -> String {
    match packet {
        _ if lost => "lost".to_string(),
        Packet::Icmp(..) if is_told(exchange, event.end) => "told".to_string(),
        Packet::Icmp(..) => "not told".to_string(),
        _ => in_brackets(event.state),
    }
}

/// Whether the socket is told of the error that a frame from this host reports: the server's never
/// is.
pub fn is_told(exchange: &Exchange, from: End) -> bool {
    exchange.told && from == End::Server
}

/// A state, as it is written beside what brought it.
pub fn in_brackets(state: Option<State>) -> String {
    state.map(|state| format!("[{state}]")).unwrap_or_default()
}

/// The label of a frame, with the start of the application's bytes if there is room for it.
pub fn with_text(label: &str, data: &[u8]) -> String {
    // Beside the label: two spaces, two quotes, three dots and at least 4 for the arrow.
    let room = LINK.saturating_sub(label.width() + 11);
    if data.is_empty() || room == 0 {
        label.to_string()
    } else {
        format!("{label} {}", quoted_within(data, room))
    }
}
