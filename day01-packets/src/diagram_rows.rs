//! The rows of a sequence diagram with their texts, for the terminal (`packet_diagram`) and for the
//! page (`html_page`).

use common::{bytes, quoted_within};
use smoltcp::socket::tcp::State;
use smoltcp::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

use crate::exchange::{Call, End, Event, EventKind, Exchange, Outcome, Server};
use crate::packet_label::{Label, Labeller};
use crate::parsed_packet::Packet;

/// The widths of the columns for a host and for the link.
pub const HOST: usize = 21;
pub const LINK: usize = 47;

/// A pause of at least this length is marked in the diagram.
pub const PAUSE: Duration = Duration::from_millis(500);

/// How many identical frames, all lost one after the other, get a row each. The rest is counted.
const MAX_SAME: usize = 2;

/// An [`Event`] as it is drawn, with its time, host and new state.
pub struct Row<'a> {
    pub at: Instant,
    pub end: End,
    pub kind: RowKind<'a>,
    pub state: Option<State>,
}

pub enum RowKind<'a> {
    /// An event on one host, usually a call. `waits`: it blocks.
    Local {
        text: String,
        waits: bool,
    },
    Frame(Box<FrameRow<'a>>),
    /// This many more frames like the last one, all lost.
    MoreLost(usize),
}

pub struct FrameRow<'a> {
    pub bytes: &'a [u8],
    pub packet: Packet<'a>,
    pub label: Label,
    pub lost: bool,
    pub effect: String,
}

pub fn rows(exchange: &Exchange) -> Vec<Row<'_>> {
    let mut rows = vec![];
    if exchange.server == Server::Absent {
        let kind = RowKind::Local { text: "no program on 8888".to_string(), waits: false };
        rows.push(Row { at: Instant::ZERO, end: End::Server, kind, state: None });
    }
    let mut labeller = Labeller::default();
    for same in exchange.events.chunk_by(is_same_loss) {
        // Replacing a single row would not make the diagram shorter.
        let shown = if same.len() > MAX_SAME + 1 { MAX_SAME } else { same.len() };
        for event in &same[..shown] {
            let kind = match &event.kind {
                EventKind::Call(call) => RowKind::Local {
                    text: call_text(call, event.state),
                    waits: matches!(call.outcome, Outcome::Waits),
                },
                EventKind::Timer { before } => {
                    let text = if *before == State::TimeWait { "wait over" } else { "gave up" };
                    RowKind::Local { text: text.to_string(), waits: false }
                }
                EventKind::Frame { frame, lost } => {
                    let Some(packet) = Packet::read(frame) else { continue };
                    let label = labeller.label(event.end, &packet);
                    let effect = effect(exchange, event, &packet, *lost);
                    let bytes = frame;
                    RowKind::Frame(Box::new(FrameRow { bytes, packet, label, lost: *lost, effect }))
                }
            };
            rows.push(Row { at: event.at, end: event.end, kind, state: event.state });
        }
        if let Some(last) = same[shown..].last() {
            let kind = RowKind::MoreLost(same.len() - shown);
            rows.push(Row { at: last.at, end: last.end, kind, state: None });
        }
    }
    rows
}

/// Whether two events are the same frame from the same host, lost both times.
fn is_same_loss(one: &Event, next: &Event) -> bool {
    matches!((&one.kind, &next.kind),
        (EventKind::Frame { frame, lost: true }, EventKind::Frame { frame: other, lost: true })
            if one.end == next.end && frame == other)
}

fn call_text(call: &Call, state: Option<State>) -> String {
    let start = format!("{} {}", call.step, call.name);
    match &call.outcome {
        // The new state implies that it waits.
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

fn effect(exchange: &Exchange, event: &Event, packet: &Packet, lost: bool) -> String {
    match packet {
        _ if lost => "lost".to_string(),
        Packet::Icmp(..) if is_reported(exchange, event.end) => "reported".to_string(),
        Packet::Icmp(..) => "not reported".to_string(),
        _ => in_brackets(event.state),
    }
}

/// Whether a call of the receiving socket fails because of an ICMP error from this host. The server's
/// calls never do.
pub fn is_reported(exchange: &Exchange, from: End) -> bool {
    exchange.reports_errors && from == End::Server
}

pub fn in_brackets(state: Option<State>) -> String {
    state.map(|state| format!("[{state}]")).unwrap_or_default()
}

/// The label of a frame with the start of the application's data, if there is room.
pub fn with_text(label: &str, data: &[u8]) -> String {
    // The rest: two spaces, two quotes, three dots and at least four columns for the arrow.
    let room = LINK.saturating_sub(label.width() + 11);
    if data.is_empty() || room == 0 {
        label.to_string()
    } else {
        format!("{label} {}", quoted_within(data, room))
    }
}
