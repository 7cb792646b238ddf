//! Draws the sequence diagram of an exchange: the two hosts, with an arrow for each frame.
//!
//! It consists of ASCII characters: many terminals in East Asia draw Unicode's line-drawing
//! characters two columns wide.

use std::fmt::Write as _;

use smoltcp::socket::tcp::State;
use smoltcp::time::Instant;
use unicode_width::UnicodeWidthStr;

use crate::diagram_rows::{
    FrameRow, HOST, LINK, PAUSE, Row, RowKind, in_brackets, is_reported, rows, with_text,
};
use crate::exchange::{CLIENT, End, Event, Exchange, Protocol, SERVER};
use crate::packet_headers;
use crate::packet_label::Purpose;
use crate::parsed_packet::Packet;
use crate::simulated_link::{CROSSING, Loss};

/// The width of the time column. A whole row is 100 columns wide.
const TIME: usize = 7;

const PLAIN: &str = "";
const BOLD: &str = "1";
const FAINT: &str = "2";
const LOST: &str = "1;31";

fn colour(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::AddressLookup => "35",
        Purpose::Handshake => "32",
        Purpose::Data => "1;36",
        Purpose::Acknowledgement => "36",
        Purpose::Close => "33",
        Purpose::Error => "31",
    }
}

/// Draws an exchange, with the headers of each frame if `with_layers` is set.
pub fn draw(exchange: &Exchange, loss: Loss, with_layers: bool, coloured: bool) -> String {
    let mut diagram = Diagram { text: String::new(), coloured, last: None };
    diagram.heading(loss);
    for row in rows(exchange) {
        match &row.kind {
            RowKind::Local { text, .. } => {
                diagram.row(&row, [text, &in_brackets(row.state)], "", PLAIN, NOTHING);
            }
            RowKind::Frame(frame) => {
                diagram.frame(&row, frame);
                if with_layers {
                    for line in packet_headers::describe(frame.bytes, &frame.packet) {
                        diagram.line(&diagram.paint(FAINT, &line));
                    }
                }
            }
            RowKind::MoreLost(number) => {
                let text = format!(": {number} more of these, all lost :");
                diagram.row(&row, NOTHING, &format!("{text:^LINK$}"), LOST, NOTHING);
            }
        }
    }
    if with_layers {
        diagram.text.push_str(packet_headers::WITHOUT_HEADER);
    }
    diagram.text + &legend(exchange)
}

type Cell<'a> = [&'a str; 2];

const NOTHING: Cell = ["", ""];

struct Diagram {
    text: String,
    coloured: bool,
    last: Option<Instant>,
}

