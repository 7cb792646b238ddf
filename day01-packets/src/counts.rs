//! What was sent, lost, sent again and delivered: for TCP and for UDP, side by side.

use std::fmt::Write as _;

use crate::events::{Exchange, Protocol, What};
use crate::packet::{Conversation, Packet};

/// The numbers of one exchange. The look-up of the address (ARP) and reports of errors (ICMP)
/// are not counted: they belong to neither protocol.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Segments of TCP, or datagrams of UDP, put on the link.
    pub sent: usize,
    /// How many of them were lost.
    pub lost: usize,
    /// How many of them had been sent before.
    pub again: usize,
}

/// Counts the packets of an exchange.
pub fn count(exchange: &Exchange) -> Counts {
    let mut counts = Counts::default();
    let mut conversation = Conversation::default();
    for event in &exchange.events {
        if let What::Frame { frame, lost } = &event.what
            && let Some(packet @ (Packet::Tcp(..) | Packet::Udp(..))) = Packet::read(frame)
        {
            let label = conversation.name(event.end, &packet);
            counts.sent += 1;
            counts.lost += usize::from(*lost);
            counts.again += usize::from(label.again);
        }
    }
    counts
}

/// The table under the picture: the exchange that was drawn, and the other protocol with the
/// same messages, the same loss and the same seed. There is no other when a message is too
/// long for a datagram.
pub fn table(drawn: &Exchange, other: Option<&Exchange>) -> String {
    let exchanges = [Some(drawn), other];
    let of =
        |protocol| exchanges.into_iter().flatten().find(|exchange| exchange.protocol == protocol);
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
    numbers("  delivered to the server", |exchange| exchange.reached_server.len());
    numbers("  delivered back to the client", |exchange| exchange.came_back.len());
    if other.is_none() {
        text.push_str("UDP cannot send them: one is too long for a datagram\n");
    }
    text
}
