//! The table below the diagram: how many packets and bytes TCP and UDP need for the same messages.

use std::fmt::Write as _;

use crate::exchange::{EventKind, Exchange, Protocol};
use crate::packet_label::Labeller;
use crate::parsed_packet::Packet;

/// The numbers of TCP segments or UDP datagrams in an exchange. ARP and ICMP belong to neither
/// protocol and aren't counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sent, including lost and sent again.
    pub sent: usize,
    pub lost: usize,
    pub again: usize,
}

pub fn count(exchange: &Exchange) -> Counts {
    let mut counts = Counts::default();
    let mut labeller = Labeller::default();
    for event in &exchange.events {
        if let EventKind::Frame { frame, lost } = &event.kind
            && let Some(packet @ (Packet::Tcp(..) | Packet::Udp(..))) = Packet::read(frame)
        {
            let label = labeller.label(event.end, &packet);
            counts.sent += 1;
            counts.lost += usize::from(*lost);
            counts.again += usize::from(label.again);
        }
    }
    counts
}

/// Compares the exchange in the diagram with the other protocol, with the same messages, loss and
/// seed. There is no `other` if a message is too long for a datagram.
pub fn table(drawn: &Exchange, other: Option<&Exchange>) -> String {
    let exchanges = || [Some(drawn), other].into_iter().flatten();
    let of = |protocol| exchanges().find(|exchange| exchange.protocol == protocol);
    let columns = [of(Protocol::Tcp), of(Protocol::Udp)];
    let title = |name: &str, protocol| {
        if drawn.protocol == protocol { format!("{name}, above") } else { name.to_string() }
    };
    let mut text = String::from("\n");
    let mut row = |name: &str, cells: [String; 2]| {
        _ = writeln!(text, "{name:<34}{:>14}{:>14}", cells[0], cells[1]);
    };
    row("the same messages, over", [title("TCP", Protocol::Tcp), title("UDP", Protocol::Udp)]);
    let mut numbers = |name: &str, number: fn(&Exchange) -> usize| {
        let cell = |exchange: Option<&Exchange>| {
            exchange.map_or_else(|| "-".to_string(), |exchange| number(exchange).to_string())
        };
        row(name, columns.map(cell));
    };
    numbers("packets sent, without ARP", |exchange| count(exchange).sent);
    numbers("  lost on the way", |exchange| count(exchange).lost);
    numbers("  sent again", |exchange| count(exchange).again);
    numbers("bytes the client sent", |exchange| exchange.sent.len());
    numbers("  delivered to the server", |exchange| exchange.received_by_server.len());
    numbers("  delivered back to the client", |exchange| exchange.received_by_client.len());
    if other.is_none() {
        text.push_str("UDP can't send them: a message is too long for a datagram\n");
    }
    text
}
