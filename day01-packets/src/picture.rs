//! The picture: two hosts, the time going down, and an arrow for each frame between them.
//!
//! It is drawn with ASCII alone. The line-drawing characters of Unicode would look smoother,
//! but many terminals in East Asia draw them two columns wide, and a ladder would lose its
//! rungs.

use std::fmt::Write as _;

use smoltcp::socket::tcp::State;
use smoltcp::time::Instant;
use unicode_width::UnicodeWidthStr;

use crate::events::{CLIENT, End, Event, Exchange, Protocol, SERVER, What};
use crate::layers;
use crate::link::{CROSSING, Loss};
use crate::packet::{Packet, Part};
use crate::rows::{HOST, Happened, LINK, PAUSE, Row, Sent, in_brackets, is_told, rows, with_text};

/// The width of the column for the time. With the spaces and lines between them, a row is 100
/// columns wide.
const TIME: usize = 7;

/// Colours, if the reader's terminal shows them.
#[derive(Debug, Clone, Copy)]
pub struct Ink {
    pub coloured: bool,
}

impl Ink {
    /// `text` in the colour with this number (ECMA-48, "select graphic rendition").
    fn paint(self, colour: &str, text: &str) -> String {
        if self.coloured && !colour.is_empty() && !text.trim().is_empty() {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}

const PLAIN: &str = "";
const BOLD: &str = "1";
const FAINT: &str = "2";
const LOST: &str = "1;31";

fn colour(part: Part) -> &'static str {
    match part {
        Part::Lookup => "35",
        Part::Handshake => "32",
        Part::Data => "1;36",
        Part::Acknowledgement => "36",
        Part::Close => "33",
        Part::Other => "31",
    }
}

/// Draws all that happened. With `with_layers`, the headers of each frame are under it.
pub fn draw(exchange: &Exchange, loss: Loss, with_layers: bool, ink: Ink) -> String {
    let mut picture = Picture { text: String::new(), ink, last: None };
    picture.head(loss);
    for row in rows(exchange) {
        match &row.what {
            Happened::Local { text, .. } => picture.local(&row, text),
            Happened::Frame(sent) => {
                picture.frame(&row, sent);
                if with_layers {
                    for line in layers::describe(sent.frame, &sent.packet) {
                        picture.line(&ink.paint(FAINT, &line));
                    }
                }
            }
            Happened::Alike(number) => {
                let text = format!(": {number} more of these, all lost :");
                picture.row(row.at, NOTHING, &format!("{text:^LINK$}"), LOST, NOTHING);
            }
        }
    }
    if with_layers {
        picture.text.push_str(layers::WITHOUT_HEADER);
    }
    picture.text + &legend(exchange)
}

/// A text, and what came of it.
type Cell<'a> = [&'a str; 2];

const NOTHING: Cell = ["", ""];

struct Picture {
    text: String,
    ink: Ink,
    /// The time of the last row.
    last: Option<Instant>,
}

impl Picture {
    fn head(&mut self, loss: Loss) {
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
            self.line(&self.ink.paint(BOLD, row.trim_end()));
        }
        self.line(&format!("{:->width$}", "", width = TIME + HOST + LINK + HOST + 4));
    }

    /// Adds a row for something that happened on one host alone.
    fn local(&mut self, row: &Row, text: &str) {
        let cell = [text, &in_brackets(row.state)];
        match row.end {
            End::Client => self.row(row.at, cell, "", PLAIN, NOTHING),
            End::Server => self.row(row.at, NOTHING, "", PLAIN, cell),
        }
    }

    /// Adds a row for a frame, and what came of it where it arrives.
    fn frame(&mut self, row: &Row, sent: &Sent) {
        let sender = ["", if sent.label.again { "sent again" } else { "" }];
        let receiver = ["", sent.came.as_str()];
        let text = with_text(&sent.label.text, sent.packet.data());
        let arrow = arrow(&text, row.end, sent.lost);
        let colour = if sent.lost { LOST } else { colour(sent.label.part) };
        match row.end {
            End::Client => self.row(row.at, sender, &arrow, colour, receiver),
            End::Server => self.row(row.at, receiver, &arrow, colour, sender),
        }
    }

    /// Adds a row. At the client, what came of the text stands at the right, beside the link.
    fn row(&mut self, at: Instant, client: Cell, link: &str, colour: &str, server: Cell) {
        if self.last.is_some_and(|last| at - last >= PAUSE) {
            let row = format!("{:>TIME$} {:HOST$}:{:LINK$}:", ":", "", "");
            self.line(&self.ink.paint(FAINT, &row));
        }
        let time = match self.last {
            Some(last) if last == at => String::new(),
            _ => at.total_millis().to_string(),
        };
        self.last = Some(at);

        let [call, mut state] = client;
        let next = if call.width() + state.width() + 2 > HOST && !call.is_empty() {
            // There is no room for both.
            std::mem::take(&mut state)
        } else {
            ""
        };
        // A space keeps what stands at the right from touching the link.
        let right = if state.is_empty() { 0 } else { state.width() + 1 };
        let space = " ".repeat(HOST.saturating_sub(call.width() + right));
        let end = if state.is_empty() { "" } else { " " };
        let client = format!("{call}{space}{}{end}", self.ink.paint(BOLD, state));

        let [call, state] = server;
        let space = if call.is_empty() { "" } else { " " };
        let server = format!("{call}{space}{}", self.ink.paint(BOLD, state));

        let time = self.ink.paint(FAINT, &format!("{time:>TIME$}"));
        let rest = " ".repeat(LINK.saturating_sub(link.width()));
        let link = self.ink.paint(colour, link);
        self.line(format!("{time} {client}|{link}{rest}| {server}").trim_end());
        if !next.is_empty() {
            self.row(at, ["", next], "", PLAIN, NOTHING);
        }
    }

    fn line(&mut self, line: &str) {
        _ = writeln!(self.text, "{line}");
    }
}