impl Diagram {
    /// Adds the control sequence for this colour (ECMA-48, SGR).
    fn paint(&self, colour: &str, text: &str) -> String {
        if self.coloured && !colour.is_empty() && !text.trim().is_empty() {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }

    fn heading(&mut self, loss: Loss) {
        let crossing = format!("a frame takes {} ms to cross", CROSSING.total_millis());
        let lossy = match loss.percent {
            0 => "none is lost".to_string(),
            percent => format!("{percent}% of them are lost (seed {})", loss.seed),
        };
        let (client, server) = (CLIENT.to_string(), SERVER.to_string());
        for (time, client, link, server) in
            [("ms", "client", &crossing, "server"), ("", &client, &lossy, &server)]
        {
            let link = format!("{link:^LINK$}");
            let row = format!("{time:>TIME$} {client:<HOST$}|{link}| {server}");
            self.line(&self.paint(BOLD, row.trim_end()));
        }
        self.line(&format!("{:->width$}", "", width = TIME + HOST + LINK + HOST + 4));
    }

    fn frame(&mut self, row: &Row, frame: &FrameRow) {
        let sender = ["", if frame.label.again { "sent again" } else { "" }];
        let receiver = ["", frame.effect.as_str()];
        let text = with_text(&frame.label.text, frame.packet.data());
        let arrow = arrow(&text, row.end, frame.lost);
        let colour = if frame.lost { LOST } else { colour(frame.label.purpose) };
        self.row(row, sender, &arrow, colour, receiver);
    }

    /// Adds a row. The client's effect is aligned right, next to the link.
    fn row(&mut self, row: &Row, own: Cell, link: &str, colour: &str, other: Cell) {
        let at = row.at;
        let [client, server] = if row.end == End::Client { [own, other] } else { [other, own] };
        if self.last.is_some_and(|last| at - last >= PAUSE) {
            let row = format!("{:>TIME$} {:HOST$}:{:LINK$}:", ":", "", "");
            self.line(&self.paint(FAINT, &row));
        }
        let is_new = self.last.replace(at) != Some(at);
        let time = if is_new { at.total_millis().to_string() } else { String::new() };

        let [call, mut state] = client;
        let mut next = "";
        if call.width() + state.width() + 2 > HOST && !call.is_empty() {
            // There is no room for both on one line.
            std::mem::swap(&mut state, &mut next);
        }
        // Keep a space between the effect and the link.
        let right = if state.is_empty() { 0 } else { state.width() + 1 };
        let space = " ".repeat(HOST.saturating_sub(call.width() + right));
        let end = if state.is_empty() { "" } else { " " };
        let client = format!("{call}{space}{}{end}", self.paint(BOLD, state));

        let [call, state] = server;
        let space = if call.is_empty() { "" } else { " " };
        let server = format!("{call}{space}{}", self.paint(BOLD, state));

        let time = self.paint(FAINT, &format!("{time:>TIME$}"));
        let rest = " ".repeat(LINK.saturating_sub(link.width()));
        let link = self.paint(colour, link);
        self.line(format!("{time} {client}|{link}{rest}| {server}").trim_end());
        if !next.is_empty() {
            let space = " ".repeat(TIME + HOST - next.width());
            self.line(&format!("{space}{} |{:LINK$}|", self.paint(BOLD, next), ""));
        }
    }

    fn line(&mut self, line: &str) {
        _ = writeln!(self.text, "{line}");
    }
}

/// An arrow from one host to the other with a label. The arrow of a lost frame ends early.
fn arrow(label: &str, from: End, lost: bool) -> String {
    let room = LINK.saturating_sub(label.width() + 4);
    // In the last quarter, if the label isn't longer.
    let rest = if lost { room.min(LINK / 4) } else { 0 };
    let line = "-".repeat(room - rest);
    let rest = " ".repeat(rest);
    match (from, lost) {
        (End::Client, false) => format!("- {label} {line}>"),
        (End::Client, true) => format!("- {label} {line}x{rest}"),
        (End::Server, false) => format!("<{line} {label} -"),
        (End::Server, true) => format!("{rest}x{line} {label} -"),
    }
}

fn legend(exchange: &Exchange) -> String {
    let events = || exchange.events.iter();
    let is_icmp = |event: &&Event| matches!(event.packet(), Some(Packet::Icmp(..)));
    let has_icmp = |reported| {
        events().filter(is_icmp).any(|event| is_reported(exchange, event.end) == reported)
    };
    let is_tcp = exchange.protocol == Protocol::Tcp;
    let waits = events().any(|event| event.state == Some(State::TimeWait));
    let resets = events().any(Event::is_reset);
    let parts = [
        (is_tcp, TCP_LEGEND),
        (waits, TIME_WAIT),
        (resets && waits, LATE_RST),
        (resets && !waits, RST),
        (!is_tcp, UDP_LEGEND),
        (has_icmp(true), REPORTED),
        (has_icmp(false), NOT_REPORTED),
    ];
    parts.into_iter().filter(|(is_used, _)| *is_used).map(|(_, text)| text).collect()
}

const TCP_LEGEND: &str = "
ms         when a frame is sent; it arrives 10 ms later
[STATE]    the new state of this end of the connection
seq        the number of the first byte in the segment, counted from the SYN, which is 0
ack        the number of the next byte that is expected: all bytes before it have arrived
win        the window: the number of bytes that the sender of this segment has room to receive
";

const RST: &str = "\
RST        reset: there is no such connection, or no longer one; an RST is never answered
";

const LATE_RST: &str = "\
RST        reset: the connection no longer exists. The last FIN arrived after TIME-WAIT. No data is
           lost, because both ends had closed. A longer TIME-WAIT makes this less likely.
";

const TIME_WAIT: &str = "\
TIME-WAIT  the end that closed first waits, in case its last ACK is lost: 10 seconds here,
           4 minutes in the standard (RFC 9293)
";

const UDP_LEGEND: &str = "
ms         when a frame is sent; it arrives 10 ms later

Each message is one datagram. There is no handshake, no acknowledgement and no close: UDP never
knows whether a datagram has arrived, and never sends it again.
";

const NOT_REPORTED: &str = "
not reported  the system receives the ICMP packet, but the socket hasn't called connect, so no call
              returns an error, and the program can only wait (try --connect)
";

const REPORTED: &str = "
reported      the socket has called connect, which sends nothing over UDP but fixes the remote
              address and port: the next call fails when an ICMP packet about them arrives
";
