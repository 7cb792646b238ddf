//! The data of the page: the requested exchange, the same messages over the other protocol, and both
//! with other losses and seeds, all simulated in advance.

use std::collections::{BTreeSet, HashMap};

use common::quoted_within;
use serde_json::{Value, json};

use crate::diagram_rows::{FrameRow, PAUSE, Row, RowKind, rows, with_text};
use crate::exchange::{CLIENT, End, Exchange, Protocol, SERVER, Scenario};
use crate::packet_counts::count;
use crate::packet_headers;
use crate::packet_label::Purpose;
use crate::simulated_link::{CROSSING, Loss};
use crate::simulation;

/// The losses to choose from, apart from none and the requested one. With more, the retransmissions
/// make an exchange too long to step through.
const LOSSES: [u8; 4] = [10, 20, 30, 40];

/// The seeds to choose from, apart from the requested one: enough to see that each loses other frames,
/// and few enough to try them all.
const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];

/// Above this size no further seed is added, so that the page opens quickly on a phone. `hello` takes
/// a sixth of it.
const MAX_BYTES: usize = 800_000;

/// The maximum width of a message in the title, in columns.
const TITLE: usize = 24;

/// What the command line asks for.
pub struct Request<'a> {
    pub protocol: Protocol,
    /// The requested protocol and, if the messages fit its datagrams, the other one.
    pub protocols: Vec<Protocol>,
    pub scenario: Scenario<'a>,
    pub loss: Loss,
}

/// The data as JSON that is safe inside a `script` element.
pub fn json(request: &Request) -> String {
    let Loss { percent: loss, seed } = request.loss;
    let mut exchanges = Exchanges::default();
    exchanges.add(request, request.loss);
    exchanges.add(request, Loss { percent: 0, seed });

    let (mut losses, mut seeds) = (BTreeSet::from([0, loss]), BTreeSet::from([seed]));
    for seed in [seed].into_iter().chain(SEEDS.into_iter().filter(|other| *other != seed)) {
        let before = exchanges.clone();
        let all: BTreeSet<u8> = losses.iter().copied().chain(LOSSES).collect();
        for percent in all.iter().filter(|percent| **percent > 0) {
            // A long exchange takes time, so stop as soon as there are too many.
            if exchanges.bytes <= MAX_BYTES {
                exchanges.add(request, Loss { percent: *percent, seed });
            }
        }
        if exchanges.bytes > MAX_BYTES {
            exchanges = before;
            break;
        }
        losses = all;
        seeds.insert(seed);
    }

    let messages = request.scenario.messages.iter().map(|message| quoted_within(message, TITLE));
    let data = json!({
        "protocol": request.protocol.name(),
        "loss": loss,
        // A string, because JavaScript's numbers are exact only up to 2⁵³.
        "seed": seed.to_string(),
        "messages": messages.collect::<Vec<_>>(),
        "client": CLIENT.to_string(),
        "server": SERVER.to_string(),
        "crossing": CROSSING.total_millis(),
        "pause": PAUSE.total_millis(),
        "protocols": request.protocols.iter().map(|one| one.name()).collect::<Vec<_>>(),
        "losses": losses,
        "seeds": seeds.iter().map(u64::to_string).collect::<Vec<_>>(),
        "frames": exchanges.frames,
        "exchanges": exchanges.exchanges,
    });
    // `</script>` and `<!--` would end the element, or change how the rest is read.
    data.to_string().replace('<', "\\u003c")
}

#[derive(Default, Clone)]
struct Exchanges {
    added: BTreeSet<(u8, u64)>,
    exchanges: Vec<Value>,
    /// The headers of each frame, once: most frames are in many exchanges.
    frames: Vec<Value>,
    frame_numbers: HashMap<Vec<u8>, usize>,
    /// The size of all this as JSON.
    bytes: usize,
}

impl Exchanges {
    /// Adds the messages over a link with this loss, unless they are there already.
    fn add(&mut self, request: &Request, loss: Loss) {
        // If no frame is lost, or every one, the seed makes no difference.
        let seed = if matches!(loss.percent, 0 | 100) { 0 } else { loss.seed };
        if !self.added.insert((loss.percent, seed)) {
            return;
        }
        for protocol in &request.protocols {
            let exchange = simulation::exchange(*protocol, request.scenario, loss);
            let exchange = self.exchange(&exchange, loss);
            self.bytes += exchange.to_string().len();
            self.exchanges.push(exchange);
        }
    }

    fn exchange(&mut self, exchange: &Exchange, loss: Loss) -> Value {
        let counts = count(exchange);
        json!({
            "protocol": exchange.protocol.name(),
            "loss": loss.percent,
            "seed": loss.seed.to_string(),
            "failure": exchange.outcome.err().map(|failure| failure.to_string()),
            "counts": {
                "sent": counts.sent,
                "lost": counts.lost,
                "again": counts.again,
                "given": exchange.sent.len(),
                "reached": exchange.received_by_server.len(),
                "back": exchange.received_by_client.len(),
            },
            "rows": rows(exchange).iter().map(|row| self.row(row)).collect::<Vec<_>>(),
        })
    }

    /// A row, with the texts of the diagram. What doesn't apply to it is left out.
    fn row(&mut self, row: &Row) -> Value {
        let mut json = match &row.kind {
            RowKind::Local { text, waits } => json!({ "text": text, "waits": waits }),
            RowKind::Frame(frame) => {
                let data = frame.packet.data();
                let text = with_text(&frame.label.text, data);
                let raw = with_text(&frame.label.raw, data);
                // A new state has its own member.
                let effect = frame.effect.as_str();
                json!({
                    "raw": Some(raw).filter(|raw| *raw != text),
                    "text": text,
                    "part": purpose_name(frame.label.purpose),
                    "frame": self.frame_number(frame),
                    "lost": frame.lost,
                    "again": frame.label.again,
                    "effect": if row.state.is_none() && !frame.lost { effect } else { "" },
                })
            }
            RowKind::MoreLost(number) => {
                json!({ "text": format!("{number} more of these, all lost"), "alike": number })
            }
        };
        json["at"] = json!(row.at.total_millis());
        json["end"] = json!(if row.end == End::Client { "client" } else { "server" });
        json["state"] = json!(row.state.map(|state| state.to_string()));
        if let Some(members) = json.as_object_mut() {
            members.retain(|_, value| !value.is_null() && *value != false && *value != "");
        }
        json
    }

    fn frame_number(&mut self, frame: &FrameRow) -> usize {
        let next = self.frames.len();
        let number = *self.frame_numbers.entry(frame.bytes.to_vec()).or_insert(next);
        if number == next {
            let headers = packet_headers::headers(frame.bytes, &frame.packet);
            let headers = headers.iter().map(|header| {
                json!({
                    "layer": header.layer,
                    "name": header.name,
                    "length": header.length,
                    "fields": header.fields,
                })
            });
            let headers = Value::from_iter(headers);
            self.bytes += headers.to_string().len();
            self.frames.push(headers);
        }
        number
    }
}

/// The name of a purpose in the style sheet.
fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::AddressLookup => "lookup",
        Purpose::Handshake => "handshake",
        Purpose::Data => "data",
        Purpose::Acknowledgement => "acknowledgement",
        Purpose::Close => "close",
        Purpose::Error => "other",
    }
}
