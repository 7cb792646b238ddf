//! The picture: two hosts, the time going down, and an arrow for each frame between them.
//!
//! It is drawn with ASCII alone. The line-drawing characters of Unicode would look smoother,
//! but many terminals in East Asia draw them two columns wide, and a ladder would lose its
//! rungs.

use std::fmt::Write as _;

use lesson::quoted_within;
use smoltcp::socket::tcp::State;
use smoltcp::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

use crate::events::{CLIENT, Call, End, Event, Exchange, Outcome, Protocol, SERVER, Server, What};
use crate::layers;
use crate::link::{CROSSING, Loss};
use crate::packet::{Conversation, Label, Packet, Part, bytes};

/// The widths of the picture's columns. With the spaces and lines between them, a row is 100
/// columns wide.
const TIME: usize = 7;
const HOST: usize = 21;
const LINK: usize = 47;

/// From this pause on, a row marks that time has passed.
const PAUSE: Duration = Duration::from_millis(500);

/// So many lost frames in a row that are all the same are drawn; the rest is counted.
const ALIKE: usize = 2;

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
    if exchange.server == Server::Nobody {
        picture.row(Instant::ZERO, NOTHING, "", PLAIN, ["nobody has port 8888", ""]);
    }
    let mut conversation = Conversation::default();
    for alike in exchange.events.chunk_by(is_same_loss) {
        // Folding a single row would not make the picture shorter.
        let drawn = if alike.len() > ALIKE + 1 { ALIKE } else { alike.len() };
        for event in &alike[..drawn] {
            match &event.what {
                What::Call(call) => picture.call(event, call),
                What::Timer { before } => picture.timer(event, *before),
                What::Frame { frame, lost } => {
                    let Some(packet) = Packet::read(frame) else { continue };
                    let label = conversation.name(event.end, &packet);
                    let came = match &packet {
                        _ if *lost => "lost",
                        Packet::Icmp(..) if is_told(exchange, event) => "told",
                        Packet::Icmp(..) => "not told",
                        _ => &in_brackets(event.state),
                    };
                    picture.frame(event, &label, packet.data(), *lost, came);
                    if with_layers {
                        for line in layers::describe(frame, &packet) {
                            picture.line(&ink.paint(FAINT, &line));
                        }
                    }
                }
            }
        }
        if let Some(last) = alike[drawn..].last() {
            let text = format!(": {} more of these, all lost :", alike.len() - drawn);
            picture.row(last.at, NOTHING, &format!("{text:^LINK$}"), LOST, NOTHING);
        }
    }
    if with_layers {
        picture.text.push_str(layers::WITHOUT_HEADER);
    }
    picture.text + &legend(exchange)
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

    fn call(&mut self, event: &Event, call: &Call) {
        let start = format!("{} {}", call.step, call.name);
        let text = match &call.outcome {
            // The state says that it waits.
            Outcome::Waits if event.state.is_some() => start,
            Outcome::Waits => format!("{start} waits"),
            Outcome::Made(argument) => format!("{start} {argument}").trim_end().to_string(),
            Outcome::Returns => format!("{start} returns"),
            Outcome::End => format!("{start} 0 bytes (end)"),
            Outcome::Failed(why) => format!("{start} {why}"),
            Outcome::Bytes(data) => {
                let text = format!("{start} {}", quoted_within(data, HOST));
                if text.width() <= HOST { text } else { format!("{start} {}", bytes(data.len())) }
            }
        };
        self.local(event, &text);
    }

    fn timer(&mut self, event: &Event, before: State) {
        self.local(event, if before == State::TimeWait { "wait over" } else { "gave up" });
    }

    /// Adds a row for something that happened on one host alone.
    fn local(&mut self, event: &Event, text: &str) {
        let cell = [text, &in_brackets(event.state)];
        match event.end {
            End::Client => self.row(event.at, cell, "", PLAIN, NOTHING),
            End::Server => self.row(event.at, NOTHING, "", PLAIN, cell),
        }
    }

    /// Adds a row for a frame, and what came of it where it arrives.
    fn frame(&mut self, event: &Event, label: &Label, data: &[u8], lost: bool, came: &str) {
        let sender = ["", if label.again { "sent again" } else { "" }];
        let receiver = ["", came];
        let text = with_text(&label.text, data);
        let arrow = arrow(&text, event.end, lost);
        let colour = if lost { LOST } else { colour(label.part) };
        match event.end {
            End::Client => self.row(event.at, sender, &arrow, colour, receiver),
            End::Server => self.row(event.at, receiver, &arrow, colour, sender),
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

fn in_brackets(state: Option<State>) -> String {
    state.map(|state| format!("[{state}]")).unwrap_or_default()
}

/// The label of a frame, with the start of the application's bytes if there is room for it.
fn with_text(label: &str, data: &[u8]) -> String {
    // Beside the label: two spaces, two quotes, three dots and at least 4 for the arrow.
    let room = LINK.saturating_sub(label.width() + 11);
    if data.is_empty() || room == 0 {
        label.to_string()
    } else {
        format!("{label} {}", quoted_within(data, room))
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
        legend += if icmp.iter().any(|event| is_told(exchange, event)) { TOLD } else { "" };
        legend += if icmp.iter().any(|event| !is_told(exchange, event)) { NOT_TOLD } else { "" };
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

/// Whether the socket is told of the error that this frame reports: the server's never is.
fn is_told(exchange: &Exchange, event: &Event) -> bool {
    exchange.told && event.end == End::Server
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