/// An arrow from one host to the other, with its label on it. The arrow of a lost frame ends
/// on the way.
fn arrow(label: &str, from: End, lost: bool) -> String {
    let room = LINK.saturating_sub(label.width() + 4);
    // Lost on the last quarter of the way, if the label is not longer.
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

/// What the words in a picture mean: those that are in it.
fn legend(exchange: &Exchange) -> String {
    if exchange.protocol == Protocol::Udp {
        let mut legend = UDP_LEGEND.to_string();
        let icmp: Vec<&Event> = exchange.events.iter().filter(|event| is_icmp(event)).collect();
        legend += if icmp.iter().any(|event| is_told(exchange, event.end)) { TOLD } else { "" };
        legend +=
            if icmp.iter().any(|event| !is_told(exchange, event.end)) { NOT_TOLD } else { "" };
        return legend;
    }
    let waits = exchange.events.iter().any(|event| event.state == Some(State::TimeWait));
    let resets = exchange.events.iter().any(is_reset);
    let mut legend = TCP_LEGEND.to_string();
    legend += if waits { TIME_WAIT } else { "" };
    legend += match (resets, waits) {
        (true, true) => LATE_RST,
        (true, false) => RST,
        (false, _) => "",
    };
    legend
}

fn is_icmp(event: &Event) -> bool {
    matches!(&event.what, What::Frame { frame, .. }
        if matches!(Packet::read(frame), Some(Packet::Icmp(..))))
}

fn is_reset(event: &Event) -> bool {
    matches!(&event.what, What::Frame { frame, .. }
        if matches!(Packet::read(frame), Some(Packet::Tcp(_, tcp)) if tcp.rst()))
}

const TCP_LEGEND: &str = "
ms         when a frame is sent; it arrives 10 ms later
[STATE]    the end on this side of the connection is in this state now
seq        the number of the first byte in the segment, counted from the SYN, which is 0
ack        the number of the next byte that is expected: all before it have come
win        the window: the host that sent this has room to receive so many bytes
";

const RST: &str = "\
RST        reset: there is no connection here, or none any more; an RST itself is never answered
";

const LATE_RST: &str = "\
RST        reset: there is no connection here any more. The last FIN came after TIME-WAIT was over:
           nothing is lost by it, since both ends had closed. A longer TIME-WAIT makes it rarer.
";

const TIME_WAIT: &str = "\
TIME-WAIT  the end that closed first waits, in case its last ACK is lost: 10 seconds here,
           4 minutes in the standard (RFC 9293)
";

/// What is in a UDP picture, and what is not.
const UDP_LEGEND: &str = "
ms         when a frame is sent; it arrives 10 ms later

Each message is one datagram, on its own. There is no handshake, no acknowledgement and no close:
UDP itself never knows whether a datagram has arrived, and sends none again.
";

const NOT_TOLD: &str = "
not told   the system has the ICMP packet and keeps it to itself: the socket has not called connect,
           and is told of no error. Its program can only wait. (With --connect, the client is told.)
";

const TOLD: &str = "
told       the socket has called connect, which sends nothing over UDP: now it belongs to this one
           address and port, and a call fails when an ICMP packet about them comes.
";
