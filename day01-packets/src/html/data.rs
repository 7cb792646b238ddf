//! What the page knows: the exchange that was asked for, the same messages over the other protocol,
//! and both over worse cables and with other dice, all simulated beforehand.

use std::collections::{BTreeSet, HashMap};

use common::quoted_within;

use super::json::{list, object, object_of, text};
use crate::counts::count;
use crate::events::{CLIENT, End, Exchange, Play, Protocol, SERVER};
use crate::layers;
use crate::link::{CROSSING, Loss};
use crate::packet::Part;
use crate::rows::{Happened, PAUSE, Row, Sent, rows, with_text};
use crate::simulation;

/// The losses to choose from, beside none and the one that was asked for. With more, so much is
/// sent again that nobody wants to step through it.
const LOSSES: [u8; 4] = [10, 20, 30, 40];

/// The seeds to choose from, beside the one that was asked for: enough to see that each loses other
/// frames, and few enough to try them all.
const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];

/// Bytes of data from which on a page gets no further seed: it opens at once on a phone, and can be
/// sent to somebody. `hello` takes a sixth of it; long messages get fewer exchanges.
const MOST_BYTES: usize = 800_000;

/// The columns in which a message is shown in the title.
const TITLE: usize = 24;

/// What was asked for on the command line.
pub struct Asked<'a> {
    pub protocol: Protocol,
    /// That one and, if it can send the messages, the other one.
    pub protocols: Vec<Protocol>,
    pub play: Play<'a>,
    pub loss: Loss,
}

/// All of it, as JSON.
pub fn data(asked: &Asked) -> String {
    let Loss { percent: loss, seed } = asked.loss;
    let mut exchanges = Exchanges::default();
    exchanges.add(asked, asked.loss);
    exchanges.add(asked, Loss { percent: 0, seed });

    let (mut losses, mut seeds) = (BTreeSet::from([0, loss]), BTreeSet::from([seed]));
    for seed in [seed].into_iter().chain(SEEDS.into_iter().filter(|other| *other != seed)) {
        let without = exchanges.clone();
        let of_all: BTreeSet<u8> = losses.iter().copied().chain(LOSSES).collect();
        for percent in of_all.iter().filter(|percent| **percent > 0) {
            exchanges.add(asked, Loss { percent: *percent, seed });
        }
        if exchanges.bytes() > MOST_BYTES {
            exchanges = without;
            break;
        }
        losses = of_all;
        seeds.insert(seed);
    }

    let messages = asked.play.messages.iter().map(|message| text(&quoted_within(message, TITLE)));
    object([
        ("protocol", text(protocol_name(asked.protocol))),
        ("loss", loss.to_string()),
        ("seed", seed_text(seed)),
        ("messages", list(messages)),
        ("client", text(&CLIENT.to_string())),
        ("server", text(&SERVER.to_string())),
        ("crossing", CROSSING.total_millis().to_string()),
        ("pause", PAUSE.total_millis().to_string()),
        ("protocols", list(asked.protocols.iter().map(|one| text(protocol_name(*one))))),
        ("losses", list(losses.iter().map(u8::to_string))),
        ("seeds", list(seeds.into_iter().map(seed_text))),
        ("frames", list(exchanges.frames.json)),
        ("exchanges", list(exchanges.json)),
    ])
}

/// A seed as a text: a number of JavaScript is exact up to 2⁵³ only.
fn seed_text(seed: u64) -> String {
    text(&seed.to_string())
}

fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    }
}

fn end_name(end: End) -> &'static str {
    match end {
        End::Client => "client",
        End::Server => "server",
    }
}

/// The exchanges of a page, each as JSON.
#[derive(Default, Clone)]
struct Exchanges {
    there: BTreeSet<(u8, u64)>,
    json: Vec<String>,
    frames: Frames,
}

impl Exchanges {
    /// Simulates the messages over a cable with this loss, unless that has been done.
    fn add(&mut self, asked: &Asked, loss: Loss) {
        if !self.there.insert((loss.percent, loss.seed)) {
            return;
        }
        for protocol in &asked.protocols {
            let exchange = simulation::exchange(*protocol, asked.play, loss);
            self.json.push(self.frames.exchange(&exchange, loss));
        }
    }

    fn bytes(&self) -> usize {
        self.json.iter().chain(&self.frames.json).map(String::len).sum()
    }
}

/// The frames of all exchanges, each once: most are in many of them.
#[derive(Default, Clone)]
struct Frames {
    numbers: HashMap<Vec<u8>, usize>,
    json: Vec<String>,
}

impl Frames {
    fn exchange(&mut self, exchange: &Exchange, loss: Loss) -> String {
        let counts = count(exchange);
        let numbers = [
            ("sent", counts.sent),
            ("lost", counts.lost),
            ("again", counts.again),
            ("given", exchange.sent.len()),
            ("reached", exchange.reached_server.len()),
            ("back", exchange.came_back.len()),
        ];
        let failure = exchange.outcome.err().map(|failure| text(&failure.to_string()));
        object([
            ("protocol", text(protocol_name(exchange.protocol))),
            ("loss", loss.percent.to_string()),
            ("seed", seed_text(loss.seed)),
            ("failure", failure.unwrap_or_else(|| "null".to_string())),
            ("counts", object(numbers.map(|(name, number)| (name, number.to_string())))),
            ("rows", list(rows(exchange).iter().map(|row| self.row(row)))),
        ])
    }

    /// A row, with the texts of the picture.
    fn row(&mut self, row: &Row) -> String {
        let mut members =
            vec![("at", row.at.total_millis().to_string()), ("end", text(end_name(row.end)))];
        match &row.what {
            Happened::Local { text: words, waits } => {
                members.push(("text", text(words)));
                members.extend(waits.then(|| ("waits", "true".to_string())));
            }
            Happened::Frame(sent) => {
                let data = sent.packet.data();
                let (words, raw) =
                    (with_text(&sent.label.text, data), with_text(&sent.label.raw, data));
                members.push(("text", text(&words)));
                members.extend((raw != words).then(|| ("raw", text(&raw))));
                members.push(("part", text(part_name(sent.label.part))));
                members.push(("frame", self.number(sent).to_string()));
                members.extend(sent.lost.then(|| ("lost", "true".to_string())));
                members.extend(sent.label.again.then(|| ("again", "true".to_string())));
                // A state has a member of its own.
                let told = row.state.is_none() && !sent.lost && !sent.came.is_empty();
                members.extend(told.then(|| ("came", text(&sent.came))));
            }
            Happened::Alike(number) => {
                members.push(("text", text(&format!("{number} more of these, all lost"))));
                members.push(("alike", number.to_string()));
            }
        }
        members.extend(row.state.map(|state| ("state", text(&state.to_string()))));
        object_of(members)
    }

    /// The number of a frame among all.
    fn number(&mut self, sent: &Sent) -> usize {
        let next = self.json.len();
        let number = *self.numbers.entry(sent.frame.to_vec()).or_insert(next);
        if number == next {
            let headers = layers::headers(sent.frame, &sent.packet).into_iter().map(|header| {
                object([
                    ("layer", text(header.layer)),
                    ("name", text(&header.name)),
                    ("length", header.length.to_string()),
                    ("fields", list(header.fields.iter().map(|field| text(field)))),
                ])
            });
            self.json.push(list(headers));
        }
        number
    }
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Lookup => "lookup",
        Part::Handshake => "handshake",
        Part::Data => "data",
        Part::Acknowledgement => "acknowledgement",
        Part::Close => "close",
        Part::Other => "other",
    }
}
